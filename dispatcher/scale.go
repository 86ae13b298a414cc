package dispatcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/fleet"
	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// ordering is what the scaling loop asks the other one.
type ordering interface {
	// bounds gives those of the workers of each chain that there is now.
	bounds() map[string]demand.Config
	// load gives what a chain has to do; without a queue, only what its triggers ask for.
	load(chain string, cfg demand.Config, q *stream.Queue, ready time.Duration, alive int) demand.Load
}

// scaler keeps enough workers up. It knows the queues and the fleet, and nothing of the weather.
type scaler struct {
	client  *stream.Client
	fleet   fleet.Fleet
	log     *slog.Logger
	orders  ordering
	kicked  chan struct{}
	store   jetstream.KeyValue
	state   scaling
	told    map[string]status
	adopted bool

	mu      sync.Mutex               // over what follows
	waiting map[string]int           // orders, by chain
	ages    map[string]time.Duration // of the oldest of them
}

// scaling is what outlasts a restart: the cooldowns, and how long workers take to be ready.
type scaling struct {
	Scales map[string]*demand.Scale `json:"scales"`
	Ready  map[string]*demand.Ready `json:"ready"`
}

const scalingKey = "scaling"

// status is what was last told of a chain.
type status struct {
	alive, target, waiting, running int
	clouds                          string
}

func newScaler(client *stream.Client, f fleet.Fleet, log *slog.Logger, orders ordering) *scaler {
	return &scaler{
		client: client, fleet: f, log: log, orders: orders, kicked: make(chan struct{}, 1), told: map[string]status{},
		state:   scaling{map[string]*demand.Scale{}, map[string]*demand.Ready{}},
		waiting: map[string]int{}, ages: map[string]time.Duration{},
	}
}

// kick makes the loop look at once.
func (s *scaler) kick() {
	select {
	case s.kicked <- struct{}{}:
	default:
	}
}

// queue tells how many orders of each chain waited at the last look, and how long the oldest of them had.
func (s *scaler) queue() (waiting map[string]int, ages map[string]time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.waiting), maps.Clone(s.ages)
}

// run looks every second, and at once when an order was made, until ctx ends. Then there are no workers left, and
// that is told, too.
func (s *scaler) run(ctx context.Context) error {
	if err := s.restore(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for counted := true; ; {
		select {
		case <-ctx.Done():
			return s.stopped(context.WithoutCancel(ctx))
		case <-ticker.C:
		case <-s.kicked:
		}
		bounds := s.orders.bounds()
		alive, err := s.fleet.Count(ctx)
		if err == nil {
			err = s.adopt(ctx, bounds, alive)
		}
		if err != nil && counted && ctx.Err() == nil {
			s.log.Warn("counting workers; it is tried again", "err", err)
		}
		counted = err == nil
		for _, chain := range s.chains(bounds) {
			if err := s.look(ctx, chain, bounds, alive); err != nil && ctx.Err() == nil {
				s.log.Warn("scaling; it is tried again", "chain", chain, "err", err)
			}
		}
	}
}

// restore reads what the last run stored. How many workers there are, the fleet knows better.
func (s *scaler) restore(ctx context.Context) (err error) {
	if s.store, err = s.client.KeyValue(ctx, "dispatcher"); err != nil {
		return err
	}
	entry, err := s.store.Get(ctx, scalingKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(entry.Value(), &s.state)
	}
	if err != nil {
		return fmt.Errorf("read the stored scaling: %w", err)
	}
	for _, scale := range s.state.Scales {
		scale.Workers = 0
	}
	return nil
}

func (s *scaler) save(ctx context.Context) error {
	data, err := json.Marshal(s.state)
	if err == nil {
		_, err = s.store.Put(ctx, scalingKey, data)
	}
	if err != nil {
		return fmt.Errorf("store the scaling: %w", err)
	}
	return nil
}

// chains names those of the config, and those that are no more and still have workers.
func (s *scaler) chains(bounds map[string]demand.Config) []string {
	for chain := range bounds {
		if s.state.Scales[chain] == nil {
			s.state.Scales[chain] = &demand.Scale{}
		}
		if s.state.Ready[chain] == nil {
			s.state.Ready[chain] = &demand.Ready{}
		}
	}
	names := slices.Sorted(maps.Keys(s.state.Scales))
	return slices.DeleteFunc(names, func(chain string) bool {
		_, wanted := bounds[chain]
		return !wanted && s.state.Scales[chain].Workers == 0
	})
}

// adopt takes over, once after the start, the workers that an earlier dispatcher left, and ends those of chains that
// are no more.
func (s *scaler) adopt(ctx context.Context, bounds map[string]demand.Config, alive map[string]int) error {
	if s.adopted {
		return nil
	}
	s.chains(bounds)
	for chain, count := range alive {
		_, wanted := bounds[chain]
		switch {
		case count == 0 || wanted && s.state.Scales[chain].Workers > 0:
			continue
		case !wanted:
			count = 0
		}
		if err := s.fleet.Scale(ctx, chain, count, "found at the start"); err != nil {
			return fmt.Errorf("take over the workers of chain %s: %w", chain, err)
		}
		if wanted {
			s.state.Scales[chain].Workers = count
		}
		if err := s.scaled(ctx, chain, count, alive[chain], "found at the start", map[string]any{"alive": alive[chain]}); err != nil {
			return err
		}
	}
	s.adopted = true
	return nil
}

// look scales one chain. Alive is nil where workers could not be counted.
func (s *scaler) look(ctx context.Context, chain string, all map[string]demand.Config, alive map[string]int) error {
	bounds, wanted := all[chain]
	if !wanted {
		return s.end(ctx, chain)
	}
	s.count(ctx, chain, alive)
	load := s.load(ctx, chain, bounds, alive)
	if err := s.scale(ctx, chain, bounds, load); err != nil || alive == nil || !load.Known {
		return err
	}
	return s.status(ctx, chain, status{
		alive: alive[chain], target: s.state.Scales[chain].Workers, waiting: load.Waiting, running: load.Running,
	})
}

// end takes the workers from a chain that is no more in the config.
func (s *scaler) end(ctx context.Context, chain string) error {
	scale := s.state.Scales[chain]
	was := scale.Workers
	if err := s.fleet.Scale(ctx, chain, 0, "the chain is no more in the config"); err != nil {
		return err
	}
	scale.Workers = 0
	return s.scaled(ctx, chain, 0, was, "the chain is no more in the config", map[string]any{"alive": was})
}

// count measures how long workers take to be ready.
func (s *scaler) count(ctx context.Context, chain string, alive map[string]int) {
	ready := s.state.Ready[chain]
	was := ready.Time
	if alive == nil {
		return
	}
	if ready.Count(alive[chain], time.Now()); ready.Time != was {
		if err := s.save(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("what was measured is not stored", "err", err)
		}
	}
}

// load gives what a chain has to do.
func (s *scaler) load(ctx context.Context, chain string, bounds demand.Config, alive map[string]int) demand.Load {
	there, counted := alive[chain]
	if scale := s.state.Scales[chain]; !counted || there > scale.Workers {
		there = scale.Workers
	}
	queue, err := s.client.Queue(ctx, chain)
	if err != nil {
		if ctx.Err() == nil {
			s.log.Warn("reading the queue", "chain", chain, "err", err)
		}
		return s.orders.load(chain, bounds, nil, 0, there)
	}
	s.mu.Lock()
	s.waiting[chain], s.ages[chain] = queue.Waiting, queue.Age
	s.mu.Unlock()
	return s.orders.load(chain, bounds, &queue, s.state.Ready[chain].Guess(time.Now()), there)
}

// scale sets how many workers a chain has, where that changes.
func (s *scaler) scale(ctx context.Context, chain string, bounds demand.Config, load demand.Load) error {
	scale, now := s.state.Scales[chain], time.Now()
	before := *scale
	target, reason := scale.Step(bounds, load, now)
	if target == before.Workers {
		return nil
	}
	if err := s.fleet.Scale(ctx, chain, target, reason); err != nil {
		*scale = before
		return fmt.Errorf("from %d to %d workers: %w", before.Workers, target, err)
	}
	s.state.Ready[chain].Ask(before.Workers, target, now)
	ctx = context.WithoutCancel(ctx) // what has been done is told, also at the end
	err := s.save(ctx)
	return errors.Join(err, s.scaled(ctx, chain, target, before.Workers, reason, load.Inputs(bounds, before, now)))
}

func (s *scaler) scaled(ctx context.Context, chain string, value, was int, reason string, inputs map[string]any) error {
	s.log.Info("scale", "chain", chain, "workers", value, "was", was, "reason", reason)
	return s.tell(ctx, event.Scaling, chain, value, was, reason, inputs)
}

// status tells how many workers and orders there are, and in which clouds, where that has changed.
func (s *scaler) status(ctx context.Context, chain string, now status) error {
	inputs := map[string]any{"waiting": now.waiting, "running": now.running, "workers": now.alive, "target": now.target}
	if spread, over := s.fleet.(fleet.Spread); over {
		shares := spread.Shares(chain)
		inputs["clouds"] = shares
		now.clouds = fmt.Sprint(shares)
	}
	was, known := s.told[chain]
	if known && now == was {
		return nil
	}
	s.told[chain] = now
	return s.tell(ctx, event.FleetStatus, chain, now.alive, was.alive, "counted", inputs)
}

func (s *scaler) stopped(ctx context.Context) error {
	var errs []error
	for chain, scale := range s.state.Scales {
		if scale.Workers > 0 {
			errs = append(errs, s.scaled(ctx, chain, 0, scale.Workers, "the program is stopping", map[string]any{"alive": scale.Workers}))
		}
	}
	return errors.Join(errs...)
}

// tell publishes at once, unlike the ordering loop: a number of workers is no promise that must survive a crash.
func (s *scaler) tell(ctx context.Context, kind, chain string, value, was int, reason string, inputs map[string]any) error {
	now := time.Now().UTC()
	_, err := s.client.Publish(ctx, &event.Decision{
		V: event.Version, ID: event.ID(kind, chain, now.String()), Kind: kind, Subj: chain,
		Value: strconv.Itoa(value), Was: strconv.Itoa(was), Reason: reason, Inputs: inputs, Time: now,
	})
	return err
}
