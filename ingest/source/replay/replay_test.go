package replay

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/source/sourcetest"
)

func recordings(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"b-20170329-071000.nc", "a-20170329-071100.nc", "KFWS20170329_070900_V06", "no-time.nc"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestConformance(t *testing.T) {
	dir := recordings(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]Config{
		"as fast as it goes": {Dir: dir}, "paced": {Dir: dir, Speed: 5000}, "through a link": {Dir: link},
	} {
		t.Run(name, func(t *testing.T) {
			sourcetest.Run(t, sourcetest.Case{
				Want: []string{"no-time.nc", "KFWS20170329_070900_V06", "b-20170329-071000.nc", "a-20170329-071100.nc"}, Ends: true,
				Make: func(*testing.T) source.Source { return New(cfg) },
			})
		})
	}
}

func TestWhatCannotBeReplayed(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no such folder": {Dir: filepath.Join(t.TempDir(), "none")}, "backwards": {Dir: t.TempDir(), Speed: -1},
		"no number": {Dir: t.TempDir(), Speed: math.NaN()},
	} {
		if err := New(cfg).Run(t.Context(), nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestStopBetweenTwoFiles stops a replay that waits for the next file's time.
func TestStopBetweenTwoFiles(t *testing.T) {
	dir := recordings(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start, files := time.Now(), 0
		err := New(Config{Dir: dir, Speed: 1}).Run(ctx, func(context.Context, source.File) error { files++; return nil })
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != 30*time.Second || files != 2 {
			t.Errorf("%d files in %s, %v; want 2, and the end at once when asked", files, took, err)
		}
	})
}

func TestPace(t *testing.T) {
	dir := recordings(t)
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var at []time.Duration
		err := New(Config{Dir: dir, Speed: 4}).Run(t.Context(), func(_ context.Context, f source.File) error {
			at = append(at, time.Since(start))
			time.Sleep(3 * time.Second) // a slow system does not shift what follows
			if f.Pace != 4 {
				t.Errorf("pace %g, want 4", f.Pace)
			}
			return nil
		})
		want := []time.Duration{0, 3 * time.Second, 18 * time.Second, 33 * time.Second} // the minute takes 15 s
		if err != nil || len(at) != 4 || at[1] != want[1] || at[2] != want[2] || at[3] != want[3] {
			t.Errorf("emitted at %v, %v; want %v", at, err, want)
		}
	})
}
