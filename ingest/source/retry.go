package source

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

// MaxBytes is the size of the largest file that is taken.
const MaxBytes = 256 << 20

// Backoff gives how long to wait after so many failures in a row: from half a second, doubling, to half a minute, less up
// to a quarter of it by chance, so that those who wait for the same server do not come back at the same moment.
func Backoff(failures int) time.Duration {
	longest := min(500*time.Millisecond<<min(max(failures-1, 0), 10), 30*time.Second)
	return longest - rand.N(longest/4)
}

// Remote is a source whose files lie on a server.
type Remote interface{ Line() *Line }

// Line is the line to a server: up or down. It logs when that changes, and not at every attempt.
type Line struct {
	Log      *slog.Logger
	To       string                       // the server, for the log
	Told     func(context.Context, error) // what became of each attempt; nil where nobody asks
	Feed     bool                         // each answer is word of a feed of warnings, be it that nothing is new
	failures int
	since    time.Time
}

// Up notes that the server answered.
func (l *Line) Up(ctx context.Context) {
	l.tell(ctx, nil)
	if l.failures > 0 {
		l.Log.Info("answers again", "server", l.To, "after", time.Since(l.since).Round(time.Second))
	}
	l.failures = 0
}

// Down notes that the server did not, and waits until it is time to ask again. Its error says that ctx has ended.
func (l *Line) Down(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if l.failures == 0 {
		l.since = time.Now()
		l.Log.Error("does not answer; trying until it does", "server", l.To, "err", err)
	}
	l.failures++
	l.tell(ctx, err)
	return Wait(ctx, time.Now().Add(Backoff(l.failures)))
}

func (l *Line) tell(ctx context.Context, err error) {
	if l.Told != nil {
		l.Told(ctx, err)
	}
}
