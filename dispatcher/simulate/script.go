package simulate

import (
	"fmt"
	"slices"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
)

// Script is what happens whatever a policy does: when triggers open and close, and what scans call for. Triggers that ask
// for queues find them empty.
type Script struct {
	*World
	Begin, End time.Time
	orders     []*order // that scans call for, by time
	turns      []turn   // of triggers, by time
	Count      int      // of orders, with those that follow from others
	Bound      float64  // the worker-seconds below which nobody gets; see bound
}

// order is one run of a chain.
type order struct {
	id       string
	chain    int
	domain   string
	from     demand.Source
	at       time.Time // of the scan that called for it, first of all
	features event.Features
	takes    time.Duration
	next     []*order
	outlook  *demand.Outlook // that is known once it is done
}

// turn is a trigger that opens or closes in a domain.
type turn struct {
	at      time.Time
	trigger *trigger.Trigger
	domain  string
	open    bool
}

// Watch lets a world's weather pass over its triggers.
func Watch(w *World) *Script {
	s := &Script{World: w}
	domains := map[string]*domain{}
	for scan := range w.Scans {
		if s.Begin.IsZero() {
			s.Begin = scan.Time
		}
		s.End = scan.Time
		d := domains[scan.Domain]
		if d == nil {
			d = &domain{name: scan.Domain, radars: map[string]*weather.Radar{}, states: make([]trigger.State, len(w.Triggers)), heard: map[int]int{}, slots: map[int]time.Time{}}
			domains[scan.Domain] = d
		}
		s.hear(d, scan)
	}
	s.End = s.End.Add(closing)
	s.Bound = s.bound()
	return s
}

// closing is time for what is under way at the end.
const closing = 5 * time.Minute

// domain is what is remembered of one while its weather passes.
type domain struct {
	name   string
	radars map[string]*weather.Radar
	all    []*weather.Radar
	sky    weather.Sky
	states []trigger.State
	past   []past
	slots  map[int]time.Time // last ordered, of each chain
	heard  map[int]int       // news of each chain
}

// past is what was to be seen some minutes ago.
type past struct {
	at      time.Time
	summary event.Summary
}

func (s *Script) hear(d *domain, scan Scan) {
	r := d.radars[scan.Radar]
	if r == nil {
		r = &weather.Radar{}
		d.radars[scan.Radar], d.all = r, append(d.all, r)
	}
	r.Hear(scan.Scan)
	for _, r := range d.all {
		r.Judge(s.Weather, scan.Time)
	}
	seen := weather.Together(d.all)
	d.remember(scan.Time, seen.Summary)
	d.sky.Look(s.Weather, seen, scan.Time)
	d.step(s, trigger.Facts{Domain: d.name, Time: scan.Time, Regime: d.sky.Regime, Seen: seen, Products: d.products(scan.Time, seen.Summary)})
	for i, chain := range s.Chains {
		if chain.On == event.ScanNews && d.open(s, chain.Name) && d.wants(i, chain, scan.Time) {
			s.orders = append(s.orders, s.orderOnScans(d, i, scan))
		}
	}
}

// step asks the triggers.
func (d *domain) step(s *Script, facts trigger.Facts) {
	for i, t := range s.Triggers {
		was := d.states[i].Open
		d.states[i].Step(t.Rule, t.Ask(facts, was), facts.Time)
		if open := d.states[i].Open; open != was {
			s.turns = append(s.turns, turn{facts.Time, t, d.name, open})
		}
	}
}

func (d *domain) open(s *Script, chain string) bool {
	for i, t := range s.Triggers {
		if d.states[i].Open && slices.Contains(t.Opens, chain) {
			return true
		}
	}
	return false
}

// wants tells whether a chain on scans is ordered now.
func (d *domain) wants(i int, chain Chain, now time.Time) bool {
	if chain.Every > 0 {
		slot := now.Truncate(chain.Every)
		if !slot.After(d.slots[i]) {
			return false
		}
		d.slots[i] = slot
	}
	d.heard[i]++
	return chain.EveryN <= 1 || d.heard[i]%chain.EveryN == 0
}

// orderOnScans makes an order, and those that follow from it.
func (s *Script) orderOnScans(d *domain, i int, scan Scan) *order {
	shown := []event.Summary{scan.Summary}
	if s.Chains[i].Every > 0 {
		shown = shown[:0]
		for _, r := range d.all {
			if r.Freshness != weather.Silent {
				shown = append(shown, r.Summary)
			}
		}
	}
	o := s.order(d, i, scan.Time, demand.OfScans(len(shown), shown), scan.Radar)
	if s.Chains[i].Every == 0 {
		o.from.Radar = scan.Radar
	}
	s.follow(d, o, weather.Sum(event.Summary{}, demand.OfScans(0, shown).Weather))
	return o
}

func (s *Script) order(d *domain, i int, at time.Time, f event.Features, of string) *order {
	s.Count++
	chain := s.Chains[i]
	r := chance(s.Seed, chain.Name, d.name, of, at.String())
	takes := chain.Takes(f) * around(r, costSigma)
	if r.Float64() < oddOrders {
		takes *= oddFactor
	}
	return &order{id: fmt.Sprintf("%s %d", chain.Name, s.Count), chain: i, domain: d.name, from: demand.Source{Domain: d.name}, at: at, features: f, takes: seconds(takes)}
}

// follow adds the orders on what an order makes.
func (s *Script) follow(d *domain, o *order, shows event.Summary) {
	for i, chain := range s.Chains {
		if !slices.Contains(s.Chains[o.chain].Makes, chain.On) {
			continue
		}
		grid := &event.Grid{Summary: shows, LeadMinutes: []float64{0}}
		if chain.On == event.GridNews+"nowcast" {
			o.outlook = d.outlook(s.Seed, o.at, shows)
			grid.LeadMinutes, grid.Leads = o.outlook.LeadMinutes, o.outlook.Leads
		}
		next := s.order(d, i, o.at, demand.OfGrid(1, grid), chain.On)
		s.follow(d, next, shows)
		o.next = append(o.next, next)
	}
}
