package bandwidth

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"bowecho/internal/stream/streamtest"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var begin = time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)

// In any stretch of time no more goes through than the rate allows, but for one chunk and what slack counts; and
// nobody goes while a higher priority, or one as high that came before, waits.
func TestTheLineKeepsItsRateAndOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := line{rate: rapid.Float64Range(1e3, 1e8).Draw(t, "rate")}
		type passed struct {
			at    time.Time
			bytes int
		}
		var gone []passed
		now, largest := begin, 0
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "ms")) * time.Millisecond)
			for range rapid.IntRange(0, 3).Draw(t, "asks") {
				a := ask{rapid.IntRange(0, 1<<20).Draw(t, "bytes"), rapid.IntRange(0, 3).Draw(t, "priority")}
				largest = max(largest, a.Bytes)
				l.join(a, "")
			}
			for {
				was := slices.Clone(l.waiting)
				next, ok := l.next(now)
				if !ok {
					break
				}
				for _, other := range was {
					if other.Priority > next.Priority || other.Priority == next.Priority && other.came < next.came {
						t.Fatalf("%+v went before %+v", next, other)
					}
				}
				gone = append(gone, passed{now, next.Bytes})
			}
		}
		for i := range gone {
			sum := 0.0
			for _, g := range gone[i:] {
				sum += float64(g.bytes)
				if allowed := l.rate*(g.at.Sub(gone[i].at)+slack).Seconds() + float64(largest) + 1; sum > allowed {
					t.Fatalf("%.0f bytes in %v at %.0f bytes a second", sum, g.at.Sub(gone[i].at), l.rate)
				}
			}
		}
	})
}

func TestAnIdleLineIsUsedWhole(t *testing.T) {
	l := line{rate: 1000}
	for range 10 {
		l.join(ask{Bytes: 500}, "")
	}
	now, gone := begin, 0
	for ; gone < 10; now = now.Add(10 * time.Millisecond) {
		for _, ok := l.next(now); ok; _, ok = l.next(now) {
			gone++
		}
	}
	if took := now.Sub(begin); took < 4400*time.Millisecond || took > 4600*time.Millisecond {
		t.Errorf("5000 bytes, of which the last 500 may be under way, took %v at 1000 a second", took)
	}
}

// Ten workers ask over a real server, and all together keep to the limit.
func TestWorkersTogetherKeepToTheLimit(t *testing.T) {
	client := streamtest.Connect(t)
	const workers, each, bytes, mbit = 10, 5, 100_000, 80 // 10 MB/s: ten milliseconds a chunk
	shaper := NewShaper(client.NC, "east", mbit, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- shaper.Run(ctx) }()
	var asking sync.WaitGroup
	began := time.Now()
	for priority := range workers {
		asker := NewAsker(client.NC, "east", slog.New(slog.DiscardHandler))
		asking.Go(func() {
			for range each {
				if err := asker.Wait(WithPriority(ctx, priority), bytes); err != nil {
					t.Error(err)
				}
			}
		})
	}
	asking.Wait()
	if took, least := time.Since(began), (workers*each-1)*10*time.Millisecond-slack; took < least {
		t.Errorf("5 MB at 10 MB/s took %v, want at least %v", took, least)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestWithoutAShaperTheWorkGoesOn(t *testing.T) {
	client := streamtest.Connect(t)
	asker := NewAsker(client.NC, "east", slog.New(slog.DiscardHandler))
	asker.patience = 400 * time.Millisecond
	began := time.Now()
	if err := asker.Wait(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < asker.patience {
		t.Errorf("it went ahead after %v, before its patience of %v", took, asker.patience)
	}
	asker.patience = time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := asker.Wait(ctx, 1000); err == nil {
		t.Error("it went ahead when it was to stop")
	}
}

func TestLimitsAreChecked(t *testing.T) {
	for mbit, good := range map[float64]bool{0: true, 0.5: true, 1e6: true, -1: false, 2e6: false} {
		t.Run(fmt.Sprint(mbit), func(t *testing.T) {
			if err := Check(mbit); (err == nil) != good {
				t.Errorf("%v", err)
			}
		})
	}
}
