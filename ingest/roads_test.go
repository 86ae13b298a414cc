package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/source/folder"
	"bowecho/ingest/source/push"
	"bowecho/ingest/source/replay"
	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// TestTheSameScanByThreeRoadsIsOne has two services on one server take the same scans at the same time, from a folder,
// from a recording and from senders.
func TestTheSameScanByThreeRoadsIsOne(t *testing.T) {
	const scans = 200
	client := streamtest.Connect(t)
	var sent files
	dirs := []string{t.TempDir(), t.TempDir()}
	for n := range scans {
		f := file(t, n)
		sent = append(sent, f)
		for _, dir := range dirs {
			onDisk(t, dir, f)
		}
	}
	address := freeAddress(t)
	receiver, err := push.New(push.Config{Listen: address}, t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	first, second := service(t, client), service(t, client)
	var roads, listening sync.WaitGroup
	roads.Go(func() { ran(t, first.Run(ctx, "folder", folder.New(folder.Config{Dir: dirs[0], Once: true}))) })
	roads.Go(func() { ran(t, second.Run(ctx, "replay", replay.New(replay.Config{Dir: dirs[1]}))) })
	listening.Go(func() { ran(t, second.Run(ctx, "push", receiver)) })
	send(t, address, sent)
	roads.Wait()
	stop()
	listening.Wait()
	want := tally{Sent: scans, Announced: scans, Known: 2 * scans}
	if got := tallied(t, client, scans); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func ran(t *testing.T, err error) {
	if err != nil {
		t.Error(err)
	}
}

// freeAddress gives a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// send puts files, each until the receiver says that it is taken.
func send(t *testing.T, address string, sent files) {
	sender := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, f := range sent {
		for {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+address+"/v1/files/"+f.Name, bytes.NewReader(f.Data))
			if err != nil {
				t.Error(err)
				return
			}
			answer, err := sender.Do(request)
			if err == nil {
				answer.Body.Close()
				if answer.StatusCode < 300 {
					break
				}
				err = errors.New(answer.Status)
			}
			if source.Wait(t.Context(), time.Now().Add(50*time.Millisecond)) != nil {
				t.Errorf("%s: %v", f.Name, err)
				return
			}
		}
	}
}

// TestPoisonDelaysNothing has a broken file after every 25 good ones.
func TestPoisonDelaysNothing(t *testing.T) {
	const good, broken = 500, 20
	client := streamtest.Connect(t)
	var from files
	for n := range good {
		f := file(t, n)
		from = append(from, f)
		if n%(good/broken) == 0 {
			from = append(from, source.File{Name: fmt.Sprintf("broken-%03d.netcdf", n), Data: f.Data[:len(f.Data)/2+n/10], Seen: time.Now()})
		}
	}
	take(t, client, from)
	if got, want := tallied(t, client, good), (tally{Sent: good, Announced: good, Dead: broken}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	names := map[string]bool{}
	for _, d := range read[event.Dead](t, client, stream.DeadBox, "") {
		names[d.Name] = true
	}
	if len(names) != broken {
		t.Errorf("%d different names are dead, want %d", len(names), broken)
	}
	for n, s := range read[event.Scan](t, client, stream.Scans, "") {
		if want := begin.Add(time.Duration(n) * time.Minute); !s.Time.Equal(want) {
			t.Fatalf("scan %d is of %s, want %s: out of order", n, s.Time, want)
		}
	}
}

// vanishing is a source whose files numbered 2 and 4 go away between the news of them and their being read: one is
// removed, and a directory comes in the place of the other.
type vanishing struct{ source.Source }

func (v vanishing) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	n := 0
	return v.Source.Run(ctx, func(ctx context.Context, f source.File) error {
		var err error
		if n++; n == 2 || n == 4 {
			err = os.Remove(f.Path)
		}
		if n == 4 {
			err = errors.Join(err, os.Mkdir(f.Path, 0o755))
		}
		return errors.Join(err, emit(ctx, f))
	})
}

func TestAFileThatGoesAwayIsTold(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(dir string) source.Source{
		"folder": func(dir string) source.Source { return folder.New(folder.Config{Dir: dir, Once: true}) },
		"replay": func(dir string) source.Source { return replay.New(replay.Config{Dir: dir}) },
	} {
		t.Run(name, func(t *testing.T) {
			client := streamtest.Connect(t)
			dir := t.TempDir()
			for n := range 6 {
				at := filepath.Join(dir, begin.Add(time.Duration(n)*time.Minute).Format("northlake.tx-20060102-150405.netcdf"))
				if err := os.WriteFile(at, file(t, n).Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			take(t, client, vanishing{make(dir)})
			if got, want := tallied(t, client, 6), (tally{Sent: 6, Announced: 4, Lost: 2, Dead: 2}); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
			dead := read[event.Dead](t, client, stream.DeadBox, "")
			if len(dead) != 2 || dead[0].Name != "northlake.tx-20260501-180100.netcdf" || dead[1].Name != "northlake.tx-20260501-180300.netcdf" {
				t.Fatalf("dead: %+v", dead)
			}
			t.Logf("told: %q, %q", dead[0].Reason, dead[1].Reason)
		})
	}
}
