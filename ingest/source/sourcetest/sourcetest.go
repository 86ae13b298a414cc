// Package sourcetest is what every source must hold to.
package sourcetest

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"sync/atomic"
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

// running is a source that runs in the background. It hands over one file at a time: the next comes after release.
type running struct {
	files   chan source.File
	release chan struct{}
	stop    context.CancelFunc
	ended   chan error

	emitting atomic.Bool
}

func start(t *testing.T, c Case) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &running{files: make(chan source.File), release: make(chan struct{}), stop: stop, ended: make(chan error, 1)}
	src := c.Make(t)
	go func() {
		r.ended <- src.Run(ctx, func(_ context.Context, f source.File) error {
			if r.emitting.Swap(true) {
				t.Errorf("%s came while emit was still busy with another", f.Name)
			}
			r.files <- f
			<-r.release
			r.emitting.Store(false)
			f.Settle(nil)
			return nil
		})
	}()
	t.Cleanup(stop)
	return r
}

// next gives the next file, while its emit blocks.
func (r *running) next(t *testing.T) source.File {
	t.Helper()
	select {
	case f := <-r.files:
		check(t, f)
		return f
	case err := <-r.ended:
		t.Fatalf("ended early: %v", err)
	case <-time.After(limit):
		t.Fatalf("nothing came within %s", limit)
	}
	return source.File{}
}

// limit is how long a source may take for anything.
const limit = 30 * time.Second

// end gives what Run returns, and fails when there is another file instead.
func (r *running) end(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.ended:
		return err
	case f := <-r.files:
		t.Fatalf("%s came, want the end", f.Name)
	case <-time.After(limit):
		t.Fatalf("has not ended within %s", limit)
	}
	return nil
}

// check holds a file to what source.File says.
func check(t *testing.T, f source.File) {
	t.Helper()
	if f.Name == "" || f.Seen.IsZero() || f.Pace < 0 {
		t.Errorf("file %+v lacks a name, a time or a pace", f)
	}
	if f.Identity == "" && f.Data == nil && f.Done == nil {
		t.Errorf("file %q: want an identity where a restart finds the file again, or somebody who is told", f.Name)
	}
	switch {
	case f.Open != nil:
		checkOpen(t, f)
	case f.Path != "":
		if _, err := os.Stat(f.Path); err != nil || f.Data != nil {
			t.Errorf("file %q at %q with %d bytes: want one of both: %v", f.Name, f.Path, len(f.Data), err)
		}
	case len(f.Data) == 0:
		t.Errorf("file %q: want a path, bytes or a way to get them", f.Name)
	}
}

// checkOpen reads a file from elsewhere twice, as after a read that was cut.
func checkOpen(t *testing.T, f source.File) {
	t.Helper()
	if f.Path != "" || f.Data != nil || f.Done == nil {
		t.Errorf("file %q: want no path and no bytes beside Open, and somebody who is told when it cannot be had", f.Name)
	}
	var sizes [2]int
	for i := range sizes {
		body, err := f.Open(t.Context())
		if err != nil {
			t.Errorf("open %q: %v", f.Name, err)
			return
		}
		data, err := io.ReadAll(body)
		if closed := body.Close(); err != nil || closed != nil {
			t.Errorf("read %q: %v, %v", f.Name, err, closed)
		}
		sizes[i] = len(data)
	}
	if sizes[0] == 0 || sizes[0] != sizes[1] {
		t.Errorf("%q gave %d bytes, then %d", f.Name, sizes[0], sizes[1])
	}
}

// finish stops a source that does not end by itself, and checks what it returns.
func (r *running) finish(t *testing.T, c Case) {
	t.Helper()
	if !c.Ends {
		r.stop()
	}
	r.release <- struct{}{} // of the last file
	if err := r.end(t); c.Ends && err != nil || !c.Ends && !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
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
