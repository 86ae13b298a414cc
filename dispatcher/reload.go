package dispatcher

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"bowecho/dispatcher/trigger"
	"bowecho/internal/config"
	"bowecho/internal/event"
)

// Reload goes on with another config, where that is good. States of triggers and of chains go on; what is no longer there
// is closed: orders of a chain that wait are served, and then its workers go. Restart names the keys of other parts of the
// config that have changed, too, and count after a restart only. The error tells what is wrong with the config, or that
// the change could not be stored: then it is to be tried again.
func (d *Dispatcher) Reload(ctx context.Context, cfg Config, restart []string) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	triggers, err := cfg.triggers()
	if err == nil {
		err = d.begun(ctx)
	}
	if err != nil {
		return err
	}
	return d.decide(ctx, func() {
		changed := config.Changes(d.cfg, cfg)
		d.cfg, d.triggers = cfg, triggers
		d.reloaded(event.Accepted, summed(changed, restart), map[string]any{"changed": changed, "restart": restart})
		now := d.state.Clock.now(d.now())
		for _, s := range d.state.Domains {
			d.retire(s, now)
			d.watch(s, now)
		}
	})
}

// Refuse tells that a config is bad, and that the one before it still counts.
func (d *Dispatcher) Refuse(ctx context.Context, bad error) error {
	if err := d.begun(ctx); err != nil {
		return err
	}
	return d.decide(ctx, func() {
		d.reloaded(event.Refused, "the config before it still counts: "+bad.Error(), map[string]any{"error": bad.Error()})
	})
}

// begun waits until the state of the last run is there.
func (d *Dispatcher) begun(ctx context.Context) error {
	select {
	case <-d.restored:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reloaded tells what became of a config. Two of them at one time of the data are two decisions.
func (d *Dispatcher) reloaded(value, reason string, inputs map[string]any) {
	d.tell(&event.Decision{
		ID:   event.ID(event.ConfigChange, value, reason, d.now().String()),
		Kind: event.ConfigChange, Subj: "dispatcher", Value: value, Reason: reason, Inputs: inputs, DataTime: d.state.Clock.now(d.now()),
	})
}

// summed says in a sentence what has changed.
func summed(changed, restart []string) string {
	parts := []string{"nothing has changed"}
	if len(changed) > 0 {
		parts = []string{"changed: " + strings.Join(changed, ", ")}
	}
	if len(restart) > 0 {
		parts = append(parts, "counts after a restart only: "+strings.Join(restart, ", "))
	}
	return strings.Join(parts, "; ")
}

// retire closes in a domain the triggers and chains that are no longer in the config.
func (d *Dispatcher) retire(s *domainState, now time.Time) {
	known := map[string]bool{}
	for _, t := range d.triggers {
		known[t.Name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(s.Triggers)) {
		if was := s.Triggers[name]; !known[name] && (was.Open || was.Unknown) {
			d.tell(&event.Decision{
				Kind: event.TriggerChange, Subj: name, Domain: s.Domain.Name, Value: "closed", Was: was.Value(),
				Reason: "it is no longer in the config", Inputs: map[string]any{"chainsOpen": false}, DataTime: now,
			})
		}
	}
	maps.DeleteFunc(s.Triggers, func(name string, _ *trigger.State) bool { return !known[name] })
	gone := func(chain string) bool { _, there := d.cfg.Chains[chain]; return !there }
	maps.DeleteFunc(s.Held, func(chain string, h held) bool {
		if gone(chain) {
			d.log.Info("an order is not made: its chain is no longer in the config", "chain", chain, "slot", fmt.Sprint(h.Slot))
		}
		return gone(chain)
	})
	maps.DeleteFunc(s.OpenUntil, func(chain string, _ time.Time) bool { return gone(chain) })
	maps.DeleteFunc(s.Ordered, func(chain string, _ []time.Time) bool { return gone(chain) })
}
