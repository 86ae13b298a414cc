package folder

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/source/sourcetest"

	"golang.org/x/sys/unix"
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

// started runs a folder source in the background and gives what it emits; the end closes it.
func started(t *testing.T, cfg Config) <-chan string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	emitted, ended := make(chan string, 1000), make(chan struct{})
	go func() {
		defer close(ended)
		defer close(emitted)
		err := New(cfg).Run(ctx, func(_ context.Context, f source.File) error {
			emitted <- f.Name
			return nil
		})
		if err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return emitted
}

// watching is started with a folder that it is known to watch already.
func watching(t *testing.T, dir string) <-chan string {
	t.Helper()
	write(t, filepath.Join(dir, "ready.nc"), "x")
	names := started(t, Config{Dir: dir})
	if got := next(t, names); got != "ready.nc" {
		t.Fatalf("first came %s", got)
	}
	return names
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
	write(t, filepath.Join(deep, "second.nc"), "x")
	if got := next(t, names); got != "second.nc" {
		t.Errorf("got %s, want each file of a new folder once", got)
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

// TestNewsThatWereLostAreMadeUp loses the news of a folder and of a file in it, as the kernel does when too much happens.
func TestNewsThatWereLostAreMadeUp(t *testing.T) {
	dir := t.TempDir()
	w, err := watch(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	deep := filepath.Join(dir, "new")
	if err := os.Mkdir(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(deep, "lost.nc"), "x")
	overflow := make([]byte, unix.SizeofInotifyEvent)
	binary.NativeEndian.PutUint32(overflow, 0xffffffff) // of no directory
	binary.NativeEndian.PutUint32(overflow[4:], unix.IN_Q_OVERFLOW)
	w.parse(overflow)
	var got []string
	r := &run{watcher: w, unfinished: map[string]bool{}, emit: func(_ context.Context, f source.File) error {
		got = append(got, f.Name)
		return nil
	}}
	if err := r.step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []string{"lost.nc"}) || !slices.Contains(slices.Collect(maps.Values(w.paths)), deep) {
		t.Errorf("got %v, watching %v; want the file, and its folder watched", got, w.paths)
	}
}

func TestAPausedWriterAtTheStartIsWaitedFor(t *testing.T) {
	for name, once := range map[string]bool{"once": true, "watching": false} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "paused-20170329-070900.nc")
			paused, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := paused.WriteString("the first half"); err != nil {
				t.Fatal(err)
			}
			long := time.Now().Add(-time.Hour)
			if err := os.Chtimes(path, long, long); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "whole-20170329-071000.nc"), "x")
			names := started(t, Config{Dir: dir, Once: once})
			if got := next(t, names); got != "whole-20170329-071000.nc" {
				t.Fatalf("%s came while it was being written", got)
			}
			if err := paused.Close(); err != nil {
				t.Fatal(err)
			}
			if got := next(t, names); got != "paused-20170329-070900.nc" {
				t.Errorf("got %s, want the file that is closed now", got)
			}
		})
	}
}

// TestOnceDoesNotWaitForWhatIsRemoved holds that a file that is never finished does not keep a run from ending.
func TestOnceDoesNotWaitForWhatIsRemoved(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "whole.nc"), "x")
	path := filepath.Join(dir, "never.nc")
	never, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer never.Close()
	names := started(t, Config{Dir: dir, Once: true})
	if got := next(t, names); got != "whole.nc" {
		t.Fatalf("got %s", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	select {
	case name, more := <-names:
		if more {
			t.Errorf("got %s", name)
		}
	case <-time.After(10 * time.Second):
		t.Error("has not ended")
	}
}

func TestTheSameNameAgainIsAnotherFile(t *testing.T) {
	dir := t.TempDir()
	names := watching(t, dir)
	for _, text := range []string{"one", "one and more"} {
		write(t, filepath.Join(dir, "again.nc"), text)
		if got := next(t, names); got != "again.nc" {
			t.Errorf("got %s", got)
		}
	}
}

func TestHiddenFoldersAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	names := watching(t, dir)
	hidden := filepath.Join(dir, ".rsync")
	if err := os.Mkdir(hidden, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(hidden, "inside.nc"), "x")
	write(t, filepath.Join(dir, "beside.nc"), "x")
	if got := next(t, names); got != "beside.nc" {
		t.Errorf("got %s, want only what is not hidden", got)
	}
}

func TestALinkToAFolderIsFollowed(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(filled(t), link); err != nil {
		t.Fatal(err)
	}
	names := started(t, Config{Dir: link, Once: true})
	for _, want := range inOrder {
		if got := next(t, names); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAFolderThatGoesAwayIsAnError(t *testing.T) {
	for name, away := range map[string]func(dir string) error{
		"removed": os.RemoveAll,
		"moved":   func(dir string) error { return os.Rename(dir, dir+"-old") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "in")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "ready.nc"), "x")
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			err := New(Config{Dir: dir}).Run(ctx, func(context.Context, source.File) error { return away(dir) })
			if err == nil || ctx.Err() != nil {
				t.Errorf("got %v, want an error that says so", err)
			}
		})
	}
}

// TestNothingIsLostWhileEmitBlocks writes a burst while the first file is held.
func TestNothingIsLostWhileEmitBlocks(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "first.nc"), "x")
	const burst = 500
	ctx, stop := context.WithCancel(t.Context())
	seen := map[string]int{}
	err := New(Config{Dir: dir}).Run(ctx, func(_ context.Context, f source.File) error {
		if f.Name == "first.nc" {
			for i := range burst {
				write(t, filepath.Join(dir, fmt.Sprintf("burst-%03d.nc", i)), "x")
			}
		}
		if seen[f.Name]++; len(seen) == burst+1 {
			stop()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || len(seen) != burst+1 {
		t.Errorf("%d files, %v; want %d", len(seen), err, burst+1)
	}
	for name, n := range seen {
		if n != 1 {
			t.Errorf("%s came %d times", name, n)
		}
	}
}

// TestSettle waits for a file of which the kernel does not tell whether it is being written.
func TestSettle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.nc")
	write(t, path, "x")
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		change := func() os.FileInfo {
			if err := os.Chtimes(path, time.Now(), time.Now()); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			return info
		}
		file := source.Listed{Path: path, Info: change()}
		go func() {
			time.Sleep(settled / 2)
			change()
		}()
		if err := settle(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != settled*3/2 {
			t.Errorf("took %s, want it left alone for %s after the change at %s", took, settled, settled/2)
		}
	})
}

func TestRecentIsBounded(t *testing.T) {
	var r recent
	for i := range 10 * remembered {
		if !r.add(fmt.Sprint(i)) {
			t.Fatalf("%d is not new", i)
		}
		if back := max(0, i-remembered+1); r.add(fmt.Sprint(back)) {
			t.Fatalf("%d is forgotten at %d", back, i)
		}
	}
	if n := len(r.now) + len(r.before); n > 2*remembered {
		t.Errorf("%d remembered", n)
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

// TestFilesClosedDuringTheStartAreTaken closes files while they are listed, in the instant in which the kernel has told
// of the close and still counts the writer.
func TestFilesClosedDuringTheStartAreTaken(t *testing.T) {
	dir := t.TempDir()
	const files = 300
	var open []*os.File
	for i := range files {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("f-%03d.nc", i)))
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, f)
	}
	names := started(t, Config{Dir: dir})
	for _, f := range open {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for len(seen) < files {
		seen[next(t, names)] = true
	}
}
