package demand

import "time"

// Ready learns how long it takes from asking for a worker until it is there. It may be stored and continued.
type Ready struct {
	Time  time.Duration `json:"time"` // mean of the last
	asked []ask
}

// ask is that from a moment on there were to be so many workers.
type ask struct {
	at    time.Time
	count int
}

// usualReady is the guess before anything has been measured: a container on a machine that knows its image.
const usualReady = 5 * time.Second

// Ask takes that there are to be so many workers from now on, and no longer so many as before.
func (r *Ready) Ask(was, count int, now time.Time) {
	for len(r.asked) > 0 && r.asked[len(r.asked)-1].count >= count {
		r.asked = r.asked[:len(r.asked)-1] // fewer will do, and more may never come
	}
	if count > was {
		r.asked = append(r.asked, ask{now, count})
	}
}

// Count takes how many are there.
func (r *Ready) Count(alive int, now time.Time) {
	for len(r.asked) > 0 && alive >= r.asked[0].count {
		took := max(now.Sub(r.asked[0].at), time.Millisecond)
		if r.Time == 0 {
			r.Time = took
		}
		r.Time += time.Duration(weight * float64(took-r.Time))
		r.asked = r.asked[1:]
	}
}

// Guess gives how long it will take: longer than usual once it does.
func (r *Ready) Guess(now time.Time) time.Duration {
	guess := r.Time
	if guess == 0 {
		guess = usualReady
	}
	if len(r.asked) > 0 {
		guess = max(guess, now.Sub(r.asked[0].at))
	}
	return min(guess, pause)
}
