package dispatcher

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
)

func isPicture(subject string) bool { return strings.HasPrefix(subject, "grid.picture.") }

// window gives how long scans are remembered: as long as any chain may use them, and one slot more.
func (d *Dispatcher) window() (longest time.Duration) {
	for _, c := range d.cfg.Chains {
		longest = max(longest, c.Window+2*c.Every)
	}
	return longest
}

// history gives how long grids of a product are remembered.
func (d *Dispatcher) history(product string) (longest time.Duration) {
	for _, c := range d.cfg.Chains {
		if c.product() == product {
			longest = max(longest, c.History)
		}
	}
	return longest
}

// orderSlots orders chains on scans, each for its slot.
func (d *Dispatcher) orderSlots(ctx context.Context, ready []slotted) error {
	for _, r := range ready {
		s, cfg := d.state.domain(r.domain), d.cfg.Chains[r.chain]
		inputs := s.inputs(cfg, r.slot)
		if len(inputs) == 0 || !r.slot.After(s.Ordered[r.chain]) {
			continue
		}
		var trail event.Trail
		for _, in := range inputs {
			if t := s.Trails[in.Key]; t.File.After(trail.File) {
				trail = t
			}
		}
		reason := fmt.Sprintf("slot %s: %d scans", r.slot.UTC().Format("15:04:05"), len(inputs))
		if err := d.order(ctx, r.domain, r.chain, inputs, trail, reason); err != nil {
			return err
		}
		s.Ordered[r.chain] = r.slot
	}
	return nil
}

// orderOnGrid orders a chain on a grid, with the grids of its product before it as far back as the chain wants.
func (d *Dispatcher) orderOnGrid(ctx context.Context, s *domainState, chain string, m *event.Grid) error {
	cfg := d.cfg.Chains[chain]
	var inputs []event.Input
	for _, in := range s.Grids[m.Product] {
		if !in.Time.After(m.IssueTime) && !in.Time.Before(m.IssueTime.Add(-cfg.History)) {
			inputs = append(inputs, in)
		}
	}
	return d.order(ctx, m.Domain.Name, chain, inputs, m.Trail, m.Product+" of "+m.IssueTime.UTC().Format("15:04:05"))
}

// order publishes one order. Its id is a hash of all that it depends on.
func (d *Dispatcher) order(ctx context.Context, domain, chain string, inputs []event.Input, trail event.Trail, reason string) error {
	cfg := d.cfg.Chains[chain]
	parameters, err := json.Marshal(cfg.Parameters)
	if err != nil {
		return fmt.Errorf("parameters of chain %s: %w", chain, err)
	}
	newest := inputs[len(inputs)-1]
	parts := []string{"order", chain, domain, cfg.Worker, newest.Time.UTC().String(), string(parameters)}
	for _, in := range inputs {
		parts = append(parts, in.Key)
	}
	o := &event.Order{
		V: event.Version, ID: event.ID(parts...), Chain: chain, Worker: cfg.Worker, Domain: d.domain(domain),
		ValidTime: newest.Time.UTC(), Inputs: inputs, PredictedSeconds: d.state.cost(chain).Predict(),
		Reason: reason, Ordered: time.Now().UTC(), Trail: trail,
	}
	if len(cfg.Parameters) > 0 {
		o.Parameters = parameters
	}
	if pace := d.state.Clock.Pace; pace > 0 && cfg.Deadline > 0 {
		// A replay at ten times the pace has a tenth of the time, but not less than a machine can keep.
		o.Deadline = o.Ordered.Add(max(time.Duration(float64(cfg.Deadline)/pace), shortestDeadline))
	}
	if _, err := d.client.Publish(ctx, o); err != nil {
		return err
	}
	d.scaler.kick()
	return d.decide(ctx, event.OrderMade, chain, domain, o.ID, "", reason,
		map[string]any{"inputs": len(inputs), "predictedSeconds": o.PredictedSeconds}, o.ValidTime)
}

// shortestDeadline is a deadline that fast replays do not go below.
const shortestDeadline = 30 * time.Second

func (d *Dispatcher) domain(name string) grid.Domain {
	for _, domain := range d.domains {
		if domain.Name == name {
			return domain
		}
	}
	return grid.Domain{Name: name} // refused by Validate: the domain has left the config
}

// forecast tells the scaling loop what a chain's orders take, and whether a trigger that opens it is open.
func (d *Dispatcher) forecast(chain string) (seconds float64, open bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.state.Domains {
		for _, t := range d.triggers {
			if state := s.Triggers[t.Name]; state != nil && state.Open {
				for _, opened := range t.Opens {
					open = open || opened == chain
				}
			}
		}
	}
	return d.state.cost(chain).Predict(), open
}
