package demand

import "time"

// Cost learns how long an order of a chain takes. It may be stored and continued.
type Cost struct {
	Seconds float64 `json:"seconds"`
	Orders  int     `json:"orders"`
}

// usualSeconds is the guess before anything has been learnt.
const usualSeconds = 2

// weight is what a new measurement counts against all before it.
const weight = 0.2

// Learn takes the seconds that an order took.
func (c *Cost) Learn(seconds float64) {
	if !(seconds >= 0 && seconds < 1e6) {
		return
	}
	if c.Orders == 0 {
		c.Seconds = seconds
	}
	c.Seconds += weight * (seconds - c.Seconds)
	c.Orders++
}

// Predict gives the seconds that an order will take.
func (c *Cost) Predict() float64 {
	if c.Orders == 0 {
		return usualSeconds
	}
	return c.Seconds
}

// Rhythm learns how often orders of a chain come, by the wall clock.
type Rhythm struct {
	last     time.Time
	interval time.Duration
}

// pause is a gap between orders after which their rhythm is learnt anew.
const pause = 10 * time.Minute

// Hear takes that an order was made.
func (r *Rhythm) Hear(now time.Time) {
	gap := now.Sub(r.last)
	switch {
	case gap > pause: // also before the first
		r.interval = 0
	case r.interval == 0:
		r.interval = gap
	default:
		r.interval += time.Duration(weight * float64(gap-r.interval))
	}
	r.last = now
}

// Expect gives how many orders will come within a time. Once they cease to come it becomes ever less.
func (r *Rhythm) Expect(now time.Time, within time.Duration) float64 {
	interval := max(r.interval, now.Sub(r.last))
	if r.interval == 0 || interval == 0 {
		return 0
	}
	return float64(within) / float64(interval)
}
