package simulate

import (
	"container/heap"
	"slices"
	"time"

	"bowecho/dispatcher/demand"
)

// Result is how a policy did.
type Result struct {
	World         string  `json:"world"`
	Policy        string  `json:"policy"`
	Seed          uint64  `json:"seed"`
	Orders        int     `json:"orders"`
	Missed        int     `json:"missed"` // dropped past their deadline, or done after it
	MissedPercent float64 `json:"missedPercent"`
	WorkSeconds   float64 `json:"workSeconds"`   // that the orders took
	WorkerSeconds float64 `json:"workerSeconds"` // from when workers were asked for until they had gone
	Bound         float64 `json:"bound"`         // the worker-seconds below which nobody gets, knowing everything
	Cost          float64 `json:"cost"`          // in the money of the clouds' prices
	PeakWorkers   int     `json:"peakWorkers"`
	Scalings      int     `json:"scalings"`
	DelayP50      float64 `json:"delayP50Seconds"` // from the order to its end
	DelayP99      float64 `json:"delayP99Seconds"`
	Events        int     `json:"events"`
}

// TimesBound gives how often the bound the worker-seconds are; 0 where there was nothing to do.
func (r Result) TimesBound() float64 {
	if r.Bound == 0 {
		return 0
	}
	return r.WorkerSeconds / r.Bound
}

// Policy says how many workers a chain has.
type Policy interface {
	Name() string
	// begin takes a run's chains. It gives how often it looks, and whether at each order, too.
	begin(r *run) (every time.Duration, atOrders bool)
	// look gives the number of workers of a chain.
	look(r *run, chain int) int
	// ordered and done hear of orders; first tells that the worker had served none before.
	ordered(r *run, p pending)
	done(r *run, p pending, took time.Duration, first, dropped bool)
}

// run is a script under a policy.
type run struct {
	*Script
	policy   Policy
	now      time.Time
	agenda   agenda
	noted    int
	pools    []*pool
	open     []map[string]int // of each chain: the triggers that hold it open in each domain
	floors   []map[int]int    // of each chain: how many open triggers keep so many workers
	outlooks map[string]*demand.Outlook
	every    time.Duration
	atOrders bool
	ticking  bool
	delays   []float64
	result   Result
}

// Run plays a script under a policy.
func (s *Script) Run(p Policy) Result {
	r := &run{Script: s, policy: p, now: s.Begin, outlooks: map[string]*demand.Outlook{}}
	for range s.Chains {
		r.pools = append(r.pools, &pool{})
		r.open, r.floors = append(r.open, map[string]int{}), append(r.floors, map[int]int{})
	}
	r.every, r.atOrders = p.begin(r)
	r.result = Result{World: s.Name, Policy: p.Name(), Seed: s.Seed, Bound: s.Bound}
	r.place()
	orders, turns := s.orders, s.turns
	for {
		at := s.End
		if len(turns) > 0 {
			at = turns[0].at
		}
		if len(orders) > 0 && orders[0].at.Before(at) {
			at = orders[0].at
		}
		if len(r.agenda) > 0 && !r.agenda[0].at.After(at) {
			r.next()
			continue
		}
		r.now = at
		switch {
		case len(turns) > 0 && turns[0].at.Equal(at):
			r.turn(turns[0])
			turns = turns[1:]
		case len(orders) > 0 && orders[0].at.Equal(at):
			r.order(orders[0])
			orders = orders[1:]
		default:
			return r.end()
		}
	}
}

// next lets happen what comes next on the agenda.
func (r *run) next() {
	e, _ := heap.Pop(&r.agenda).(entry)
	r.now = e.at
	r.result.Events++
	e.do()
}

func (r *run) at(t time.Time, do func()) {
	r.noted++
	heap.Push(&r.agenda, entry{t, r.noted, do})
}

// turn opens or closes a trigger.
func (r *run) turn(t turn) {
	r.result.Events++
	by := -1
	if t.open {
		by = 1
	}
	for i, chain := range r.Chains {
		if slices.Contains(t.trigger.Opens, chain.Name) {
			r.open[i][t.domain] += by
			r.floors[i][t.trigger.Workers()] += by
		}
	}
	r.tick()
}

// openAnywhere tells whether a trigger holds a chain open.
func (r *run) openAnywhere(chain int) bool {
	for _, n := range r.floors[chain] {
		if n > 0 {
			return true
		}
	}
	return false
}

// floor gives how many workers the open triggers keep.
func (r *run) floor(chain int) (most int) {
	for workers, n := range r.floors[chain] {
		if n > 0 {
			most = max(most, workers)
		}
	}
	return most
}

// order makes an order.
func (r *run) order(o *order) {
	r.result.Events++
	r.result.Orders++
	p := pending{order: o, made: r.now}
	if d := r.Chains[o.chain].Deadline; d > 0 {
		p.deadline = r.now.Add(d)
	}
	r.pools[o.chain].queue = append(r.pools[o.chain].queue, p)
	r.policy.ordered(r, p)
	r.serve(o.chain)
	if r.atOrders {
		r.look(o.chain)
	}
	r.tick()
}

// tick sees to it that the policy looks as often as it wants, while there is anything to look at.
func (r *run) tick() {
	if r.ticking {
		return
	}
	r.ticking = true
	var do func()
	do = func() {
		idle := true
		for i, p := range r.pools {
			r.look(i)
			idle = idle && len(p.queue) == 0 && len(p.workers) == 0 && p.wanted == 0 && !r.openAnywhere(i)
		}
		if idle {
			r.ticking = false
			return
		}
		r.at(r.now.Add(r.every), do)
	}
	r.at(r.now, do)
}

// look asks the policy.
func (r *run) look(chain int) {
	p := r.pools[chain]
	wanted := r.policy.look(r, chain)
	if wanted == p.wanted {
		return
	}
	p.wanted = wanted
	r.result.Scalings++
	r.place()
	r.serve(chain)
	workers := 0
	for _, p := range r.pools {
		workers += len(p.workers)
	}
	r.result.PeakWorkers = max(r.result.PeakWorkers, workers)
}

// serve gives orders to workers that have nothing to do. One that is past its deadline is dropped.
func (r *run) serve(chain int) {
	p := r.pools[chain]
	for _, w := range p.workers {
		if !w.ready || w.busy || w.leaving {
			continue
		}
		for len(p.queue) > 0 && !w.busy {
			o := p.queue[0]
			p.queue = p.queue[1:]
			if !o.deadline.IsZero() && r.now.After(o.deadline) {
				r.result.Missed++
				r.policy.done(r, o, 0, false, true)
				continue
			}
			r.begin(chain, w, o)
		}
	}
}

// begin lets a worker serve an order.
func (r *run) begin(chain int, w *worker, o pending) {
	p := r.pools[chain]
	takes := o.takes
	if !w.warm {
		takes += coldStart
	}
	w.busy, w.since = true, r.now
	p.running++
	r.at(r.now.Add(takes), func() {
		first := !w.warm
		w.busy, w.warm = false, true
		w.worked += r.now.Sub(w.since)
		p.running--
		r.result.WorkSeconds += takes.Seconds()
		r.delays = append(r.delays, r.now.Sub(o.made).Seconds())
		if !o.deadline.IsZero() && r.now.After(o.deadline) {
			r.result.Missed++
		}
		if o.outlook != nil {
			r.outlooks[o.domain] = o.outlook
		}
		r.policy.done(r, o, takes, first, false)
		if w.leaving {
			r.gone(p, w)
		}
		for _, next := range o.next {
			r.order(next)
		}
		r.serve(chain)
	})
}

// end adds up.
func (r *run) end() Result {
	for _, p := range r.pools {
		r.result.Missed += len(p.queue)
		for _, w := range p.workers {
			r.pay(w)
		}
	}
	slices.Sort(r.delays)
	if n := len(r.delays); n > 0 {
		r.result.DelayP50, r.result.DelayP99 = r.delays[n/2], r.delays[n*99/100]
	}
	if r.result.Orders > 0 {
		r.result.MissedPercent = 100 * float64(r.result.Missed) / float64(r.result.Orders)
	}
	return r.result
}

// agenda is what will happen, by time and then in the order in which it was noted.
type agenda []entry

type entry struct {
	at time.Time
	n  int
	do func()
}

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	if a[i].at.Equal(a[j].at) {
		return a[i].n < a[j].n
	}
	return a[i].at.Before(a[j].at)
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any) {
	e, _ := x.(entry)
	*a = append(*a, e)
}
func (a *agenda) Pop() any {
	last := len(*a) - 1
	e := (*a)[last]
	*a = (*a)[:last]
	return e
}
