// Package dispatcher watches the weather, orders the processing that it calls for, and keeps enough workers up.
//
// Two loops do not know each other: ordering turns scans and grids into orders, scaling turns waiting orders into
// workers.
package dispatcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

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
	scaler   *scaler
	log      *slog.Logger
	store    jetstream.KeyValue

	mu    sync.Mutex // over state
	state *state
}

// New gives a dispatcher that has not started anything.
func New(cfg Config, domains []grid.Domain, client *stream.Client, f fleet.Fleet, log *slog.Logger) (*Dispatcher, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	d := &Dispatcher{cfg: cfg, domains: domains, client: client, log: log.With("stage", "dispatch"), state: newState()}
	for _, rule := range cfg.Triggers {
		t, err := trigger.Compile(rule)
		if err != nil {
			return nil, err
		}
		d.triggers = append(d.triggers, t)
	}
	d.scaler = newScaler(cfg, client, f, d.log, d.forecast)
	return d, nil
}

// Run watches and orders until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) error {
	if err := d.restore(ctx); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, who := range []struct {
		consumer stream.Consumer
		handle   stream.Handler
	}{
		{stream.Consumer{Stream: stream.Scans, Durable: "dispatcher-scans"}, d.scan},
		{stream.Consumer{Stream: stream.Grids, Durable: "dispatcher-grids", Filter: "grid.>"}, d.gridded},
		{stream.Consumer{Stream: stream.Events, Durable: "dispatcher-work", Filter: "event." + event.WorkDone + ".>"}, d.worked},
		{stream.Consumer{Stream: stream.Events, Durable: "dispatcher-source", Filter: "event." + event.SourceDone + ".>"}, d.sourceDone},
	} {
		who.consumer.Stage, who.consumer.Concurrent = "dispatch", 1 // in order
		group.Go(func() error { return d.client.Consume(ctx, d.log, who.consumer, who.handle) })
	}
	group.Go(func() error { return d.tick(ctx) })
	group.Go(func() error { return d.scaler.run(ctx) })
	return group.Wait()
}

const stateKey = "state"

// restore reads the state that the last run stored.
func (d *Dispatcher) restore(ctx context.Context) error {
	var err error
	if d.store, err = d.client.KeyValue(ctx, "dispatcher"); err != nil {
		return err
	}
	entry, err := d.store.Get(ctx, stateKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the stored state: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state, err = readState(entry.Value())
	return err
}

// save stores the state. It comes after what follows from it was published and before the message is acknowledged:
// a crash in between does the same again, under the same ids.
func (d *Dispatcher) save(ctx context.Context) error {
	data, err := json.Marshal(d.state)
	if err != nil {
		return fmt.Errorf("store the state: %w", err)
	}
	if _, err := d.store.Put(ctx, stateKey, data); err != nil {
		return fmt.Errorf("store the state: %w", err)
	}
	return nil
}

// scan hears one scan: the weather, the triggers and the orders of each domain that its radar sees follow.
func (d *Dispatcher) scan(ctx context.Context, msg stream.Message) error {
	m, err := event.Decode[event.Scan](msg.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state.Clock.hear(m.Time, time.Now(), m.Pace)
	d.radar(m.Radar).Hear(m.Time, m.Summary)
	var ready []slotted
	for _, domain := range d.domains {
		if !sees(m, domain) {
			continue
		}
		s := d.state.domain(domain.Name)
		s.keepScan(m, d.window())
		if err := d.watch(ctx, domain.Name, s, m.Time); err != nil {
			return err
		}
		ready = append(ready, d.onScan(domain.Name, s, m)...)
	}
	if err := d.orderSlots(ctx, ready); err != nil {
		return err
	}
	return d.save(ctx)
}

// gridded hears one grid: the chains on its product are ordered, if they were open when it was.
func (d *Dispatcher) gridded(ctx context.Context, msg stream.Message) error {
	if isPicture(msg.Subject) {
		return nil
	}
	m, err := event.Decode[event.Grid](msg.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.state.domain(m.Domain.Name)
	s.keepGrid(m, d.history(m.Product))
	for _, chain := range d.cfg.chainsOn("grid." + m.Product) {
		if s.OpenUntil[chain].Before(m.IssueTime) {
			continue
		}
		if err := d.orderOnGrid(ctx, s, chain, m); err != nil {
			return err
		}
	}
	return d.save(ctx)
}

// worked hears what an order took, and learns.
func (d *Dispatcher) worked(_ context.Context, msg stream.Message) error {
	m, err := event.Decode[event.Decision](msg.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	seconds, _ := m.Inputs["seconds"].(float64)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state.cost(m.Subj).Learn(seconds)
	return nil
}

// sourceDone hears that a source has ended: nothing is left to wait for.
func (d *Dispatcher) sourceDone(ctx context.Context, _ stream.Message) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.orderHeld(ctx, time.Time{})
}

// tick orders what patience has run out for, and looks whether radars have gone silent, by the data's clock.
func (d *Dispatcher) tick(ctx context.Context) error {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := d.elapsed(ctx); err != nil && ctx.Err() == nil {
			d.log.Warn("looking at the clock", "err", err)
		}
	}
}

func (d *Dispatcher) elapsed(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state.Clock.Pace == 0 {
		return nil // time passes with the scans only
	}
	now := d.state.Clock.now(time.Now())
	if err := d.orderHeld(ctx, now); err != nil {
		return err
	}
	for name, s := range d.state.Domains {
		if err := d.watch(ctx, name, s, now); err != nil {
			return err
		}
	}
	return nil
}

// orderHeld orders what is held and overdue at a time of the data, and everything where there is none.
func (d *Dispatcher) orderHeld(ctx context.Context, now time.Time) error {
	if now.IsZero() {
		now = time.Unix(1<<40, 0)
	}
	var ready []slotted
	for name, s := range d.state.Domains {
		ready = append(ready, d.overdue(name, s, now)...)
	}
	if len(ready) == 0 {
		return nil
	}
	if err := d.orderSlots(ctx, ready); err != nil {
		return err
	}
	return d.save(ctx)
}

// Waiting tells whether an order is held back for a radar that is due.
func (d *Dispatcher) Waiting() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.state.Domains {
		if len(s.Held) > 0 {
			return true
		}
	}
	return false
}
