package demand

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"bowecho/internal/event"
)

// Load is what a chain has to do.
type Load struct {
	Waiting, Running               int     // orders
	WaitingSeconds, RunningSeconds float64 // of work, predicted, that is left
	Each                           float64 // seconds of work in an order like the newest
	Expected                       float64 // orders that will come within Finish once a new worker is ready
	ExpectedSeconds                float64 // of work in them, as the weather will be then
	Ready                          time.Duration
	Alive                          int  // workers that are there
	Open                           bool // a trigger that opens the chain is open
	Floor                          int  // workers that are kept, whatever there is to do
	Known                          bool // Waiting and Running could be read
	Now, Ahead                     Sky  // that the newest orders work on, and that those which are expected will
	due                            []Due
}

// Sky is how much weather orders work on.
type Sky struct {
	RainKM2  float64 `json:"rainKM2"`  // at or above 20 dBZ
	CoresKM2 float64 `json:"coresKM2"` // at or above 40 dBZ
}

func (s *Sky) add(f event.Features) {
	s.RainKM2 += f.Weather.KM2Above(20)
	s.CoresKM2 += f.Weather.KM2Above(40)
}

// Due is work that is to be done within a time.
type Due struct {
	Within  time.Duration
	Seconds float64
	Orders  int
}

// within gives in what time an order should be done: Finish after it was made, but well before its deadline. One that is
// late already, or for which there is nobody yet, is given time for as long as its deadline lets it.
func (c Config) within(o *Order, left float64, m Moment) time.Duration {
	work := time.Duration(left * float64(time.Second))
	until := o.Made.Add(c.Finish)
	latest := m.Ready + max(work, c.Finish/2)
	if !o.Deadline.IsZero() {
		spare := o.Deadline.Sub(o.Made) / 6
		if last := o.Deadline.Add(-spare); last.Before(until) {
			until = last
		}
		latest = max(m.Ready+work, min(latest, o.Deadline.Sub(m.Now)-spare/2))
	}
	return max(until.Sub(m.Now), latest)
}

// need is how many workers a load needs, and the work that decides it.
type need struct {
	workers int
	by      Due     // of what waits and runs: all that is due by then
	most    float64 // workers that it keeps busy
	rate    float64 // workers that what is expected keeps busy
}

// need gives the workers with which everything is done in time. By the demand bound: for each time by which work is due,
// those that are there until new ones are ready, and all from then on, must be able to do all that is due by then.
// Source: Baruah, Rosier and Howell 1990, Real-Time Systems 2, 301-324.
func (c Config) need(l Load) (found need) {
	due := slices.Clone(l.due)
	slices.SortFunc(due, func(a, b Due) int { return cmp.Compare(a.Within, b.Within) })
	var sum Due
	for _, d := range due {
		sum = Due{d.Within, sum.Seconds + d.Seconds, sum.Orders + d.Orders}
		if workers := c.busy(sum, l); workers >= found.most {
			found.most, found.by = workers, sum
		}
	}
	found.rate = l.ExpectedSeconds / (c.Finish.Seconds() * c.TargetUse)
	found.workers = max(ceil(found.most), ceil(found.rate-carried))
	return found
}

// busy gives how many workers some work keeps busy, of which only those that are there count until others are ready.
func (c Config) busy(d Due, l Load) float64 {
	work, within, ready := d.Seconds/c.TargetUse, d.Within.Seconds(), l.Ready.Seconds()
	workers := work / within
	if there := float64(l.Alive); workers > there {
		workers = max(there, (work-there*ready)/max(within-ready, 1))
	}
	return min(workers, float64(d.Orders))
}

// carried is how much of a worker's work may be left to wait: should it pile up, it is counted as due soon enough.
const carried = 0.3

// ceil rounds up, but not for a hundredth of a worker.
func ceil(workers float64) int { return int(math.Ceil(min(workers, 1e6) - 0.01)) }

// want gives how many workers a load needs, and why.
func (c Config) want(l Load) (int, string) {
	n := c.need(l)
	floor := min(l.Floor, c.Max)
	want := max(n.workers, floor, l.Running)
	reason := n.reason(l, c)
	switch {
	case l.Waiting+l.Running == 0 && l.Expected == 0 && floor == 0:
		return 0, "nothing to do and no trigger open"
	case l.Waiting+l.Running == 0 && n.workers <= floor:
		reason = fmt.Sprintf("a trigger is open: %d stay ready", floor)
	case want > c.Max:
		want = c.Max
		reason += fmt.Sprintf(", held at the maximum of %d", c.Max)
	}
	return max(want, min(l.Waiting, 1)), reason
}

func (n need) reason(l Load, c Config) string {
	rate := fmt.Sprintf("%.1f orders of %.1f s come in %v from %v on", l.Expected, l.ExpectedSeconds, c.Finish, l.Ready.Round(100*time.Millisecond))
	if n.by.Orders == 0 {
		return fmt.Sprintf("%s at %.0f %% use", rate, 100*c.TargetUse)
	}
	return fmt.Sprintf("%.1f s of work (%d of %d waiting and %d running) due in %v, and %s, at %.0f %% use", n.by.Seconds,
		n.by.Orders, l.Waiting, l.Running, n.by.Within.Round(100*time.Millisecond), rate, 100*c.TargetUse)
}
