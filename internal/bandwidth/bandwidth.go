// Package bandwidth keeps what the workers of a cloud transfer within its limit, the most important first.
//
// A worker asks before each chunk that it gets or puts. The shaper of its cloud, beside the dispatcher, says "go" when the
// line has room, to the highest priority first and among equals to who came first; to those who wait it says now and
// then that they are heard. So the limit holds for all workers together, wherever in the cloud they run, and no chunk
// that is under way is broken off.
//
// Who hears nothing goes ahead after a while: a shaper that is away must not stop the work.
package bandwidth

import (
	"context"
	"fmt"
	"time"

	"bowecho/internal/event"
)

// Ask is what a worker wants to transfer next.
type ask struct {
	Bytes    int `json:"bytes"`
	Priority int `json:"priority"` // the more, the sooner
}

// The answers to an ask.
const (
	goAhead = "go"
	hold    = "hold" // it is heard, and stands in line
)

const (
	holdEvery = 4 * time.Second       // how often those in line are told so
	patience  = 3 * holdEvery         // after which a worker that hears nothing goes ahead
	slack     = 50 * time.Millisecond // of unused time that counts: timers are late by some of it
)

// subject is where the workers of a cloud ask.
func subject(cloud string) string { return "bandwidth." + event.Token(cloud) }

// bytesPerSecond gives a limit in megabits a second as bytes.
func bytesPerSecond(mbit float64) float64 { return mbit * 1e6 / 8 }

// Check tells what is wrong with a limit in megabits a second; 0 is none.
func Check(mbit float64) error {
	if !(mbit >= 0 && mbit <= 1e6) {
		return fmt.Errorf("mbit_per_s is %g, want above 0 up to 1000000, or 0 for no limit", mbit)
	}
	return nil
}

type priorityKey struct{}

// WithPriority gives a context whose transfers count for so much.
func WithPriority(ctx context.Context, priority int) context.Context {
	return context.WithValue(ctx, priorityKey{}, priority)
}

func priorityOf(ctx context.Context) int {
	priority, _ := ctx.Value(priorityKey{}).(int)
	return priority
}
