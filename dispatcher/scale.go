package dispatcher

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strconv"
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
	forecast func(chain string) (seconds float64, open bool)
	kicked   chan struct{}
	scales   map[string]*demand.Scale
	told     map[string]status
}

// status is what was last told of a chain.
type status struct{ alive, target, waiting, running int }

func newScaler(cfg Config, client *stream.Client, f fleet.Fleet, log *slog.Logger, forecast func(string) (float64, bool)) *scaler {
	return &scaler{
		cfg: cfg, client: client, fleet: f, log: log, forecast: forecast, kicked: make(chan struct{}, 1),
		scales: map[string]*demand.Scale{}, told: map[string]status{},
	}
}

// kick makes the loop look at once.
func (s *scaler) kick() {
	select {
	case s.kicked <- struct{}{}:
	default:
	}
}

// run looks every second, and at once when an order was made, until ctx ends. Then there are no workers left, and
// that is told, too.
func (s *scaler) run(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.stopped(context.WithoutCancel(ctx))
		case <-ticker.C:
		case <-s.kicked:
		}
		alive, err := s.fleet.Count(ctx)
		if err != nil {
			s.log.Warn("counting workers", "err", err)
		}
		for _, chain := range slices.Sorted(maps.Keys(s.cfg.Chains)) {
			if err := s.look(ctx, chain, alive[chain]); err != nil && ctx.Err() == nil {
				s.log.Warn("scaling", "chain", chain, "err", err)
			}
		}
	}
}

// look scales one chain.
func (s *scaler) look(ctx context.Context, chain string, alive int) error {
	waiting, running, err := s.client.Queue(ctx, chain)
	if err != nil {
		s.log.Warn("reading the queue", "chain", chain, "err", err)
	}
	load := demand.Load{Waiting: waiting, Running: running, Known: err == nil}
	load.Seconds, load.Open = s.forecast(chain)
	scale := s.scales[chain]
	if scale == nil {
		scale = &demand.Scale{}
		s.scales[chain] = scale
	}
	was := scale.Workers
	target, reason := scale.Step(s.cfg.Scaling, load, time.Now())
	if target != was {
		if err := s.fleet.Scale(ctx, chain, target); err != nil {
			scale.Workers = was // tried again at the next look
			return fmt.Errorf("scale %s to %d: %w", chain, target, err)
		}
		inputs := map[string]any{"waiting": waiting, "running": running, "secondsEach": load.Seconds, "open": load.Open}
		if err := s.tell(ctx, event.Scaling, chain, target, was, reason, inputs); err != nil {
			return err
		}
	}
	now := status{alive, target, waiting, running}
	if now == s.told[chain] {
		return nil
	}
	s.told[chain] = now
	inputs := map[string]any{"waiting": waiting, "running": running, "workers": alive, "target": target}
	return s.tell(ctx, event.FleetStatus, chain, alive, 0, "counted", inputs)
}

func (s *scaler) stopped(ctx context.Context) error {
	for chain, scale := range s.scales {
		if scale.Workers > 0 {
			if err := s.tell(ctx, event.Scaling, chain, 0, scale.Workers, "the program is stopping", nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *scaler) tell(ctx context.Context, kind, chain string, value, was int, reason string, inputs map[string]any) error {
	now := time.Now().UTC()
	if kind == event.Scaling {
		s.log.Info("scale", "chain", chain, "workers", value, "was", was, "reason", reason)
	}
	_, err := s.client.Publish(ctx, &event.Decision{
		V: event.Version, ID: event.ID(kind, chain, now.String()), Kind: kind, Subj: chain,
		Value: strconv.Itoa(value), Was: strconv.Itoa(was), Reason: reason, Inputs: inputs, Time: now,
	})
	return err
}
