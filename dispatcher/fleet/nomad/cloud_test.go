package nomad

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"bowecho/internal/lease"
	"bowecho/internal/nomadtest"
	"bowecho/internal/release"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// rules is what a dispatcher's token may do, as deploy/nomad/README.md says.
const rules = `namespace "default" { capabilities = ["list-jobs", "read-job", "submit-job", "scale-job"] }`

// asWorker makes the test binary a worker that has nothing to do: it holds its lease until it is asked to stop.
const asWorker = "BOWECHO_TEST_WORKER"

// asRelease is of which release that worker says it is; empty: of the dispatcher's.
const asRelease = "BOWECHO_TEST_RELEASE"

func TestMain(m *testing.M) {
	if os.Getenv(asWorker) == "" || len(os.Args) < 2 || os.Args[1] != "work" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := work(ctx, os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func work(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("work", flag.ContinueOnError)
	held := flags.String("lease", "", "")
	flags.String("chain", "", "")
	flags.Bool("quiet", false, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cfg := stream.DefaultConfig()
	cfg.URL = os.Getenv("BOWECHO_NATS_URL")
	client, err := stream.Connect(ctx, cfg)
	if err != nil {
		return err
	}
	defer client.Close()
	book, err := lease.Open(ctx, client)
	if err != nil {
		return err
	}
	job, worker, _ := strings.Cut(*held, "/")
	if ctx, _, err = book.Hold(ctx, job, worker, cmp.Or(os.Getenv(asRelease), release.Version)); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// cloud is a Nomad and a NATS server for fleets.
type cloud struct {
	*nomadtest.Cluster
	client *stream.Client
	cfg    Config
	sizes  map[string]Size
}

// begin starts both, with the test binary as the workers' program. Names of clouds must differ on one.
func begin(t *testing.T, driver string, clients ...nomadtest.Client) *cloud {
	t.Helper()
	t.Setenv(asWorker, "steady")
	cluster := nomadtest.Start(t, clients...)
	client := streamtest.Connect(t)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(cluster.Token(t, rules)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	program := os.Args[0]
	if driver == "exec" {
		program = "/" + filepath.Base(program)
	}
	return &cloud{Cluster: cluster, client: client, cfg: Config{
		Address: cluster.Address, NodePool: "all", TokenFile: token, Job: "../../../deploy/nomad/worker." + driver + ".nomad.hcl",
		Variables: map[string]string{"program": program, "cpu": "100", "memory": "32"}, NATS: client.JS.Conn().ConnectedUrl(),
	}}
}

// fleet runs a fleet until the test ends, and gives what it logs.
func (c *cloud) fleet(t *testing.T, name string) (*Fleet, *lines) {
	t.Helper()
	book, err := lease.Open(t.Context(), c.client)
	if err != nil {
		t.Fatal(err)
	}
	log := &lines{}
	f, err := New(c.cfg, name, c.sizes, book, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	nomadtest.Await(t, "Nomad is heard", func() error { _, err := f.Count(t.Context()); return err })
	return f, log
}

func scale(t *testing.T, f *Fleet, chain string, count int) {
	t.Helper()
	if err := f.Scale(t.Context(), chain, count, "a test wants it"); err != nil {
		t.Fatal(err)
	}
}

// lines takes log lines from many goroutines.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) await(t *testing.T, words ...string) {
	t.Helper()
	nomadtest.Await(t, fmt.Sprintf("a line with each of %q", words), func() error {
		l.mu.Lock()
		defer l.mu.Unlock()
		for line := range strings.Lines(l.text.String()) {
			has := true
			for _, w := range words {
				has = has && strings.Contains(line, w)
			}
			if has {
				return nil
			}
		}
		return fmt.Errorf("none in\n%s", l.text.String())
	})
}
