// Package stream is the road between the stages: JetStream streams, acknowledgements, the object store and dead letters.
package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"bowecho/internal/event"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Config is what an operator may tune.
type Config struct {
	URL          string        `yaml:"url"`           // an external NATS; empty: the embedded one
	Replicas     int           `yaml:"replicas"`      // 3 on a cluster
	Keep         time.Duration `yaml:"keep"`          // how long messages stay readable
	KeepObjects  time.Duration `yaml:"keep_objects"`  // how long scans, grids and pictures stay readable
	MaxBytes     int64         `yaml:"max_bytes"`     // of the object store; 0: what the disk holds
	MaxWork      int64         `yaml:"max_work"`      // orders that may wait; more are refused, visibly
	ConnectRetry time.Duration `yaml:"connect_retry"` // how long to try to reach NATS at the start
}

// DefaultConfig serves one machine.
func DefaultConfig() Config {
	return Config{
		Replicas: 1, Keep: 24 * time.Hour, KeepObjects: 2 * time.Hour,
		MaxWork: 10_000, ConnectRetry: 30 * time.Second,
	}
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	switch {
	case c.Replicas < 1 || c.Replicas > 5:
		return fmt.Errorf("nats.replicas is %d, want 1 to 5", c.Replicas)
	case c.Keep < time.Hour || c.KeepObjects < 10*time.Minute:
		return fmt.Errorf("nats.keep is %v and nats.keep_objects %v, want at least 1h and 10m: restarts and nowcasts look back", c.Keep, c.KeepObjects)
	case c.MaxBytes != 0 && c.MaxBytes < 1<<30 || c.MaxWork < 1:
		return fmt.Errorf("nats.max_bytes is %d and nats.max_work %d, want 0 or at least 1 GiB, and at least 1", c.MaxBytes, c.MaxWork)
	}
	return nil
}

// The names of the streams.
const (
	Scans    = "SCANS"
	Warnings = "WARNINGS"
	Work     = "WORK"
	Grids    = "GRIDS"
	Areas    = "AREAS"
	Notices  = "NOTICES"
	DeadBox  = "DEAD"
	Events   = "EVENTS"
	Files    = "FILES"
)

// dedupeWindow is how long JetStream knows a message id again: longer than any retry of ours.
const dedupeWindow = 30 * time.Minute

// keepDead is how long an operator has to look at what was set aside.
const keepDead = 30 * 24 * time.Hour

// maxFiles is how many files may wait; more are refused, and their sender keeps them.
const maxFiles = 10_000

// Client publishes, consumes and stores. It is safe for concurrent use.
type Client struct {
	NC      *nats.Conn
	JS      jetstream.JetStream
	cfg     Config
	objects jetstream.ObjectStore // bulk data by content hash, for as long as KeepObjects
	moved   atomic.Int64          // bytes of objects
	aside   jetstream.ObjectStore // files that could not be read, for as long as DEAD
	wait    waiter                // nil: transfers need not wait
}

// Connect reaches NATS and makes sure that all streams exist. Close ends it.
func Connect(ctx context.Context, cfg Config, options ...nats.Option) (*Client, error) {
	options = append([]nats.Option{
		nats.Name("bowecho"), nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond),
		nats.RetryOnFailedConnect(false),
	}, options...)
	nc, err := connect(ctx, cfg, options)
	if err != nil {
		return nil, err
	}
	c := &Client{NC: nc, cfg: cfg}
	if c.JS, err = jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(256)); err == nil {
		err = c.ensure(ctx)
	}
	if err != nil {
		nc.Close()
		return nil, err
	}
	return c, nil
}

func connect(ctx context.Context, cfg Config, options []nats.Option) (*nats.Conn, error) {
	give := time.Now().Add(cfg.ConnectRetry)
	for {
		nc, err := nats.Connect(cfg.URL, options...)
		if err == nil {
			return nc, nil
		}
		if time.Now().After(give) {
			return nil, fmt.Errorf("connect to NATS: %w; check nats.url and that the server runs with JetStream", err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// Close ends the connection.
func (c *Client) Close() { c.NC.Close() }

// ensure creates or updates every stream and bucket.
func (c *Client) ensure(ctx context.Context) error {
	for _, s := range c.streams() {
		s.Storage, s.Replicas, s.Duplicates = jetstream.FileStorage, c.cfg.Replicas, dedupeWindow
		if _, err := c.JS.CreateOrUpdateStream(ctx, s); err != nil {
			return fmt.Errorf("create stream %s: %w", s.Name, err)
		}
	}
	var err error
	c.objects, err = c.bucket(ctx, "objects", "scans, grids, areas and pictures by the hash of their content", c.cfg.KeepObjects)
	if err == nil {
		c.aside, err = c.bucket(ctx, "aside", "files that could not be read, by the hash of their content", keepDead)
	}
	return err
}

func (c *Client) bucket(ctx context.Context, name, holds string, keep time.Duration) (jetstream.ObjectStore, error) {
	objects, err := c.JS.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{
		Bucket: name, Description: holds, TTL: keep, MaxBytes: cmp.Or(c.cfg.MaxBytes, -1),
		Storage: jetstream.FileStorage, Replicas: c.cfg.Replicas,
	})
	if err != nil {
		return nil, fmt.Errorf("create object store %s: %w", name, err)
	}
	return objects, nil
}

func (c *Client) streams() []jetstream.StreamConfig {
	limits := func(name, subject, holds string) jetstream.StreamConfig {
		return jetstream.StreamConfig{Name: name, Subjects: []string{subject}, Description: holds, MaxAge: c.cfg.Keep}
	}
	queue := func(name, subject, holds string, max int64) jetstream.StreamConfig {
		return jetstream.StreamConfig{
			Name: name, Subjects: []string{subject}, Description: holds,
			Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew, MaxMsgs: max,
		}
	}
	dead := limits(DeadBox, "dead.>", "what could not be processed, with the reason")
	dead.MaxAge = keepDead
	return []jetstream.StreamConfig{
		limits(Scans, "scan.>", "decoded scans"),
		limits(Warnings, "warning.>", "warnings of feeds"),
		queue(Work, "work.>", "orders", c.cfg.MaxWork),
		limits(Grids, "grid.>", "gridded products"),
		limits(Areas, "areas.>", "polygons"),
		queue(Notices, "notice.>", "notices to hand off", 1_000_000),
		dead,
		limits(Events, "event.>", "decisions and their reasons"),
		queue(Files, "files.>", "files that others send, and news of files, until they are taken", maxFiles),
	}
}

// Publish stores a message on its stream. Doing it again within the half hour is harmless: duplicate tells.
func (c *Client) Publish(ctx context.Context, m event.Message) (duplicate bool, err error) {
	ack, err := c.publish(ctx, m)
	return err == nil && ack.Duplicate, err
}

// PublishFirst is Publish for what can happen in one way only: where a message with the same id is there already, it gives
// that one.
func (c *Client) PublishFirst(ctx context.Context, m event.Message) (earlier []byte, err error) {
	ack, err := c.publish(ctx, m)
	if err != nil || !ack.Duplicate {
		return nil, err
	}
	holds, err := c.JS.Stream(ctx, ack.Stream)
	if err == nil {
		var raw *jetstream.RawStreamMsg
		if raw, err = holds.GetMsg(ctx, ack.Sequence); err == nil {
			return raw.Data, nil
		}
	}
	return nil, unserved{fmt.Errorf("read what was published before on %s: %w", m.Subject(), err)}
}

func (c *Client) publish(ctx context.Context, m event.Message) (*jetstream.PubAck, error) {
	data, err := encode(m)
	if err != nil {
		return nil, Permanent(err)
	}
	ack, err := c.JS.Publish(ctx, m.Subject(), data, jetstream.WithMsgID(m.MessageID()))
	if err != nil {
		err = fmt.Errorf("publish %s: %w", m.Subject(), err)
		if errors.Is(err, nats.ErrMaxPayload) {
			return nil, Permanent(err)
		}
		return nil, unserved{err}
	}
	return ack, nil
}

// InQueue tells whether the order with a sequence number has not been acknowledged or set aside yet.
func (c *Client) InQueue(ctx context.Context, sequence uint64) (bool, error) {
	work, err := c.JS.Stream(ctx, Work)
	if err == nil {
		_, err = work.GetMsg(ctx, sequence)
	}
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look for order %d in the queue: %w", sequence, err)
	}
	return true, nil
}

// WorkConsumer is the name that all workers of a chain share.
func WorkConsumer(chain string) string { return "work-" + event.Token(chain) }

// KeyValue gives a bucket that is kept, made at the first use.
func (c *Client) KeyValue(ctx context.Context, bucket string) (jetstream.KeyValue, error) {
	return c.KeyValueFor(ctx, bucket, 0)
}

// KeyValueFor gives a bucket whose entries are forgotten after a time, made at the first use.
func (c *Client) KeyValueFor(ctx context.Context, bucket string, keep time.Duration) (jetstream.KeyValue, error) {
	kv, err := c.JS.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: bucket, TTL: keep, Storage: jetstream.FileStorage, Replicas: c.cfg.Replicas,
	})
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", bucket, err)
	}
	return kv, nil
}
