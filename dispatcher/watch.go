package dispatcher

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
	"bowecho/internal/grid"
)

// sees tells whether a radar's range reaches into a domain.
func sees(m *event.Scan, d grid.Domain) bool {
	row, col := d.Cell(m.LatitudeDeg, m.LongitudeDeg)
	nearRow := math.Max(0, math.Min(row, float64(d.Rows-1)))
	nearCol := math.Max(0, math.Min(col, float64(d.Cols-1)))
	height, width := d.CellKM(int(nearRow))
	return math.Hypot((row-nearRow)*height, (col-nearCol)*width) <= m.RangeM/1000
}

// watch looks at the weather of a domain at a time of the data, and steps its triggers.
func (d *Dispatcher) watch(s *domainState, now time.Time) {
	seen := d.seen(s, now)
	seen.Warnings = d.inForce(s, now)
	was := cmp.Or(s.Sky.Regime, weather.Unknown)
	if changed, reason := s.Sky.Look(d.cfg.Weather, seen, now); changed {
		d.tell(&event.Decision{
			Kind: event.RegimeChange, Subj: s.Domain.Name, Domain: s.Domain.Name, Value: string(s.Sky.Regime), Was: string(was),
			Reason: reason, Inputs: shown(seen), DataTime: now,
		})
	}
	queue, ages := d.queue()
	facts := trigger.Facts{
		Domain: s.Domain.Name, Time: now, Regime: s.Sky.Regime, Seen: seen, Queue: queue, QueueAge: ages, Products: d.products(s, now),
		Warnings: seen.Warnings, Feeds: d.feedAges(d.now()),
	}
	for _, t := range d.triggers {
		d.step(s, t, facts)
	}
	d.noteOpen(s, now)
}

// forgetAfter is how long a radar that is silent is still spoken of.
const forgetAfter = 24 * time.Hour

// seen judges the radars of a domain and sums up what they show.
func (d *Dispatcher) seen(s *domainState, now time.Time) weather.Seen {
	s.Radars = slices.DeleteFunc(s.Radars, func(name string) bool { return now.Sub(d.state.radar(name).Last) > forgetAfter })
	radars := make([]*weather.Radar, len(s.Radars))
	for i, name := range s.Radars {
		r := d.state.radar(name)
		radars[i] = r
		was := r.Freshness
		if fresh, changed := r.Judge(d.cfg.Weather, now); changed {
			d.tell(&event.Decision{
				Kind: event.FreshnessChange, Subj: name, Domain: s.Domain.Name, Value: string(fresh), Was: string(was),
				Reason: fmt.Sprintf("last heard %v ago, its cadence is %v", now.Sub(r.Last).Round(time.Second), r.Cadence().Round(time.Second)),
				Inputs: map[string]any{"ageSeconds": now.Sub(r.Last).Seconds(), "cadenceSeconds": r.Cadence().Seconds()}, DataTime: now,
			})
		}
		d.sky(name, r, now)
	}
	return weather.Together(radars)
}

// sky looks at the weather that one radar sees. One radar may see several domains; it is told of once.
func (d *Dispatcher) sky(name string, r *weather.Radar, now time.Time) {
	alone := weather.Together([]*weather.Radar{r})
	was := cmp.Or(r.Sky.Regime, weather.Unknown)
	if changed, reason := r.Sky.Look(d.cfg.Weather, alone, now); changed {
		d.tell(&event.Decision{
			Kind: event.RegimeChange, Subj: name, Value: string(r.Sky.Regime), Was: string(was),
			Reason: reason, Inputs: shown(alone), DataTime: now,
		})
	}
}

// shown gives what is seen as the inputs of a decision.
func shown(seen weather.Seen) map[string]any {
	km2 := map[string]float64{}
	for _, a := range seen.Summary.Above {
		km2[fmt.Sprintf("%g", a.DBZ)] = math.Round(a.KM2*10) / 10
	}
	return map[string]any{
		"km2": km2, "maxDBZ": seen.Summary.MaxDBZ, "echoFraction": seen.Summary.EchoFraction, "cells": seen.Summary.Cells,
		"radars":   map[string]int{"ok": seen.OK, "late": seen.Late, "silent": seen.Silent, "convective": seen.Convective},
		"warnings": named(seen.Warnings),
	}
}

// tell posts what was decided and why. The id is of what led to it, so that telling it again is harmless.
func (d *Dispatcher) tell(m *event.Decision) {
	m.V, m.DataTime, m.Time = event.Version, m.DataTime.UTC(), d.now().UTC()
	if m.ID == "" {
		m.ID = event.ID(m.Kind, m.Subj, m.Domain, m.Value, m.DataTime.String())
	}
	d.log.Info(m.Kind, "subject", m.Subj, "domain", m.Domain, "value", m.Value, "was", m.Was, "reason", m.Reason)
	d.post(m)
}
