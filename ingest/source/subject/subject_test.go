package subject

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/source/sourcetest"
	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"

	"github.com/nats-io/nats.go"
)

func newSubject(t *testing.T, client *stream.Client, name string) *Subject {
	t.Helper()
	s, err := New(Config{name}, client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func send(t *testing.T, client *stream.Client, subject, name string, data []byte) (duplicate bool) {
	t.Helper()
	duplicate, err := Send(t.Context(), client, subject, name, data)
	if err != nil {
		t.Fatal(err)
	}
	return duplicate
}

var large = bytes.Repeat([]byte("0123456789abcdef"), maxInline/16+1)

func TestConformance(t *testing.T) {
	client := streamtest.Connect(t)
	if _, err := files(t.Context(), client); err != nil { // the server keeps goroutines for it
		t.Fatal(err)
	}
	n := 0
	sourcetest.Run(t, sourcetest.Case{Want: []string{"b.nc", "large.nc", "KTLX/6/20240401-214657-001-S"}, Make: func(t *testing.T) source.Source {
		n++
		subject := fmt.Sprintf("files.test%d", n)
		send(t, client, subject, "b.nc", []byte("b"))
		send(t, client, subject, "large.nc", large)
		send(t, client, subject, "KTLX/6/20240401-214657-001-S", []byte("chunk"))
		return sourcetest.FromFiles(client, newSubject(t, client, subject))
	}})
}

// running runs a source and settles each file with an outcome.
func running(t *testing.T, s *Subject, outcome func(source.File) error) <-chan source.File {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	got, ended := make(chan source.File, 100), make(chan error, 1)
	go func() {
		ended <- s.Run(ctx, func(_ context.Context, f source.File) error {
			f.Settle(outcome(f))
			got <- f
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	})
	return got
}

func next(t *testing.T, got <-chan source.File) source.File {
	t.Helper()
	select {
	case f := <-got:
		return f
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came within 20 s")
		return source.File{}
	}
}

func TestAFileStaysUntilItIsTaken(t *testing.T) {
	client := streamtest.Connect(t)
	failed := false
	got := running(t, newSubject(t, client, "files.dfw"), func(f source.File) error {
		if f.Name == "large.nc" && !failed {
			failed = true
			return errors.New("the disk is full")
		}
		return nil
	})
	send(t, client, "files.dfw", "large.nc", large)
	for range 2 {
		if f := next(t, got); f.Name != "large.nc" || !bytes.Equal(f.Data, large) {
			t.Errorf("got %s with %d bytes, want large.nc with %d", f.Name, len(f.Data), len(large))
		}
	}
	send(t, client, "files.dfw", "last.nc", []byte("x"))
	next(t, got)
	objects, err := files(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if left, err := objects.List(t.Context()); err == nil {
		t.Errorf("%d objects are left after their files were taken", len(left))
	}
}

func TestSentTwiceIsOne(t *testing.T) {
	client := streamtest.Connect(t)
	if send(t, client, "files.dfw", "a.nc", large) || !send(t, client, "files.dfw", "a.nc", large) {
		t.Error("want the second time, and only that, to be told")
	}
	send(t, client, "files.dfw", "b.nc", large)
	got := running(t, newSubject(t, client, "files.dfw"), func(source.File) error { return source.ErrKnown })
	if a, b := next(t, got), next(t, got); a.Name != "a.nc" || b.Name != "b.nc" {
		t.Errorf("got %s and %s, want each once", a.Name, b.Name)
	}
}

func TestWhatIsNoFileIsSetAside(t *testing.T) {
	client := streamtest.Connect(t)
	for _, m := range []nats.Msg{
		{Header: nats.Header{"Name": {"wrong.nc"}, "Sha256": {strings.Repeat("0", 64)}}, Data: []byte("x")},
		{Header: nats.Header{"Name": {"gone.nc"}, "Object": {"nothing"}}},
		{Data: []byte("no header")},
	} {
		m.Subject = "files.dfw"
		if _, err := client.JS.PublishMsg(t.Context(), &m); err != nil {
			t.Fatal(err)
		}
	}
	send(t, client, "files.dfw", "good.nc", []byte("x"))
	got := running(t, newSubject(t, client, "files.dfw"), func(source.File) error { return nil })
	if f := next(t, got); f.Name != "good.nc" {
		t.Errorf("got %s", f.Name)
	}
	var reasons []string
	err := client.Each(t.Context(), stream.DeadBox, "", time.Time{}, func(m stream.Message) error {
		d, err := event.Decode[event.Dead](m.Data)
		if err == nil {
			reasons = append(reasons, d.Reason)
		}
		return err
	})
	if all := strings.Join(reasons, "; "); err != nil || len(reasons) != 3 || !strings.Contains(all, "SHA-256") || !strings.Contains(all, "no longer") {
		t.Errorf("dead letters %q, %v; want 3 with their reasons", reasons, err)
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	client := streamtest.Connect(t)
	for _, subject := range []string{"dfw", "files.", "files.>", "files.*", "files.a..b", "files.a b", "scan.dfw"} {
		if _, err := Send(t.Context(), client, subject, "a.nc", []byte("x")); err == nil || !strings.Contains(err.Error(), "files.dfw") {
			t.Errorf("%s: got %v", subject, err)
		}
	}
	if _, err := Send(t.Context(), client, "files.dfw", "a.nc", nil); err == nil {
		t.Error("an empty file was sent")
	}
}
