package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"bowecho/ingest"
	"bowecho/ingest/source"
	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"

	"github.com/nats-io/nats-server/v2/server"
	"golang.org/x/sys/unix"
)

// standing is a NATS server that can be stopped and started again where it was.
type standing struct {
	options server.Options
	server  *server.Server
}

func newStanding(t *testing.T) *standing {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().(*net.TCPAddr).Port
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	s := &standing{options: server.Options{
		Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: t.TempDir(), SyncAlways: true, NoSigs: true, NoLog: true,
	}}
	s.start(t)
	t.Cleanup(s.stop)
	return s
}

func (s *standing) start(t *testing.T) {
	t.Helper()
	var err error
	if s.server, err = server.NewServer(&s.options); err != nil {
		t.Fatal(err)
	}
	s.server.Start()
	if !s.server.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server is not ready after 10 s")
	}
}

func (s *standing) stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}

func (s *standing) connect(t *testing.T) *stream.Client {
	t.Helper()
	cfg := stream.DefaultConfig()
	cfg.URL = s.server.ClientURL()
	client, err := stream.Connect(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// paced is a source whose files come some time apart, and which does things between them.
type paced struct {
	files
	apart   time.Duration
	between map[int]func()
}

func (p paced) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	for i, f := range p.files {
		if do := p.between[i]; do != nil {
			do()
		}
		if err := source.Wait(ctx, time.Now().Add(p.apart)); err != nil {
			return err
		}
		if err := emit(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// check holds that each of count files was announced once and none set aside, and prints the account.
func check(t *testing.T, client *stream.Client, count int) {
	t.Helper()
	times := map[string]int{}
	doubled := 0
	for _, m := range read[event.Scan](t, client, stream.Scans, "") {
		if times[m.File]++; times[m.File] > 1 {
			doubled++
		}
	}
	dead := len(read[event.Dead](t, client, stream.DeadBox, ""))
	t.Logf("sent %d, announced %d, lost %d, doubled %d, set aside %d", count, len(times), count-len(times), doubled, dead)
	if len(times) != count || doubled != 0 || dead != 0 {
		t.Errorf("want each announced once and none set aside")
	}
}

// TestAnOutageOfNATSLosesNothing stops the server while files come, and starts it again some seconds later.
func TestAnOutageOfNATSLosesNothing(t *testing.T) {
	const count = 40
	nats := newStanding(t)
	client := nats.connect(t)
	var from files
	for n := range count {
		from = append(from, onDisk(t, t.TempDir(), file(t, n)))
	}
	var back sync.WaitGroup
	take(t, client, paced{files: from, apart: 20 * time.Millisecond, between: map[int]func(){count / 3: func() {
		nats.stop()
		back.Go(func() {
			time.Sleep(4 * time.Second)
			nats.start(t)
		})
	}}})
	back.Wait()
	check(t, client, count)
}

// TestTheSameFilesByTwoRoadsAtOnce runs two services side by side on the same files.
func TestTheSameFilesByTwoRoadsAtOnce(t *testing.T) {
	const count = 60
	client := streamtest.Connect(t)
	var from files
	for n := range count {
		from = append(from, file(t, n))
	}
	var roads sync.WaitGroup
	for road := range 2 {
		mine := slices.Clone(from)
		for i := range mine {
			mine[i].Identity = fmt.Sprintf("road %d, file %d", road, i)
		}
		roads.Go(func() {
			s, err := ingest.New(t.Context(), ingest.DefaultConfig(), client, slog.New(slog.DiscardHandler))
			if err == nil {
				err = s.Run(t.Context(), fmt.Sprintf("road%d", road), mine)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	roads.Wait()
	check(t, client, count)
}

// TestPoisonDelaysNothing puts broken files among many good ones.
func TestPoisonDelaysNothing(t *testing.T) {
	const count = 200
	client := streamtest.Connect(t)
	var from files
	broken := 0
	for n := range count {
		f := file(t, n)
		if n%10 == 7 {
			f.Data, f.Name = f.Data[:len(f.Data)*2/3], "broken-"+f.Name
			broken++
		}
		from = append(from, f)
	}
	take(t, client, from)
	scans, dead := read[event.Scan](t, client, stream.Scans, ""), read[event.Dead](t, client, stream.DeadBox, "")
	inOrder := slices.IsSortedFunc(scans, func(a, b *event.Scan) int { return a.Time.Compare(b.Time) })
	t.Logf("sent %d, announced %d, set aside %d", count, len(scans), len(dead))
	if len(scans) != count-broken || len(dead) != broken || !inOrder {
		t.Errorf("%d announced (in order: %v), %d set aside; want %d and %d", len(scans), inOrder, len(dead), count-broken, broken)
	}
}

// TestAFullDiskLosesNothing fills the server's disk while files come, and makes room some seconds later.
func TestAFullDiskLosesNothing(t *testing.T) {
	const count = 60
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=24m"); err != nil {
		if os.Getuid() == 0 && os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("a small disk takes root: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(disk, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	client := streamtest.ConnectOn(t, disk)
	ballast := filepath.Join(disk, "ballast")
	var from files
	for n := range count {
		from = append(from, onDisk(t, t.TempDir(), file(t, n)))
	}
	var room sync.WaitGroup
	take(t, client, paced{files: from, apart: 10 * time.Millisecond, between: map[int]func(){count / 3: func() {
		if err := os.WriteFile(ballast, make([]byte, 64<<20), 0o600); !errors.Is(err, unix.ENOSPC) {
			t.Errorf("the disk is not full: %v", err)
		}
		room.Go(func() {
			time.Sleep(4 * time.Second)
			if err := os.Remove(ballast); err != nil {
				t.Error(err)
			}
		})
	}}})
	room.Wait()
	check(t, client, count)
}
