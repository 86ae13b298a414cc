package simulate

import (
	"time"

	"bowecho/dispatcher/demand"
)

// ours is the policy of package demand, starting with nothing learnt.
type ours struct {
	name   string
	ahead  bool
	chains []*scaled
}

// scaled is what the scaling loop keeps of a chain.
type scaled struct {
	cfg      demand.Config
	scale    demand.Scale
	ready    demand.Ready
	forecast *demand.Forecast
}

// Ours is the policy that runs, which may look at the nowcast or not.
func Ours(name string, ahead bool) Policy { return &ours{name: name, ahead: ahead} }

func (o *ours) Name() string { return o.name }

func (o *ours) begin(r *run) (time.Duration, bool) {
	o.chains = nil
	for _, chain := range r.Chains {
		c := &scaled{cfg: chain.Scaling, forecast: demand.NewForecast(&demand.Cost{})}
		c.cfg.Ahead = o.ahead
		o.chains = append(o.chains, c)
	}
	return time.Second, true
}

func (o *ours) ordered(r *run, p pending) {
	f := o.chains[p.chain].forecast
	f.Order(demand.Order{ID: p.id, Seconds: f.Cost.Predict(p.features), Made: p.made, Deadline: p.deadline}, p.from, p.features)
}

func (o *ours) done(_ *run, p pending, took time.Duration, first, dropped bool) {
	f := o.chains[p.chain].forecast
	f.Done(p.id)
	if !dropped {
		f.Cost.Learn(p.features, took.Seconds(), first)
	}
}

func (o *ours) look(r *run, chain int) int {
	c, p := o.chains[chain], r.pools[chain]
	alive := p.alive()
	c.ready.Count(alive, r.now)
	load := c.forecast.Load(c.cfg, demand.Queue{Waiting: len(p.queue), Running: p.running}, demand.Moment{
		Now: r.now, Data: r.now, Pace: 1, Ready: c.ready.Guess(r.now), Alive: alive,
		Open:  func(domain string) bool { return r.open[chain][domain] > 0 },
		Ahead: func(domain string) *demand.Outlook { return r.outlooks[domain] },
	})
	load.Open, load.Floor = r.openAnywhere(chain), r.floor(chain)
	was := c.scale.Workers
	workers, _ := c.scale.Step(c.cfg, load, r.now)
	if workers != was {
		c.ready.Ask(was, workers, r.now)
	}
	return workers
}

// deaf is for policies that hear of no order.
type deaf struct{}

func (deaf) ordered(*run, pending)                         {}
func (deaf) done(*run, pending, time.Duration, bool, bool) {}

// static is the peak of each chain, at all times.
type static struct {
	deaf
	workers []int
}

// Static is a provisioning for the peak: of each chain the fewest workers that miss next to nothing, at all times.
func Static(s *Script) Policy { return &static{workers: s.peaks()} }

func (*static) Name() string                     { return "static peak" }
func (*static) begin(*run) (time.Duration, bool) { return time.Hour, false }
func (p *static) look(_ *run, chain int) int     { return p.workers[chain] }

// threshold adds a worker each minute for every so many orders in the queue, as autoscalers of queues do.
type threshold struct{ deaf }

// Threshold is a threshold on the length of the queue: a loop of 60 s that wants a worker for each two orders there are.
func Threshold() Policy { return threshold{} }

func (threshold) Name() string                     { return "queue length, 60 s" }
func (threshold) begin(*run) (time.Duration, bool) { return time.Minute, false }
func (threshold) look(r *run, chain int) int {
	p := r.pools[chain]
	return (len(p.queue) + p.running + 1) / 2
}

// original is the rule of the system that CASA ran.
type original struct {
	deaf
	busy    []map[*worker]int // samples in which a worker had less than 15 % idle
	worked  []map[*worker]time.Duration
	workers []int
	looked  []time.Time
}

// Original is a rule of growth: each 600 s every worker that had less than 15 % idle time in more than ten samples of 10 s
// gets another beside it; nothing is ever given back. It begins with one worker a chain.
func Original() Policy { return &original{} }

func (*original) Name() string { return "the original's rule" }

const (
	originalSample = 10 * time.Second
	originalLoop   = 600 * time.Second
	originalBusy   = 0.85
	originalCount  = 10
)

func (p *original) begin(r *run) (time.Duration, bool) {
	*p = original{}
	for range r.Chains {
		p.busy, p.worked = append(p.busy, map[*worker]int{}), append(p.worked, map[*worker]time.Duration{})
		p.workers, p.looked = append(p.workers, 1), append(p.looked, r.now)
	}
	return originalSample, false
}

func (p *original) look(r *run, chain int) int {
	for _, w := range r.pools[chain].workers {
		worked := w.worked
		if w.busy {
			worked += r.now.Sub(w.since)
		}
		if (worked - p.worked[chain][w]).Seconds() > originalBusy*originalSample.Seconds() {
			p.busy[chain][w]++
		}
		p.worked[chain][w] = worked
	}
	if r.now.Sub(p.looked[chain]) >= originalLoop {
		for _, count := range p.busy[chain] {
			if count > originalCount {
				p.workers[chain]++
			}
		}
		p.looked[chain] = r.now
		clear(p.busy[chain])
	}
	return p.workers[chain]
}
