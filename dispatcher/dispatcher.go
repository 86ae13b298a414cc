// Package dispatcher watches the weather, orders the processing that it calls for, and keeps enough workers up.
//
// Two loops do not know each other: ordering turns scans and grids into orders, scaling turns waiting orders into
// workers.
//
// Ordering decides first, stores what it decided together with the messages that follow from it, then publishes them,
// and only then acknowledges what it heard. Whatever breaks in between, no slot is ordered twice or forgotten.
package dispatcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/fleet"
	"bowecho/dispatcher/trigger"
	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// Dispatcher orders work and scales workers.
type Dispatcher struct {
	cfg      Config
	domains  []grid.Domain
	triggers []*trigger.Trigger
	client   *stream.Client
	fleet    fleet.Fleet
	scaler   *scaler
	spender  *spender
	log      *slog.Logger
	store    jetstream.KeyValue
	now      func() time.Time                                  // the wall clock
	queue    func() (map[string]int, map[string]time.Duration) // orders of each chain that wait
	restored chan struct{}                                     // closed when the state of the last run is there

	mu      sync.Mutex // over what follows
	state   *state
	current bool                        // a scan has been heard since the start
	orders  map[string]*demand.Forecast // of each chain
	ended   map[string]bool             // orders in hand that are told to be done, by id

	lookedSoon, lookedAll time.Time     // when orders in hand were last looked for in the queue
	hurry                 chan struct{} // makes the clock be looked at at once
}

// scansDurable is the name under which JetStream remembers how far scans have been heard.
const scansDurable = "dispatcher-scans"

// New gives a dispatcher that has not started anything.
func New(cfg Config, domains []grid.Domain, client *stream.Client, f fleet.Fleet, log *slog.Logger) (*Dispatcher, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	triggers, err := cfg.triggers()
	if err != nil {
		return nil, err
	}
	d := &Dispatcher{
		cfg: cfg, domains: domains, triggers: triggers, client: client, fleet: f, log: log.With("stage", "dispatch"), now: time.Now,
		restored: make(chan struct{}), state: newState(), orders: map[string]*demand.Forecast{}, ended: map[string]bool{},
		hurry: make(chan struct{}, 1),
	}
	d.spender = newSpender(client, f, d.config, d.log)
	d.scaler = newScaler(client, f, d.log, d)
	d.queue = d.scaler.queue
	return d, nil
}

// config gives what the operator wants now.
func (d *Dispatcher) config() Config {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cfg
}

// Run watches, orders and scales until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) error {
	if err := d.restore(ctx); err != nil {
		return err
	}
	close(d.restored)
	group, ctx := errgroup.WithContext(ctx)
	for _, who := range []struct {
		consumer stream.Consumer
		handle   stream.Handler
	}{
		{stream.Consumer{Stream: stream.Scans, Durable: scansDurable}, d.scan},
		{stream.Consumer{Stream: stream.Grids, Durable: "dispatcher-grids", Filter: "grid.>"}, d.gridded},
		{stream.Consumer{Stream: stream.Warnings, Durable: "dispatcher-warnings"}, d.warned},
		{stream.Consumer{Stream: stream.Events, Durable: "dispatcher-feeds", Filter: "event." + event.FeedHeard + ".>"}, d.feedHeard},
		{stream.Consumer{Stream: stream.Events, Durable: "dispatcher-work", Filter: "event." + event.WorkDone + ".>"}, d.worked},
		{stream.Consumer{Stream: stream.Events, Durable: "dispatcher-dropped", Filter: "event." + event.OrderDropped + ".>"}, d.dropped},
		{stream.Consumer{Stream: stream.Events, Durable: "dispatcher-source", Filter: "event." + event.SourceDone + ".>"}, d.sourceDone},
	} {
		who.consumer.Stage, who.consumer.Concurrent = "dispatch", 1 // in order
		group.Go(func() error { return d.client.Consume(ctx, d.log, who.consumer, who.handle) })
	}
	group.Go(func() error { return d.tick(ctx) })
	group.Go(func() error { return d.scaler.run(ctx) })
	group.Go(func() error { return d.spender.run(ctx) })
	group.Go(func() error { return d.rank(ctx) })
	return group.Wait()
}

// scan hears one scan.
func (d *Dispatcher) scan(ctx context.Context, msg stream.Message) error {
	m, err := event.Decode[event.Scan](msg.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	return d.decide(ctx, func() { d.hearScan(m, d.now()) })
}

// gridded hears one grid.
func (d *Dispatcher) gridded(ctx context.Context, msg stream.Message) error {
	if strings.HasPrefix(msg.Subject, "grid.picture.") {
		return nil
	}
	m, err := event.Decode[event.Grid](msg.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	return d.decide(ctx, func() { d.hearGrid(m) })
}

// worked hears what an order took, and learns. That is stored with the next decision: to lose it is no harm.
func (d *Dispatcher) worked(_ context.Context, msg stream.Message) error {
	m, err := event.Decode[event.Decision](msg.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	done, err := readDone(m)
	if err != nil {
		return stream.Permanent(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state.cost(m.Subj).Learn(done.Features, *done.Seconds, done.First || done.Attempt > 1)
	d.forecastOf(m.Subj).Done(done.Order)
	d.hearEnd(m.Subj, done.Order)
	return nil
}

// done is what a worker tells of an order that it has served.
type done struct {
	Order    string         `json:"order"`
	Seconds  *float64       `json:"seconds"`
	Features event.Features `json:"features"`
	Attempt  int            `json:"attempt"`
	First    bool           `json:"first"` // of the worker, which loaded things
}

func readDone(m *event.Decision) (d done, err error) {
	data, err := json.Marshal(m.Inputs)
	if err == nil {
		err = json.Unmarshal(data, &d)
	}
	if err == nil && d.Seconds == nil {
		err = errors.New("it says no seconds")
	}
	if err != nil {
		return d, fmt.Errorf("%s of chain %s: %w", m.Kind, m.Subj, err)
	}
	return d, nil
}

// dropped hears that an order was past its deadline.
func (d *Dispatcher) dropped(_ context.Context, msg stream.Message) error {
	m, err := event.Decode[event.Decision](msg.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forecastOf(m.Subj).Done(m.Value)
	return nil
}

// sourceDone hears that a source has ended: when all its scans have been heard, nothing is left to wait for.
func (d *Dispatcher) sourceDone(ctx context.Context, msg stream.Message) error {
	m, err := event.Decode[event.Decision](msg.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	return d.decide(ctx, func() { d.state.Ended = m.Time })
}

// acknowledged is how long a worker takes, after it has told that an order is done, to take it out of the queue.
const acknowledged = 5 * time.Millisecond

// tick looks at the clock: for orders that have waited long enough or whose turn it is, and for radars that have gone silent.
func (d *Dispatcher) tick(ctx context.Context) error {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-d.hurry:
			time.Sleep(acknowledged)
		}
		ended, err := d.sourceEnded(ctx)
		var gone []inHand
		if err == nil {
			gone, err = d.left(ctx, time.Now())
		}
		if err == nil {
			err = d.look(ctx, ended, gone)
		}
		if err != nil && ctx.Err() == nil {
			d.log.Warn("looking at the clock", "err", err)
		}
	}
}

// sourceEnded tells when the source ended, once all its scans have been heard; else zero.
func (d *Dispatcher) sourceEnded(ctx context.Context) (time.Time, error) {
	d.mu.Lock()
	ended, held := d.state.Ended, d.state.held()
	d.mu.Unlock()
	if ended.IsZero() || !held {
		return time.Time{}, nil
	}
	if heard, err := d.client.Heard(ctx, stream.Scans, scansDurable); err != nil || !heard {
		return time.Time{}, err
	}
	return ended, nil
}

// Waiting tells whether an order is held back: for a radar that is due, until it is its turn, or because it could not be
// published.
func (d *Dispatcher) Waiting() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.held() || d.state.waiting() > 0 || len(d.state.Outbox) > 0
}
