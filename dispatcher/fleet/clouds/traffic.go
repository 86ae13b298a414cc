package clouds

import (
	"math"

	"bowecho/dispatcher/placement"
)

// traffic is how much a chain's workers transfer.
type traffic struct {
	bytes, seconds float64 // of the last orders; earlier ones count less and less
	gbPerHour      float64 // as clouds are compared by
}

// Of each order before the last so much counts still. What clouds are compared by follows when it has changed by so much
// of itself: workers are not to go back and forth between clouds that cost nearly the same.
const (
	trafficKept   = 0.95
	trafficChange = 0.25
)

// Moved takes how much an order of a chain got and put, and how long it was worked on.
func (f *Fleet) Moved(chain string, bytes, seconds float64) {
	if !(bytes >= 0 && seconds > 0) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.traffic[chain]
	if t == nil {
		t = &traffic{}
		f.traffic[chain] = t
	}
	t.bytes, t.seconds = trafficKept*t.bytes+bytes, trafficKept*t.seconds+seconds
	if now := t.bytes / 1e9 / (t.seconds / 3600); math.Abs(now-t.gbPerHour) > trafficChange*t.gbPerHour {
		t.gbPerHour = now
	}
}

// cloud gives a cloud as workers are placed by. The lock is held.
func (f *Fleet) cloud(m *member) placement.Cloud {
	c := m.Placement()
	c.Transfer = map[string]float64{}
	for chain, t := range f.traffic {
		c.Transfer[chain] = m.Transfer * t.gbPerHour
	}
	return c
}
