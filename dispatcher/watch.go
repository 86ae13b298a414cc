package dispatcher

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
	"bowecho/internal/grid"
)

func (d *Dispatcher) radar(name string) *weather.Radar {
	if d.state.Radars[name] == nil {
		d.state.Radars[name] = &weather.Radar{}
	}
	return d.state.Radars[name]
}

// sees tells whether a radar's range reaches into a domain.
func sees(m *event.Scan, d grid.Domain) bool {
	row, col := d.Cell(m.LatitudeDeg, m.LongitudeDeg)
	nearRow := math.Max(0, math.Min(row, float64(d.Rows-1)))
	nearCol := math.Max(0, math.Min(col, float64(d.Cols-1)))
	height, width := d.CellKM(int(nearRow))
	return math.Hypot((row-nearRow)*height, (col-nearCol)*width) <= m.RangeM/1000
}

// watch looks at the weather of a domain and steps its triggers; all that changes is published.
func (d *Dispatcher) watch(ctx context.Context, name string, s *domainState, now time.Time) error {
	facts, seen, err := d.facts(ctx, name, s, now)
	if err != nil {
		return err
	}
	was := s.Sky.Regime
	if changed, reason := s.Sky.Look(d.cfg.Weather, seen, now); changed {
		inputs := map[string]any{"km2": facts.KM2, "maxDBZ": facts.MaxDBZ, "radars": seen.Fresh}
		if err := d.decide(ctx, event.RegimeChange, name, name, string(s.Sky.Regime), string(was), reason, inputs, now); err != nil {
			return err
		}
	}
	facts.Regime = string(s.Sky.Regime)
	return d.step(ctx, name, s, facts, now)
}

// facts gathers what the radars of a domain show at a time of the data.
func (d *Dispatcher) facts(ctx context.Context, name string, s *domainState, now time.Time) (trigger.Facts, weather.Seen, error) {
	f := trigger.Facts{Domain: name, MaxDBZ: grid.NoEchoDBZ, KM2: map[string]float64{"20": 0, "35": 0, "40": 0, "45": 0, "55": 0}, Hour: now.UTC().Hour()}
	for radar := range d.radarsOf(s) {
		r := d.state.Radars[radar]
		was := r.Freshness
		fresh, changed := r.Judge(d.cfg.Weather, now)
		if changed {
			reason := fmt.Sprintf("last heard %v ago, its pace is %v", now.Sub(r.Last).Round(time.Second), r.Cadence().Round(time.Second))
			if err := d.decide(ctx, event.FreshnessChange, radar, name, string(fresh), string(was), reason, nil, now); err != nil {
				return f, weather.Seen{}, err
			}
		}
		switch fresh {
		case weather.Silent:
			f.RadarsSilent++
			continue
		case weather.Late:
			f.RadarsLate++
		default:
			f.RadarsOK++
		}
		f.MaxDBZ = max(f.MaxDBZ, r.Summary.MaxDBZ)
		for _, a := range r.Summary.Above {
			f.KM2[fmt.Sprintf("%g", a.DBZ)] += a.KM2
		}
	}
	return f, weather.Seen{Fresh: f.RadarsOK + f.RadarsLate, KM220: f.KM2["20"], KM240: f.KM2["40"]}, nil
}

// step asks each trigger, and notes until when chains are open.
func (d *Dispatcher) step(ctx context.Context, name string, s *domainState, facts trigger.Facts, now time.Time) error {
	for _, t := range d.triggers {
		state := s.Triggers[t.Name]
		if state == nil {
			state = &trigger.State{}
			s.Triggers[t.Name] = state
		}
		holds, err := t.Holds(facts)
		if err != nil {
			d.log.Error("a trigger cannot be asked, and counts as not holding", "err", err)
		}
		if state.Step(holds, t.KeepFor, now) {
			value, was := "open", "closed"
			if !state.Open {
				value, was = was, value
			}
			inputs := map[string]any{"regime": facts.Regime, "km2": facts.KM2, "maxDBZ": facts.MaxDBZ, "opens": t.Opens}
			if err := d.decide(ctx, event.TriggerChange, t.Name, name, value, was, t.When, inputs, now); err != nil {
				return err
			}
		}
		if state.Open {
			for _, chain := range t.Opens {
				s.OpenUntil[chain] = now
			}
		}
	}
	return nil
}

// decide publishes what was decided and why. The id is of what led to it, so that deciding it again is harmless.
func (d *Dispatcher) decide(ctx context.Context, kind, subject, domain, value, was, reason string, inputs map[string]any, dataTime time.Time) error {
	d.log.Info(kind, "subject", subject, "domain", domain, "value", value, "was", was, "reason", strings.TrimSpace(reason))
	_, err := d.client.Publish(ctx, &event.Decision{
		V: event.Version, ID: event.ID(kind, subject, domain, value, dataTime.String()), Kind: kind, Subj: subject, Domain: domain,
		Value: value, Was: was, Reason: reason, Inputs: inputs, DataTime: dataTime.UTC(), Time: time.Now().UTC(),
	})
	return err
}
