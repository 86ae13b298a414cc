// Package bucket takes files from S3-compatible buckets: by listing them again and again, and on events where the bucket
// sends them.
package bucket

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"bowecho/ingest/source"
	"bowecho/internal/stream"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/sync/errgroup"
)

// Bucket is a source. An object counts once for each version (ETag) of it.
type Bucket struct {
	cfg       Config
	skip      *regexp.Regexp // nil: none
	ours      *regexp.Regexp // the keys that the prefix means
	core      minio.Core
	transport *http.Transport
	client    *stream.Client // for events; nil without
	log       *slog.Logger
	line      source.Line
	watches   []watch
	seen      time.Time // the last look at everything that went well
	offered   source.Offered
	mu        sync.Mutex
	open      map[string]minio.ObjectInfo // handed over, and not yet taken
	emitting  sync.Mutex
}

// watch looks for new objects.
type watch interface {
	// look gives objects that have changed since a time, oldest first, and others perhaps.
	look(ctx context.Context, since time.Time) ([]minio.ObjectInfo, error)
}

// New gives a source that has not started anything. The client may be nil where there is no subject for events.
func New(cfg Config, client *stream.Client, log *slog.Logger) (*Bucket, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg, l, err := cfg.completed()
	if err != nil {
		return nil, err
	}
	server, err := url.Parse(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	b := &Bucket{
		cfg: cfg, skip: l.skip, ours: keysOf(cfg), client: client, log: log, open: map[string]minio.ObjectInfo{},
		line: source.Line{Log: log, To: cfg.Endpoint + "/" + cfg.Bucket},
		transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext, DisableCompression: true,
			ResponseHeaderTimeout: 30 * time.Second, TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: atOnce,
		},
	}
	keys := credentials.NewEnvAWS() // without a key in it, requests go without
	if cfg.Anonymous {
		keys = credentials.NewStaticV4("", "", "")
	}
	s3, err := minio.New(server.Host, &minio.Options{
		Creds: keys, Secure: server.Scheme == "https", Region: cfg.Region, Transport: b.transport, MaxRetries: 1,
	})
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", cfg.Bucket, err)
	}
	b.core = minio.Core{Client: s3}
	b.addWatches(l)
	return b, nil
}

func (b *Bucket) addWatches(l layout) {
	if !strings.Contains(b.cfg.Prefix, "{site}") {
		b.watches = []watch{&dated{list: b.list, prefix: b.cfg.Prefix}}
	}
	for _, site := range b.cfg.Sites {
		prefix := strings.ReplaceAll(b.cfg.Prefix, "{site}", site)
		if l.chunks {
			b.watches = append(b.watches, &ring{list: b.list, site: prefix})
		} else {
			b.watches = append(b.watches, &dated{list: b.list, prefix: prefix})
		}
	}
}

// Line gives the line to the server.
func (b *Bucket) Line() *source.Line { return &b.line }

// Run looks, and listens to events where they come, until ctx ends. Each look emits what is new.
func (b *Bucket) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	defer b.transport.CloseIdleConnections()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return b.poll(ctx, emit) })
	if b.cfg.Notify != "" {
		group.Go(func() error { return b.listen(ctx, emit) })
	}
	return group.Wait()
}

func (b *Bucket) poll(ctx context.Context, emit func(context.Context, source.File) error) error {
	b.seen = time.Now()
	for ctx.Err() == nil {
		began := time.Now()
		objects, err := b.look(ctx)
		for _, o := range objects {
			if err := b.offer(ctx, o, emit); err != nil {
				return err
			}
		}
		if err != nil {
			err = b.line.Down(ctx, err)
		} else {
			b.line.Up(ctx)
			b.seen = began
			err = source.Wait(ctx, began.Add(b.cfg.Poll))
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// atOnce is how many listings are asked for at once.
const atOnce = 8

// look gives what is new at all watches, and what was not taken when it was handed over. One that fails does not keep
// the others from it. After an outage it looks back to before it.
func (b *Bucket) look(ctx context.Context) ([]minio.ObjectInfo, error) {
	since := b.seen.Add(-b.cfg.LookBack)
	found := make([][]minio.ObjectInfo, len(b.watches)+1)
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, w := range b.watches {
		group.Go(func() (err error) {
			found[i], err = w.look(ctx, since)
			return err
		})
	}
	err := group.Wait()
	there := map[string]bool{}
	b.mu.Lock()
	for id, o := range b.open {
		there[id] = true
		found[len(b.watches)] = append(found[len(b.watches)], o)
	}
	b.mu.Unlock()
	all := slices.Concat(found...)
	for _, o := range all {
		there[b.identity(o)] = true
	}
	if err == nil {
		b.offered.Keep(func(id string) bool { return there[id] })
	}
	all = slices.DeleteFunc(all, func(o minio.ObjectInfo) bool { return o.LastModified.Before(since) && !b.unfinished(o) })
	slices.SortStableFunc(all, byTime)
	return all, err
}

// byTime sorts by the time that the names tell, and by key where they tell none or the same.
func byTime(a, b minio.ObjectInfo) int {
	at, _ := source.TimeInName(path.Base(a.Key))
	bt, _ := source.TimeInName(path.Base(b.Key))
	return cmp.Or(at.Compare(bt), cmp.Compare(a.Key, b.Key))
}

func (b *Bucket) unfinished(o minio.ObjectInfo) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, is := b.open[b.identity(o)]
	return is
}

func (b *Bucket) identity(o minio.ObjectInfo) string {
	return b.cfg.Endpoint + "/" + b.cfg.Bucket + "/" + o.Key + " " + o.ETag
}
