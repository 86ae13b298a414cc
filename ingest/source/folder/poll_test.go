package folder

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/source/sourcetest"
)

func TestPollingConforms(t *testing.T) {
	dir := filled(t)
	sourcetest.Run(t, sourcetest.Case{Want: inOrder, Make: func(*testing.T) source.Source {
		return NewPolled(PollConfig{Dir: dir, Poll: time.Millisecond}, slog.New(slog.DiscardHandler))
	}})
}

// TestPolling looks every 5 s at a file that grows, one that is replaced, and a directory that goes and comes back.
func TestPolling(t *testing.T) {
	outer := t.TempDir()
	dir, away := filepath.Join(outer, "in"), filepath.Join(outer, "away")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		emitted := make(chan string, 10)
		ended := make(chan error, 1)
		write(t, filepath.Join(dir, "whole.nc"), "x")
		write(t, filepath.Join(dir, "grows.nc"), "x")
		go func() {
			ended <- NewPolled(PollConfig{Dir: dir, Poll: 5 * time.Second}, slog.New(slog.DiscardHandler)).Run(ctx,
				func(_ context.Context, f source.File) error { emitted <- f.Name; return nil })
		}()
		after := func(looks int, want ...string) {
			t.Helper()
			time.Sleep(time.Duration(looks) * 5 * time.Second)
			synctest.Wait()
			var names []string
			for len(emitted) > 0 {
				names = append(names, <-emitted)
			}
			if !slices.Equal(names, want) {
				t.Fatalf("got %v, want %v", names, want)
			}
		}
		time.Sleep(time.Second)
		after(0)
		write(t, filepath.Join(dir, "grows.nc"), "xx")
		after(1, "whole.nc")
		write(t, filepath.Join(dir, "grows.nc"), "xxx")
		after(1)
		after(1, "grows.nc")
		write(t, filepath.Join(dir, "whole.nc"), "another")
		after(2, "whole.nc")
		if err := os.Rename(dir, away); err != nil {
			t.Fatal(err)
		}
		after(20)
		if err := os.Rename(away, dir); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "later.nc"), "x")
		after(20, "later.nc")
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	})
}
