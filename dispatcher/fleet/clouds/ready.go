package clouds

import "time"

// Without a time in the config, a worker of a cloud is slow after thrice the time that those before took, within bounds;
// before any has come, after time for the pull of an image.
const (
	usualReady = 30 * time.Second
	slowFactor = 3
	leastReady = 10 * time.Second
	mostReady  = 5 * time.Minute
)

// readyWeight is how much the newest worker counts in the mean of how long they take.
const readyWeight = 0.3

// learn takes how long a worker took from being asked for to being alive.
func (m *member) learn(took time.Duration) {
	if m.ready == 0 {
		m.ready = took
	}
	m.ready += time.Duration(readyWeight * float64(took-m.ready))
}

// slowAfter gives how long a worker is waited for until it is asked for elsewhere.
func (m *member) slowAfter() time.Duration {
	switch {
	case m.Config.Ready > 0:
		return m.Config.Ready
	case m.ready == 0:
		return usualReady
	}
	return min(max(slowFactor*m.ready, leastReady), mostReady)
}
