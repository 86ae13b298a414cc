package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bowecho/dispatcher/fleet"
	"bowecho/dispatcher/fleet/fleettest"

	"go.uber.org/goleak"
)

// asWorker makes the test binary be something else: a worker that runs until it is asked to stop, one that does not
// listen, one that crashes, or a program with a fleet of its own. noteIn names a directory in which each notes its
// process id.
const (
	asWorker = "BOWECHO_TEST_WORKER"
	noteIn   = "BOWECHO_TEST_NOTES"
)

func TestMain(m *testing.M) {
	kind := os.Getenv(asWorker)
	if kind == "" {
		goleak.VerifyTestMain(m)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := os.WriteFile(filepath.Join(os.Getenv(noteIn), strconv.Itoa(os.Getpid())), nil, 0o600); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(4)
	}
	switch kind {
	case "steady":
		<-ctx.Done()
	case "stubborn":
		select {}
	case "crashing":
		os.Exit(3)
	case "parent":
		f := newFleet("steady", os.Getenv(noteIn))
		if err := f.Scale(ctx, "nowcast", 2, "test"); err != nil {
			os.Exit(5)
		}
		_ = f.Run(ctx)
	}
}

func newFleet(kind, notes string) *Fleet {
	return New(func(string) []string { return []string{os.Args[0]} }, []string{asWorker + "=" + kind, noteIn + "=" + notes}, slog.New(slog.DiscardHandler))
}

// start runs a fleet until the test ends.
func start(t *testing.T, f *Fleet) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		counts, err := f.Count(context.Background())
		for chain, n := range counts {
			if n != 0 || err != nil {
				t.Errorf("%d workers of %s are left after the end: %v", n, chain, err)
			}
		}
	})
}

func scale(t *testing.T, f *Fleet, chain string, count int) {
	t.Helper()
	if err := f.Scale(t.Context(), chain, count, "test"); err != nil {
		t.Fatal(err)
	}
	fleettest.Await(t, f, map[string]int{chain: count})
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	give := time.After(30 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-give:
			t.Fatalf("not after 30 s: %s", what)
		}
	}
}

// noted gives the process ids that were noted in a directory.
func noted(t *testing.T, dir string) (ids []int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		id, err := strconv.Atoi(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// runs tells whether a process is there and not merely waits to be buried.
func runs(id int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
	if err != nil {
		return false
	}
	_, after, _ := bytes.Cut(stat, []byte(") "))
	return !bytes.HasPrefix(after, []byte("Z"))
}

func TestConforms(t *testing.T) {
	fleettest.Conform(t, func(t *testing.T) fleet.Fleet {
		f := newFleet("steady", t.TempDir())
		start(t, f)
		return f
	})
}

// TestLessUrgentWorkersYield holds that all threads of a worker are as nice as its chain's priority says.
func TestLessUrgentWorkersYield(t *testing.T) {
	notes := t.TempDir()
	f := newFleet("steady", notes)
	f.Rank(map[string]int{"nowcast": 80, "picture": 30})
	start(t, f)
	for _, c := range []struct {
		chain string
		nice  string
	}{{"nowcast", "3"}, {"picture", "13"}, {"unknown", "0"}} {
		known := noted(t, notes)
		if err := f.Scale(t.Context(), c.chain, 1, "test"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the worker has noted itself", func() bool { return len(noted(t, notes)) > len(known) })
		id := slices.DeleteFunc(noted(t, notes), func(id int) bool { return slices.Contains(known, id) })[0]
		eventually(t, "its threads have nice value "+c.nice, func() bool {
			threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", id))
			return err == nil && len(threads) > 1 && !slices.ContainsFunc(threads, func(stat string) bool { return nice(stat) != c.nice })
		})
	}
}

// nice reads the nice value out of a thread's stat file: the nineteenth field, of which the second is in parentheses.
func nice(path string) string {
	stat, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return strings.Fields(after)[16]
}

func TestTheNewestIsStoppedFirst(t *testing.T) {
	notes := t.TempDir()
	f := newFleet("steady", notes)
	start(t, f)
	scale(t, f, "nowcast", 1)
	eventually(t, "the first worker has noted itself", func() bool { return len(noted(t, notes)) == 1 })
	first := noted(t, notes)[0]
	scale(t, f, "nowcast", 3)
	eventually(t, "three workers have noted themselves", func() bool { return len(noted(t, notes)) == 3 })
	scale(t, f, "nowcast", 1)
	if !runs(first) {
		t.Error("the first worker was stopped, want the newest stopped")
	}
}

func TestWhoDoesNotStopIsKilled(t *testing.T) {
	notes := t.TempDir()
	f := newFleet("stubborn", notes)
	f.grace = 50 * time.Millisecond
	start(t, f)
	scale(t, f, "nowcast", 1)
	eventually(t, "the worker has noted itself", func() bool { return len(noted(t, notes)) == 1 })
	scale(t, f, "nowcast", 0)
	if runs(noted(t, notes)[0]) {
		t.Error("a worker that does not listen is still there")
	}
}

func TestACrashedWorkerIsReplaced(t *testing.T) {
	notes := t.TempDir()
	f := newFleet("crashing", notes)
	start(t, f)
	if err := f.Scale(t.Context(), "nowcast", 1, "test"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "three workers, one after the other", func() bool { return len(noted(t, notes)) >= 3 })
	if err := f.Scale(t.Context(), "nowcast", 0, "test"); err != nil {
		t.Fatal(err)
	}
	fleettest.Await(t, f, map[string]int{})
}

func TestACommandThatCannotBeStartedIsTriedAgain(t *testing.T) {
	var lines lockedBuffer
	f := New(func(string) []string { return []string{"/nothing/here"} }, nil, slog.New(slog.NewTextHandler(&lines, nil)))
	start(t, f)
	if err := f.Scale(t.Context(), "nowcast", 1, "test"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "two tries", func() bool { return strings.Count(lines.String(), "/nothing/here") >= 2 })
	if counts, err := f.Count(t.Context()); err != nil || counts["nowcast"] != 0 {
		t.Errorf("%v, %v; want nobody alive", counts, err)
	}
}

func TestWorkersDieWithTheProgram(t *testing.T) {
	notes := t.TempDir()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), asWorker+"=parent", noteIn+"="+notes)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the program and two workers have noted themselves", func() bool { return len(noted(t, notes)) == 3 })
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := parent.Wait(); !errors.As(err, &exit) {
		t.Fatalf("the killed program ended with %v", err)
	}
	for _, id := range noted(t, notes) {
		eventually(t, fmt.Sprintf("process %d is gone", id), func() bool { return !runs(id) })
	}
}

// lockedBuffer takes log lines from many goroutines.
type lockedBuffer struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes.String()
}
