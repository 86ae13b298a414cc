package sourcetest

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"bowecho/ingest/source"
)

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
