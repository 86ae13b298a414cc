package simulate

import (
	"container/heap"
	"slices"
	"time"
)

// arrival is an order as early as it can come and as late as it may be done.
type arrival struct {
	from, until time.Time
	takes       time.Duration
}

// arrivals gives those of each chain, by time. What follows from an order comes when that is done: at once, at the
// earliest, and just in time, at the latest.
func (s *Script) arrivals() [][]arrival {
	all := make([][]arrival, len(s.Chains))
	var add func(o *order, from, until time.Time)
	add = func(o *order, from, until time.Time) {
		if d := s.Chains[o.chain].Deadline; d > 0 {
			until = until.Add(d)
		} else {
			until = s.End
		}
		all[o.chain] = append(all[o.chain], arrival{from, until, o.takes})
		for _, next := range o.next {
			add(next, from.Add(o.takes), until)
		}
	}
	for _, o := range s.orders {
		add(o, o.at, o.at)
	}
	for _, list := range all {
		slices.SortStableFunc(list, func(a, b arrival) int { return a.from.Compare(b.from) })
	}
	return all
}

// bound gives the worker-seconds below which nobody can do all orders in time, who knows every one of them and what it
// takes before it comes: the workers that open triggers keep, from opening to closing, and for the work that these cannot
// do, even if it could be cut into pieces and done at the last moment, workers that are there only while they work. How
// long these take to be ready, and that workers are whole, is left out, so that it is less than anybody needs.
func (s *Script) bound() float64 {
	total := 0.0
	for i, list := range s.arrivals() {
		kept := s.kept(i)
		for _, k := range kept {
			total += float64(k.workers) * k.to.Sub(k.from).Seconds()
		}
		total += leftOver(list, kept).Seconds()
	}
	return total
}

// keeping is that open triggers keep so many workers of a chain for a while.
type keeping struct {
	from, to time.Time
	workers  int
}

// kept gives how many workers of a chain the open triggers keep, over time.
func (s *Script) kept(chain int) (list []keeping) {
	r := &run{Script: s, floors: make([]map[int]int, len(s.Chains))}
	r.floors[chain] = map[int]int{}
	since, workers := s.Begin, 0
	turn := func(at time.Time, now int) {
		if workers > 0 && at.After(since) {
			list = append(list, keeping{since, at, workers})
		}
		since, workers = at, now
	}
	for _, t := range s.turns {
		if !slices.Contains(t.trigger.Opens, s.Chains[chain].Name) {
			continue
		}
		by := -1
		if t.open {
			by = 1
		}
		r.floors[chain][t.trigger.Workers()] += by
		turn(t.at, r.floor(chain))
	}
	turn(s.End, 0)
	return list
}

// leftOver gives the work that the kept workers cannot do in time. Who does what is due first loses least.
func leftOver(list []arrival, kept []keeping) (lost time.Duration) {
	var open due
	for _, k := range kept {
		now := k.from
		for now.Before(k.to) {
			for len(list) > 0 && !list[0].from.After(now) {
				heap.Push(&open, list[0])
				list = list[1:]
			}
			for len(open) > 0 && !open[0].until.After(now) {
				a, _ := heap.Pop(&open).(arrival)
				lost += a.takes
			}
			until := k.to
			if len(list) > 0 && list[0].from.Before(until) {
				until = list[0].from
			}
			if len(open) == 0 {
				now = until
				continue
			}
			if open[0].until.Before(until) {
				until = open[0].until
			}
			can := time.Duration(k.workers) * until.Sub(now)
			if open[0].takes > can {
				open[0].takes -= can
				now = until
				continue
			}
			now = now.Add(open[0].takes / time.Duration(k.workers))
			heap.Pop(&open)
		}
	}
	for _, a := range append(open, list...) {
		lost += a.takes
	}
	return lost
}

// due is arrivals, that which is due first before others.
type due []arrival

func (d due) Len() int           { return len(d) }
func (d due) Less(i, j int) bool { return d[i].until.Before(d[j].until) }
func (d due) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *due) Push(x any) {
	a, _ := x.(arrival)
	*d = append(*d, a)
}
func (d *due) Pop() any {
	last := len(*d) - 1
	a := (*d)[last]
	*d = (*d)[:last]
	return a
}

// mostMissed is the share of orders that a static provisioning may miss, besides those that nobody could do in time.
const mostMissed = 0.001

// mostWorkers is more than any chain can use.
const mostWorkers = 4096

// peaks gives of each chain the fewest workers that, always there, miss next to nothing.
func (s *Script) peaks() []int {
	peaks := make([]int, len(s.Chains))
	for i, list := range s.arrivals() {
		low, high, deadline := 1, 1, s.Chains[i].Deadline
		may := missed(list, mostWorkers, deadline) + mostMissed
		for missed(list, high, deadline) > may {
			low, high = high+1, 2*high
		}
		for low < high {
			middle := (low + high) / 2
			if missed(list, middle, deadline) > may {
				low = middle + 1
			} else {
				high = middle
			}
		}
		peaks[i] = high
	}
	return peaks
}

// missed gives the share of orders that so many workers, who take what comes first, end after its deadline.
func missed(list []arrival, workers int, deadline time.Duration) float64 {
	if len(list) == 0 || deadline == 0 {
		return 0
	}
	free := make(times, workers)
	late := 0
	for _, a := range list {
		begin := free[0]
		if a.from.After(begin) {
			begin = a.from
		}
		until := a.from.Add(deadline)
		if begin.After(until) {
			late++
			continue
		}
		if free[0] = begin.Add(a.takes); free[0].After(until) {
			late++
		}
		heap.Fix(&free, 0)
	}
	return float64(late) / float64(len(list))
}

// times is when workers are free, the first before others.
type times []time.Time

func (t times) Len() int           { return len(t) }
func (t times) Less(i, j int) bool { return t[i].Before(t[j]) }
func (t times) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *times) Push(any)          {} // their number does not change
func (t *times) Pop() any          { return nil }
