package dispatcher

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// hearScan takes one scan: the weather, the triggers and the orders of each domain that its radar sees follow.
func (d *Dispatcher) hearScan(m *event.Scan, wall time.Time) {
	d.begin(m.Time)
	d.state.Clock.hear(m.Time, wall, m.Pace)
	if m.Trail.Scan.After(d.state.Ended) {
		d.state.Ended = time.Time{} // a source goes on, or another has begun
	}
	d.state.radar(m.Radar).Hear(m)
	now := d.state.Clock.now(wall)
	for _, domain := range d.domains {
		if !sees(m, domain) {
			continue
		}
		s := d.state.domain(domain)
		news := s.keepScan(m, d.cfg.window())
		d.watch(s, now)
		d.orderOnScan(s, m, now)
		if news {
			d.orderEach(s, m)
		}
	}
}

// hearGrid takes one grid: the chains on its product are ordered, if they were open at the grid's time.
func (d *Dispatcher) hearGrid(m *event.Grid) {
	if !slices.Contains(d.domains, m.Domain) {
		d.log.Warn("a grid of a domain that is not, or no longer, in the config", "domain", m.Domain.Name, "product", m.Product)
		return
	}
	s := d.state.domain(m.Domain)
	if !s.keepGrid(m, d.cfg.history(m.Product)) {
		return // what follows from it was ordered before
	}
	for _, chain := range d.cfg.chainsOn(event.GridNews + m.Product) {
		if s.calls(chain, chain, d.cfg.Chains[chain].EveryN, m.IssueTime) {
			d.orderOnGrid(s, chain, m)
		}
	}
}

// timePasses orders what has been held for long enough and watches for silence, by the data's clock. When the source
// has ended, nothing more is waited for.
func (d *Dispatcher) timePasses(ended time.Time, wall time.Time) {
	if !ended.IsZero() && ended.Equal(d.state.Ended) {
		d.orderHeld(time.Time{}, true)
	}
	if d.state.Clock.Pace == 0 {
		return // time passes with the scans only
	}
	now := d.state.Clock.now(wall)
	d.orderHeld(now, false)
	for _, s := range d.state.Domains {
		d.watch(s, now)
	}
}

// calls tells whether a chain is open at a time, and this is one of the news on which it is ordered: the first since it
// opened, and each so many-th after that. What is counted under one name is counted together.
func (s *domainState) calls(chain, counted string, everyN int, at time.Time) bool {
	if s.OpenUntil[chain].Before(at) {
		delete(s.Counted, counted)
		return false
	}
	if everyN < 2 {
		return true
	}
	if s.Counted == nil {
		s.Counted = map[string]int{}
	}
	n := s.Counted[counted]
	s.Counted[counted] = (n + 1) % everyN
	return n == 0
}

// orderEach orders, on a scan that is news, the chains that are ordered for each scan by itself.
func (d *Dispatcher) orderEach(s *domainState, m *event.Scan) {
	for _, chain := range d.cfg.chainsOn(event.ScanNews) {
		cfg := d.cfg.Chains[chain]
		if cfg.single() && s.calls(chain, chain+" "+m.Radar, cfg.EveryN, m.Time) {
			d.orderOnScans(s, chain, m.Radar, s.upTo(cfg, m), "scan of "+m.Radar+" at "+m.Time.UTC().Format("15:04:05"))
		}
	}
}

// orderSlot orders a chain on scans for a slot, which is then done.
func (d *Dispatcher) orderSlot(s *domainState, chain string, slot time.Time) {
	if h, holding := s.Held[chain]; holding && h.Slot.Equal(slot) {
		delete(s.Held, chain)
	}
	cfg := d.cfg.Chains[chain]
	s.Ordered[chain] = slices.DeleteFunc(append(s.Ordered[chain], slot), func(t time.Time) bool { return t.Before(slot.Add(-cfg.Window)) })
	scans := s.inputs(cfg, slot)
	if len(scans) == 0 {
		return // held by an earlier run whose config allowed older scans
	}
	d.orderOnScans(s, chain, "", scans, "slot "+slot.UTC().Format("15:04:05"))
}

// orderOnScans orders a chain on scans: all of one radar's, or those of all radars that are heard.
func (d *Dispatcher) orderOnScans(s *domainState, chain, radar string, scans []heard, reason string) {
	cfg := d.cfg.Chains[chain]
	inputs, shown := make([]event.Input, len(scans)), make([]event.Summary, len(scans))
	var trail event.Trail
	for i, h := range scans {
		inputs[i], shown[i] = h.Input, h.Summary
		if h.Trail.File.After(trail.File) {
			trail = h.Trail
		}
	}
	var missing []string
	if cfg.Window > 0 {
		missing = s.missing(inputs)
		reason += fmt.Sprintf(": %d scans", len(inputs))
	}
	if len(missing) > 0 {
		reason += ", none of " + strings.Join(missing, ", ")
	}
	inputs = append(s.earlier(cfg, scans), inputs...)
	d.order(s, chain, radar, inputs, missing, demand.OfScans(len(inputs), shown), trail, reason)
}

// orderOnGrid orders a chain on a grid, with the grids of its product before it as far back as the chain wants.
func (d *Dispatcher) orderOnGrid(s *domainState, chain string, m *event.Grid) {
	since := m.IssueTime.Add(-d.cfg.Chains[chain].History)
	inputs := slices.DeleteFunc(slices.Clone(s.Grids[m.Product]), func(in event.Input) bool {
		return in.Time.After(m.IssueTime) || in.Time.Before(since)
	})
	d.order(s, chain, "", inputs, nil, demand.OfGrid(len(inputs), m), m.Trail, m.Product+" of "+m.IssueTime.UTC().Format("15:04:05"))
}

// shortestDeadline is a deadline that fast replays do not go below.
const shortestDeadline = 30 * time.Second

// order posts one order, unless the budget does not allow it. Its id is a hash of all that it depends on. Radar is whose
// scan it is on, where that is one.
func (d *Dispatcher) order(s *domainState, chain, radar string, inputs []event.Input, missing []string, f event.Features, trail event.Trail, reason string) {
	cfg, valid, now := d.cfg.Chains[chain], inputs[len(inputs)-1].Time.UTC(), d.now()
	if why := d.spender.refuses(chain); why != "" {
		d.refuse(s, chain, valid, why, reason)
		return
	}
	o := &event.Order{
		V: event.Version, Chain: chain, Worker: cfg.Worker, Domain: s.Domain, ValidTime: valid, Inputs: inputs, Missing: missing,
		Parameters: cfg.parameters(), Features: f, PredictedSeconds: d.state.cost(chain).Predict(f), Reason: reason,
		Ordered: now.UTC(), Trail: trail, Retries: cfg.Retries, Priority: d.cfg.priority(chain, d.raised),
	}
	parts := []string{"order", chain, cfg.Worker, fmt.Sprint(s.Domain), valid.String(), string(o.Parameters)}
	for _, in := range inputs {
		parts = append(parts, in.Key)
	}
	parts = append(parts, missing...)
	o.ID = event.ID(parts...)
	if pace := d.state.Clock.Pace; pace > 0 && cfg.Deadline > 0 {
		// A replay at ten times the pace has a tenth of the time, but not less than a machine can keep.
		o.Deadline = o.Ordered.Add(max(time.Duration(float64(cfg.Deadline)/pace), shortestDeadline))
	}
	if book := d.state.Turns[chain]; book != nil && book.Knows(o.ID) {
		return
	}
	from := demand.Source{Domain: s.Domain.Name, Radar: radar}
	d.forecastOf(chain).Order(demand.Order{ID: o.ID, Seconds: o.PredictedSeconds, Made: now, Deadline: o.Deadline}, from, f)
	d.tellOrder(event.OrderMade, o, reason, madeFrom(o, d.state.cost(chain).Sigma(f)))
	d.hand(chain, radar, o)
}

// forecastOf gives what is known of a chain's orders, with what is learnt of their cost.
func (d *Dispatcher) forecastOf(chain string) *demand.Forecast {
	if d.orders[chain] == nil {
		d.orders[chain] = demand.NewForecast(nil)
	}
	d.orders[chain].Cost = d.state.cost(chain)
	return d.orders[chain]
}

// bounds gives those of each chain's workers, as the config has them now.
func (d *Dispatcher) bounds() map[string]demand.Config {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make(map[string]demand.Config, len(d.cfg.Chains))
	for chain := range d.cfg.Chains {
		all[chain] = d.cfg.scaling(chain)
	}
	return all
}

// load gives what a chain has to do, when its queue could be read, and else only what its triggers ask for.
func (d *Dispatcher) load(chain string, cfg demand.Config, q *stream.Queue, ready time.Duration, alive int) (l demand.Load) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if q != nil {
		now := d.now()
		l = d.forecastOf(chain).Load(cfg, demand.Queue{Waiting: q.Waiting, Running: q.Running}, demand.Moment{
			Now: now, Data: d.state.Clock.now(now), Pace: d.state.Clock.Pace, Ready: ready, Alive: alive,
			Open: func(domain string) bool {
				s := d.state.Domains[domain]
				return s != nil && !s.OpenSince[chain].IsZero() && d.spender.refuses(chain) == ""
			},
			Ahead: d.outlook,
		})
	}
	l.Open, l.Floor = d.open(chain), d.floor(chain)
	return l
}

// outlook gives what the newest grid of several lead times says of the next minutes; nil where there is none.
func (d *Dispatcher) outlook(domain string) (o *demand.Outlook) {
	s := d.state.Domains[domain]
	if s == nil {
		return nil
	}
	for _, p := range s.Products {
		if len(p.Leads) > 1 && (o == nil || p.Time.After(o.Issued)) {
			o = &demand.Outlook{Issued: p.Time, LeadMinutes: p.LeadMinutes, Leads: p.Leads}
		}
	}
	return o
}
