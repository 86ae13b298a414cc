package fleet

import (
	"context"
	"time"
)

// Stint is the time of one worker, as those who run it have noted it.
type Stint struct {
	Worker       string // no other has the same in its cloud, at any time
	Chain        string
	Cloud        string  // where several are one fleet
	PricePerHour float64 // there
	Started      time.Time
	Ended        time.Time // zero: it works
}

// Timekeeper is a fleet that knows when its workers started and ended.
type Timekeeper interface {
	// Stints gives those that go on and, for RememberFor at least, those that have ended. With an error it gives what it
	// knows, which may not be all.
	Stints(ctx context.Context) ([]Stint, error)
}

// RememberFor is how long it is known when a worker has ended: time enough for who adds them up.
const RememberFor = time.Hour
