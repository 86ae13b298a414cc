package dispatcher

import (
	"maps"
	"slices"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
)

// Recorded is weather that was recorded.
type Recorded struct {
	Scans    []event.Scan    // in the order in which they come
	Grids    []event.Grid    // of the run that was recorded, where there was one: what products showed
	Warnings []event.Warning // each heard when it said what it says, by the time of the data
}

// said gives when a warning said what it says.
func said(m *event.Warning) time.Time { return latest(m.Sent, m.Ended) }

// Played is what a config makes of recorded weather.
type Played struct {
	From          time.Time          `json:"from"`
	To            time.Time          `json:"to"`
	Scans         int                `json:"scans"`
	Warnings      int                `json:"warnings"`
	Turns         []event.Decision   `json:"turns"` // of domains' regimes and triggers, and of warnings there
	Orders        map[string]int     `json:"orders"`
	Dropped       map[string]int     `json:"dropped"`       // of them, past their deadline
	WorkSeconds   map[string]float64 `json:"workSeconds"`   // predicted, of the orders that were served
	WorkerSeconds map[string]float64 `json:"workerSeconds"` // for which there were workers, busy or not
}

// player plays recorded weather to a rehearsal, with workers that serve each order in the time that is predicted for it.
type player struct {
	*Rehearsal
	recorded Recorded
	chains   map[string]*crew
	played   Played
}

// crew is the workers of one chain, and what they have to do.
type crew struct {
	scale   demand.Scale
	waiting []event.Order
	running []served
}

// served is an order that is done at a time.
type served struct {
	event.Order
	done time.Time
}

// Play gives what a config makes of recorded weather. Costs that were learnt predict what orders take, where there are any.
// A product that was not recorded is taken to show what the radars show, at all its lead times.
func Play(cfg Config, domains []grid.Domain, costs map[string]*demand.Cost, recorded Recorded) (Played, error) {
	p := player{recorded: recorded, chains: map[string]*crew{}, played: Played{
		Orders: map[string]int{}, Dropped: map[string]int{}, WorkSeconds: map[string]float64{}, WorkerSeconds: map[string]float64{},
	}}
	if len(recorded.Scans) == 0 {
		return p.played, nil
	}
	var err error
	if p.Rehearsal, err = Rehearse(cfg, domains, latest(recorded.Scans[0].Time, recorded.Scans[0].End)); err != nil {
		return p.played, err
	}
	if costs != nil {
		p.d.state.Costs = costs
	}
	for chain := range cfg.Chains {
		p.chains[chain] = &crew{}
	}
	p.recorded.Warnings = slices.SortedStableFunc(slices.Values(recorded.Warnings), func(a, b event.Warning) int { return said(&a).Compare(said(&b)) })
	for i := range recorded.Scans {
		m := recorded.Scans[i]
		if err := p.warned(latest(m.Time, m.End)); err != nil {
			return p.played, err
		}
		p.Hear(m)
	}
	p.played.From, p.played.To, p.played.Scans = recorded.Scans[0].Time, p.at, len(recorded.Scans)
	p.End()
	for idle := false; !idle && p.at.Before(p.played.To.Add(time.Hour)); idle = p.idle() {
		if err := p.until(p.at.Add(step)); err != nil {
			return p.played, err
		}
	}
	return p.played, nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// warned lets time pass, and feeds tell meanwhile what they told.
func (p *player) warned(t time.Time) error {
	for len(p.recorded.Warnings) > 0 && !said(&p.recorded.Warnings[0]).After(t) {
		m := p.recorded.Warnings[0]
		p.recorded.Warnings = p.recorded.Warnings[1:]
		if err := p.until(said(&m)); err != nil {
			return err
		}
		m.Heard = p.at
		p.Warn(m)
		p.played.Warnings++
	}
	return p.until(t)
}

// until lets time pass, and workers work.
func (p *player) until(t time.Time) error {
	for {
		if err := p.note(); err != nil {
			return err
		}
		if !p.at.Before(t) {
			return nil
		}
		p.Pass(p.at.Add(min(step, t.Sub(p.at))))
		for _, chain := range slices.Sorted(maps.Keys(p.chains)) {
			p.work(chain)
		}
	}
}

// note takes in what was decided.
func (p *player) note() error {
	orders, decisions, err := p.Take()
	for _, o := range orders {
		p.chains[o.Chain].waiting = append(p.chains[o.Chain].waiting, o)
	}
	for _, m := range decisions {
		switch m.Kind {
		case event.RegimeChange, event.TriggerChange, event.WarningChange:
			if m.Domain != "" { // not as one radar sees it
				p.played.Turns = append(p.played.Turns, m)
			}
		case event.OrderMade:
			p.played.Orders[m.Subj]++
		case event.OrderDropped:
			p.played.Dropped[m.Subj]++
		}
	}
	return err
}

// work lets a chain's workers finish what they have in hand, and take what waits; and sets how many there are.
func (p *player) work(chain string) {
	c := p.chains[chain]
	for len(c.running) > 0 && !c.running[0].done.After(p.at) {
		first := c.running[0]
		c.running = c.running[1:]
		p.Done(first.Order)
		p.made(first.Order)
	}
	bounds := p.d.cfg.scaling(chain)
	load := p.d.load(chain, bounds, &stream.Queue{Waiting: len(c.waiting), Running: len(c.running)}, 0, c.scale.Workers)
	c.scale.Step(bounds, load, p.at)
	for len(c.waiting) > 0 && len(c.running) < c.scale.Workers {
		o := c.waiting[0]
		c.waiting = c.waiting[1:]
		if !o.Deadline.IsZero() && p.at.After(o.Deadline) {
			p.played.Dropped[chain]++
			p.Done(o)
			continue
		}
		p.played.WorkSeconds[chain] += o.PredictedSeconds
		c.running = append(c.running, served{o, p.at.Add(time.Duration(o.PredictedSeconds * float64(time.Second)))})
	}
	slices.SortStableFunc(c.running, func(a, b served) int { return a.done.Compare(b.done) })
	oldest := time.Duration(0)
	if len(c.waiting) > 0 {
		oldest = p.at.Sub(c.waiting[0].Ordered)
	}
	p.Wait(chain, len(c.waiting), oldest)
	p.played.WorkerSeconds[chain] += float64(c.scale.Workers) * step.Seconds()
}

// made announces the grids that come of an order: as they were recorded, or as the radars show the weather now.
func (p *player) made(o event.Order) {
	for _, product := range p.d.cfg.Chains[o.Chain].products() {
		m := event.Grid{
			V: event.Version, ID: o.ID, Product: product, Domain: o.Domain, IssueTime: o.ValidTime, Key: o.ID + " " + product,
			Summary: p.d.seen(p.d.state.domain(o.Domain), p.at).Summary,
		}
		for minute := range 31 {
			m.LeadMinutes = append(m.LeadMinutes, float64(minute))
			m.Leads = append(m.Leads, m.Summary)
		}
		for _, was := range p.recorded.Grids {
			if was.Product == product && was.Domain.Name == o.Domain.Name && was.IssueTime.Equal(o.ValidTime) {
				m.Summary, m.LeadMinutes, m.Leads = was.Summary, was.LeadMinutes, was.Leads
			}
		}
		p.HearGrid(m)
	}
}

// idle tells whether nothing is left to do.
func (p *player) idle() bool {
	for _, c := range p.chains {
		if len(c.waiting)+len(c.running) > 0 {
			return false
		}
	}
	return true
}
