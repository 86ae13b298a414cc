package folder

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/source/sourcetest"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// filled gives a directory with three files whose names tell another order than the alphabet, and some to ignore.
func filled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"b-20170329-071000.nc", "sub/a-20170329-071100.nc", "z-20170329-070900.nc", ".hidden", "x.part", "y.tmp"} {
		write(t, filepath.Join(dir, name), "x")
	}
	return dir
}

var inOrder = []string{"z-20170329-070900.nc", "b-20170329-071000.nc", "a-20170329-071100.nc"}

func TestConformance(t *testing.T) {
	dir := filled(t)
	t.Run("once", func(t *testing.T) {
		sourcetest.Run(t, sourcetest.Case{Want: inOrder, Ends: true, Make: func(*testing.T) source.Source { return New(Config{Dir: dir, Once: true}) }})
	})
	t.Run("watching", func(t *testing.T) {
		sourcetest.Run(t, sourcetest.Case{Want: inOrder, Make: func(*testing.T) source.Source { return New(Config{Dir: dir}) }})
	})
}

// watching runs a folder source in the background and gives what it emits.
func watching(t *testing.T, dir string) (names <-chan string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	emitted, ended := make(chan string, 1000), make(chan struct{})
	ready := filepath.Join(dir, "ready.nc")
	write(t, ready, "x")
	go func() {
		defer close(ended)
		_ = New(Config{Dir: dir}).Run(ctx, func(_ context.Context, f source.File) error {
			emitted <- f.Name
			return nil
		})
	}()
	t.Cleanup(func() { cancel(); <-ended })
	if got := next(t, emitted); got != "ready.nc" {
		t.Fatalf("first came %s", got)
	}
	return emitted
}

func next(t *testing.T, names <-chan string) string {
	t.Helper()
	select {
	case name := <-names:
		return name
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came within 10 s")
		return ""
	}
}

func TestHalfWrittenFilesWait(t *testing.T) {
	dir := t.TempDir()
	names := watching(t, dir)
	slow, err := os.Create(filepath.Join(dir, "slow.nc"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := slow.WriteString("the first half"); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "quick.nc"), "x")
	if got := next(t, names); got != "quick.nc" {
		t.Fatalf("%s came while it was being written", got)
	}
	if err := slow.Close(); err != nil {
		t.Fatal(err)
	}
	if got := next(t, names); got != "slow.nc" {
		t.Errorf("got %s, want slow.nc once it is closed", got)
	}
}

func TestRenamedInAndNewFolders(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	names := watching(t, dir)
	write(t, filepath.Join(other, "moved.nc"), "x")
	write(t, filepath.Join(dir, "late.nc.part"), "x")
	for from, to := range map[string]string{filepath.Join(other, "moved.nc"): "moved.nc", filepath.Join(dir, "late.nc.part"): "late.nc"} {
		if err := os.Rename(from, filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
		if got := next(t, names); got != to {
			t.Errorf("got %s, want %s", got, to)
		}
	}
	deep := filepath.Join(dir, "2026", "05")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(deep, "first.nc"), "x")
	if got := next(t, names); got != "first.nc" {
		t.Errorf("got %s, want the file of a new folder", got)
	}
}

func TestAFileBeingWrittenAtTheStartWaits(t *testing.T) {
	dir := t.TempDir()
	open, err := os.Create(filepath.Join(dir, "open.nc"))
	if err != nil {
		t.Fatal(err)
	}
	names := watching(t, dir)
	if err := open.Close(); err != nil {
		t.Fatal(err)
	}
	if got := next(t, names); got != "open.nc" {
		t.Errorf("got %s", got)
	}
}

func TestABurstLosesNothing(t *testing.T) {
	dir := t.TempDir()
	names := watching(t, dir)
	const burst = 500
	for i := range burst {
		write(t, filepath.Join(dir, fmt.Sprintf("burst-%03d.nc", i)), "x")
	}
	seen := map[string]bool{}
	for len(seen) < burst {
		seen[next(t, names)] = true
	}
}

func TestNewsThatWereLostAreMadeUp(t *testing.T) {
	w := &watcher{paths: map[int32]string{}}
	overflow := make([]byte, 16)
	overflow[0], overflow[1], overflow[2], overflow[3] = 0xff, 0xff, 0xff, 0xff // no descriptor
	overflow[5] = 0x40                                                          // IN_Q_OVERFLOW
	w.parse(overflow)
	if !slices.Equal(w.queue, []happening{{missed: true}}) {
		t.Errorf("got %+v, want a rescan", w.queue)
	}
}

func TestNoSuchFolder(t *testing.T) {
	for _, once := range []bool{true, false} {
		err := New(Config{Dir: filepath.Join(t.TempDir(), "none"), Once: once}).Run(t.Context(), nil)
		if err == nil {
			t.Error("a folder that is not there was watched")
		}
	}
}
