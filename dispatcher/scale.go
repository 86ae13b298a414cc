package dispatcher

import (
	"context"
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
)

// scaler keeps enough workers up. It knows the queues and the fleet, and nothing of the weather.
type scaler struct {
	cfg      Config
	client   *stream.Client
	fleet    fleet.Fleet
	log      *slog.Logger
	forecast func(chain string, within time.Duration) demand.Load
	kicked   chan struct{}
	scales   map[string]*demand.Scale
	told     map[string]status
	adopted  bool

	mu      sync.Mutex     // over what follows
	waiting map[string]int // orders, by chain
}

// status is what was last told of a chain.
type status struct {
	alive, target, waiting, running int
	clouds                          string
}

func newScaler(cfg Config, client *stream.Client, f fleet.Fleet, log *slog.Logger, forecast func(string, time.Duration) demand.Load) *scaler {
	s := &scaler{
		cfg: cfg, client: client, fleet: f, log: log, forecast: forecast, kicked: make(chan struct{}, 1),
		scales: map[string]*demand.Scale{}, told: map[string]status{}, waiting: map[string]int{},
	}
	for chain := range cfg.Chains {
		s.scales[chain] = &demand.Scale{}
	}
	return s
}

// kick makes the loop look at once.
func (s *scaler) kick() {
	select {
	case s.kicked <- struct{}{}:
	default:
	}
}

// queue tells how many orders of each chain waited at the last look.
func (s *scaler) queue() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.waiting)
}

// run looks every second, and at once when an order was made, until ctx ends. Then there are no workers left, and
// that is told, too.
func (s *scaler) run(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for counted := true; ; {
		select {
		case <-ctx.Done():
			return s.stopped(context.WithoutCancel(ctx))
		case <-ticker.C:
		case <-s.kicked:
		}
		alive, err := s.fleet.Count(ctx)
		if err == nil {
			err = s.adopt(ctx, alive)
		}
		if err != nil && counted && ctx.Err() == nil {
			s.log.Warn("counting workers; it is tried again", "err", err)
		}
		counted = err == nil
		for _, chain := range slices.Sorted(maps.Keys(s.scales)) {
			if err := s.look(ctx, chain, alive); err != nil && ctx.Err() == nil {
				s.log.Warn("scaling; it is tried again", "chain", chain, "err", err)
			}
		}
	}
}

// adopt takes over, once after the start, the workers that an earlier dispatcher left, and ends those of chains that
// are no more.
func (s *scaler) adopt(ctx context.Context, alive map[string]int) error {
	if s.adopted {
		return nil
	}
	for chain, count := range alive {
		scale := s.scales[chain]
		switch {
		case count == 0 || scale != nil && scale.Workers > 0:
			continue
		case scale == nil:
			count = 0
		}
		if err := s.fleet.Scale(ctx, chain, count, "found at the start"); err != nil {
			return fmt.Errorf("take over the workers of chain %s: %w", chain, err)
		}
		if scale != nil {
			scale.Workers = count
		}
		if err := s.scaled(ctx, chain, count, alive[chain], "found at the start", nil); err != nil {
			return err
		}
	}
	s.adopted = true
	return nil
}

// look scales one chain. Alive is nil where workers could not be counted.
func (s *scaler) look(ctx context.Context, chain string, alive map[string]int) error {
	bounds := s.cfg.scaling(chain)
	load := s.load(ctx, chain, bounds.Finish)
	if err := s.scale(ctx, chain, bounds, load); err != nil || alive == nil || !load.Known {
		return err
	}
	return s.status(ctx, chain, status{alive: alive[chain], target: s.scales[chain].Workers, waiting: load.Waiting, running: load.Running})
}

// load gives what a chain has to do.
func (s *scaler) load(ctx context.Context, chain string, within time.Duration) demand.Load {
	load := s.forecast(chain, within)
	var err error
	if load.Waiting, load.Running, err = s.client.Queue(ctx, chain); err != nil {
		if ctx.Err() == nil {
			s.log.Warn("reading the queue", "chain", chain, "err", err)
		}
		return load
	}
	load.Known = true
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting[chain] = load.Waiting
	return load
}

// scale sets how many workers a chain has, where that changes.
func (s *scaler) scale(ctx context.Context, chain string, bounds demand.Config, load demand.Load) error {
	scale := s.scales[chain]
	was := scale.Workers
	target, reason := scale.Step(bounds, load, time.Now())
	if target == was {
		return nil
	}
	if err := s.fleet.Scale(ctx, chain, target, reason); err != nil {
		scale.Workers = was
		return fmt.Errorf("from %d to %d workers: %w", was, target, err)
	}
	return s.scaled(ctx, chain, target, was, reason, map[string]any{
		"waiting": load.Waiting, "running": load.Running, "expected": load.Expected, "secondsEach": load.Seconds, "open": load.Open,
	})
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
	for chain, scale := range s.scales {
		if scale.Workers > 0 {
			errs = append(errs, s.scaled(ctx, chain, 0, scale.Workers, "the program is stopping", nil))
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
