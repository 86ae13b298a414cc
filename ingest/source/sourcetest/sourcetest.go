// Package sourcetest is what every source must hold to.
package sourcetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"bowecho/ingest/source"

	"go.uber.org/goleak"
)

// Case is a source over things that are known. Make gives a new source over the same things each time.
type Case struct {
	Make func(t *testing.T) source.Source
	Want []string // names, in order
	Ends bool     // by itself, when all have been emitted
}

// Run checks a source.
func Run(t *testing.T, c Case) {
	for name, check := range map[string]func(*testing.T, Case){
		"everything once, in order, though emit blocks": inOrder,
		"an error of emit is returned":                  failing,
		"stops in emit":                                 stopsInEmit,
		"stops before it starts":                        stopsBefore,
		"the same identities after a restart":           restarts,
	} {
		t.Run(name, func(t *testing.T) {
			leaked := goleak.IgnoreCurrent()
			check(t, c)
			goleak.VerifyNone(t, leaked)
		})
	}
	if !c.Ends {
		t.Run("stops while it waits", func(t *testing.T) {
			leaked := goleak.IgnoreCurrent()
			stopsWaiting(t, c)
			goleak.VerifyNone(t, leaked)
		})
	}
}

func inOrder(t *testing.T, c Case) {
	r := start(t, c)
	var got []string
	for i := range c.Want {
		if i > 0 {
			r.release <- struct{}{}
		}
		got = append(got, r.next(t).Name)
	}
	if !slices.Equal(got, c.Want) {
		t.Errorf("got %v, want %v", got, c.Want)
	}
	r.finish(t, c)
}

// restarts holds that a file is known again, and that no two have one identity.
func restarts(t *testing.T, c Case) {
	var before []string
	for range 2 {
		r := start(t, c)
		var now []string
		for i := range c.Want {
			if i > 0 {
				r.release <- struct{}{}
			}
			if id := r.next(t).Identity; id != "" {
				now = append(now, id)
			}
		}
		r.finish(t, c)
		if before != nil && !slices.Equal(before, now) {
			t.Errorf("identities %q, before %q", now, before)
		}
		before = slices.Clone(now)
		slices.Sort(now)
		if n := len(now); len(slices.Compact(now)) != n {
			t.Errorf("identities are not unique: %q", before)
		}
	}
}

func failing(t *testing.T, c Case) {
	full := errors.New("the disk is full")
	calls := 0
	err := c.Make(t).Run(t.Context(), func(context.Context, source.File) error { calls++; return full })
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("got %v after %d files, want the error of emit after 1", err, calls)
	}
}

func stopsInEmit(t *testing.T, c Case) {
	r := start(t, c)
	r.next(t)
	r.stop()
	r.release <- struct{}{}
	if err := r.end(t); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it canceled", err)
	}
}

func stopsBefore(t *testing.T, c Case) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := c.Make(t).Run(ctx, func(_ context.Context, f source.File) error {
		t.Errorf("%s came after the stop", f.Name)
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want it canceled", err)
	}
}

// stopsWaiting stops a source that has nothing to give, or not yet.
func stopsWaiting(t *testing.T, c Case) {
	r := start(t, c)
	for range c.Want {
		r.next(t)
		r.release <- struct{}{}
	}
	r.stop()
	for { // one that is never out of files may have been about to hand over another
		select {
		case <-r.files:
			r.release <- struct{}{}
			continue
		case err := <-r.ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want it canceled", err)
			}
			return
		case <-time.After(limit):
			t.Fatalf("has not ended within %s", limit)
		}
	}
}
