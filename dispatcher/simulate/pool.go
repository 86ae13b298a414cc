package simulate

import (
	"slices"
	"time"

	"bowecho/dispatcher/placement"
)

// pool is the queue and the workers of a chain.
type pool struct {
	queue   []pending // oldest first
	workers []*worker
	wanted  int
	running int
	began   int // workers so far
}

// pending is an order that was made.
type pending struct {
	*order
	made, deadline time.Time
}

// worker is one, from when it is asked for until it has gone.
type worker struct {
	cloud   int
	asked   time.Time
	ready   bool
	warm    bool // it has served an order
	busy    bool
	leaving bool // it goes when it has done what it has in hand
	worked  time.Duration
	since   time.Time // it is busy
}

// alive counts the workers that are there and stay.
func (p *pool) alive() (n int) {
	for _, w := range p.workers {
		if w.ready && !w.leaving {
			n++
		}
	}
	return n
}

// in counts a pool's workers in a cloud that are to stay, and those of them that are there.
func (p *pool) in(cloud int) (asked, alive int) {
	for _, w := range p.workers {
		if w.cloud == cloud && !w.leaving {
			asked++
			if w.ready {
				alive++
			}
		}
	}
	return asked, alive
}

// place spreads the workers that are wanted over the clouds, as placement says, and starts and stops them.
func (r *run) place() {
	wanted, priority, standing := map[string]int{}, map[string]int{}, map[string]placement.Standing{}
	for i, p := range r.pools {
		wanted[r.Chains[i].Name], priority[r.Chains[i].Name] = p.wanted, r.Chains[i].Priority
	}
	clouds := make([]placement.Cloud, len(r.Clouds))
	for c, cloud := range r.Clouds {
		clouds[c] = cloud.Cloud
		groups := map[string]placement.Group{}
		for i, p := range r.pools {
			asked, alive := p.in(c)
			groups[r.Chains[i].Name] = placement.Group{Asked: asked, Alive: alive}
		}
		standing[cloud.Name] = placement.Standing{Groups: groups}
	}
	plan := placement.Place(wanted, priority, clouds, standing)
	for c, cloud := range r.Clouds {
		for i, p := range r.pools {
			r.adjust(i, p, c, plan.Ask[cloud.Name][r.Chains[i].Name])
		}
	}
}

// adjust starts workers in a cloud, or stops the newest.
func (r *run) adjust(chain int, p *pool, cloud, count int) {
	have, _ := p.in(cloud)
	for ; have < count; have++ {
		p.began++
		w := &worker{cloud: cloud, asked: r.now}
		p.workers = append(p.workers, w)
		luck := chance(r.Seed, "ready", r.Chains[chain].Name, r.Clouds[cloud].Name, r.now.String())
		for range p.began % 16 {
			luck.NormFloat64() // those of one moment are not all alike
		}
		ready := time.Duration(float64(r.Clouds[cloud].Ready) * around(luck, readySigma))
		r.at(r.now.Add(ready), func() {
			w.ready = true
			if w.leaving {
				r.gone(p, w)
				return
			}
			r.serve(chain)
		})
	}
	for i := len(p.workers) - 1; i >= 0 && have > count; i-- {
		w := p.workers[i]
		if w.cloud != cloud || w.leaving {
			continue
		}
		w.leaving = true
		have--
		if !w.busy {
			r.gone(p, w)
		}
	}
}

// gone adds up a worker that has gone.
func (r *run) gone(p *pool, w *worker) {
	i := slices.Index(p.workers, w)
	if i < 0 {
		return // it was stopped before it was ready
	}
	p.workers = slices.Delete(p.workers, i, i+1)
	r.pay(w)
}

// pay adds up what a worker costs, from when it was asked for.
func (r *run) pay(w *worker) {
	took := r.now.Sub(w.asked).Seconds()
	r.result.WorkerSeconds += took
	r.result.Cost += took / 3600 * r.Clouds[w.cloud].PricePerHour
}
