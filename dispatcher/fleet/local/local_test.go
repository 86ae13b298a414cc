package local

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// asWorker makes the test binary be a worker: one that runs until it is asked to stop, or one that crashes.
const asWorker = "BOWECHO_TEST_WORKER"

func TestMain(m *testing.M) {
	switch os.Getenv(asWorker) {
	case "steady":
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		<-ctx.Done()
		return
	case "crashing":
		os.Exit(3)
	}
	goleak.VerifyTestMain(m)
}

func start(t *testing.T, kind string) (f *Fleet, stop func()) {
	t.Helper()
	f = New(func(string) []string { return []string{os.Args[0]} }, []string{asWorker + "=" + kind}, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	return f, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func eventually(t *testing.T, f *Fleet, chain string, want int) {
	t.Helper()
	give := time.Now().Add(20 * time.Second)
	for {
		counts, err := f.Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if counts[chain] == want {
			return
		}
		if time.Now().After(give) {
			t.Fatalf("%d workers of %s after 20 s, want %d", counts[chain], chain, want)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func scale(t *testing.T, f *Fleet, chain string, count int) {
	t.Helper()
	if err := f.Scale(t.Context(), chain, count); err != nil {
		t.Fatal(err)
	}
}

func TestFromZeroToManyAndBack(t *testing.T) {
	f, stop := start(t, "steady")
	defer stop()
	scale(t, f, "nowcast", 3)
	scale(t, f, "picture", 1)
	eventually(t, f, "nowcast", 3)
	eventually(t, f, "picture", 1)
	scale(t, f, "nowcast", 1)
	eventually(t, f, "nowcast", 1)
	scale(t, f, "nowcast", 0)
	eventually(t, f, "nowcast", 0)
	eventually(t, f, "picture", 1)
}

func TestStopStopsAll(t *testing.T) {
	f, stop := start(t, "steady")
	scale(t, f, "nowcast", 2)
	eventually(t, f, "nowcast", 2)
	stop()
	eventually(t, f, "nowcast", 0)
}

func TestACrashedWorkerIsReplaced(t *testing.T) {
	f, stop := start(t, "crashing")
	defer stop()
	scale(t, f, "nowcast", 1)
	for range 2 {
		eventually(t, f, "nowcast", 1)
		eventually(t, f, "nowcast", 0)
	}
}
