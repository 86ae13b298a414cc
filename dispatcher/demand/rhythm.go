package demand

import "time"

// Rhythm learns how often orders come, by the wall clock.
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
