package dispatcher

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
	"bowecho/internal/grid"
)

// Rehearsal is the part of the dispatcher that decides, alone and in virtual time: what it would make of weather. It is
// the same code as live. There is no server, nothing is published, and no worker starts.
type Rehearsal struct {
	d      *Dispatcher
	at     time.Time
	queues map[string]int
	ages   map[string]time.Duration
}

// step is how often a rehearsal looks at the clock.
const step = time.Second

// Rehearse begins at a time of the data.
func Rehearse(cfg Config, domains []grid.Domain, begin time.Time) (*Rehearsal, error) {
	d, err := New(cfg, domains, nil, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	r := &Rehearsal{d: d, at: begin, queues: map[string]int{}, ages: map[string]time.Duration{}}
	d.now = func() time.Time { return r.at }
	d.queue = func() (map[string]int, map[string]time.Duration) { return r.queues, r.ages }
	d.current = true
	d.state.Clock = clock{Data: begin, Wall: begin, Pace: 1}
	for _, domain := range domains {
		d.state.domain(domain)
	}
	return r, nil
}

// Now gives the time of the data.
func (r *Rehearsal) Now() time.Time { return r.at }

// Pass lets time pass, in steps of a second.
func (r *Rehearsal) Pass(until time.Time) {
	for r.at.Before(until) {
		r.at = r.at.Add(min(step, until.Sub(r.at)))
		r.Look()
	}
}

// Hear takes a scan, now.
func (r *Rehearsal) Hear(m event.Scan) {
	m.Pace = 1
	r.d.hearScan(&m, r.at)
}

// HearGrid takes a grid, now.
func (r *Rehearsal) HearGrid(m event.Grid) { r.d.hearGrid(&m) }

// Look looks at the clock, now: it asks the triggers, and hands on what waits for its turn.
func (r *Rehearsal) Look() {
	r.d.timePasses(time.Time{}, r.at)
	r.d.takeTurns(r.at)
}

// Done says that an order has left the queue.
func (r *Rehearsal) Done(o event.Order) {
	r.d.forecastOf(o.Chain).Done(o.ID)
	r.d.goes([]inHand{{chain: o.Chain, id: o.ID}})
}

// Warn takes what a feed says of a warning, now.
func (r *Rehearsal) Warn(m event.Warning) { r.d.hearWarning(&m, r.at) }

// Wait says how many orders of a chain wait, and for how long the oldest has.
func (r *Rehearsal) Wait(chain string, orders int, oldest time.Duration) {
	r.queues[chain], r.ages[chain] = orders, oldest
}

// End tells that no scan comes any more: what is held back for one is ordered.
func (r *Rehearsal) End() { r.d.orderHeld(time.Time{}, true) }

// Take gives what has been decided since it was last asked, in its order: the orders that workers are given, and all decisions.
func (r *Rehearsal) Take() (orders []event.Order, decisions []event.Decision, err error) {
	for _, l := range r.d.state.Outbox {
		switch {
		case strings.HasPrefix(l.Subject, "work."):
			var o event.Order
			err = json.Unmarshal(l.Body, &o)
			orders = append(orders, o)
		case strings.HasPrefix(l.Subject, "event."):
			var m event.Decision
			err = json.Unmarshal(l.Body, &m)
			decisions = append(decisions, m)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read what was decided: %w", err)
		}
	}
	r.d.state.Outbox = nil
	return orders, decisions, nil
}

// Standing is how a domain stands.
type Standing struct {
	Regime   weather.Regime
	Triggers map[string]string // open, closed or unknown, by name
	Chains   []string          // that are open, sorted
}

// Standing tells how a domain stands now.
func (r *Rehearsal) Standing(domain string) Standing {
	s := r.d.state.Domains[domain]
	if s == nil {
		return Standing{}
	}
	now := Standing{Regime: s.Sky.Regime, Triggers: map[string]string{}, Chains: slices.Sorted(maps.Keys(s.OpenSince))}
	for _, t := range r.d.triggers {
		now.Triggers[t.Name] = "closed"
		if state := s.Triggers[t.Name]; state != nil {
			now.Triggers[t.Name] = state.Value()
		}
	}
	return now
}
