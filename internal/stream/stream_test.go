package stream_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/embedded"
)

func start(t *testing.T, dir string) (*embedded.Server, *stream.Client) {
	t.Helper()
	server, err := embedded.Start(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	cfg := stream.DefaultConfig()
	cfg.URL = server.URL()
	client, err := stream.Connect(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return server, client
}

func scan(id string) *event.Scan {
	return &event.Scan{V: event.Version, ID: id, Radar: "addison.tx", Key: "k", Time: time.Date(2017, 3, 29, 7, 10, 0, 0, time.UTC)}
}

func publish(t *testing.T, c *stream.Client, m event.Message) bool {
	t.Helper()
	duplicate, err := c.Publish(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return duplicate
}

// consume runs a consumer until done is closed.
func consume(t *testing.T, c *stream.Client, who stream.Consumer, done <-chan struct{}, handle stream.Handler) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- c.Consume(ctx, slog.New(slog.DiscardHandler), who, handle) }()
	select {
	case <-done:
	case <-ctx.Done():
		t.Error("not done after 30 s")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestPublishTwiceIsOnce(t *testing.T) {
	_, c := start(t, t.TempDir())
	if publish(t, c, scan("a")) || !publish(t, c, scan("a")) || publish(t, c, scan("b")) {
		t.Error("want the second of three to be a duplicate, and no other")
	}
	if _, err := c.Publish(t.Context(), &event.Scan{V: event.Version}); !stream.IsPermanent(err) {
		t.Errorf("a message without content: got %v, want a permanent error", err)
	}
}

func TestConsumeRetriesAndSetsAside(t *testing.T) {
	_, c := start(t, t.TempDir())
	for _, id := range []string{"good", "flaky", "bad", "panic", "last"} {
		publish(t, c, scan(id))
	}
	tries := map[string]int{}
	done := make(chan struct{})
	finished := 0
	who := stream.Consumer{Stream: stream.Scans, Durable: "test", Stage: "test", AckWait: 5 * time.Second}
	consume(t, c, who, done, func(_ context.Context, m stream.Message) error {
		s, err := event.Decode[event.Scan](m.Data)
		if err != nil {
			return err
		}
		tries[s.ID]++
		if s.ID == "flaky" && tries[s.ID] < 3 {
			return errors.New("not now")
		}
		if finished++; finished == 5 {
			defer close(done)
		}
		switch s.ID {
		case "bad":
			return stream.Permanent(errors.New("beyond repair"))
		case "panic":
			panic("index out of range")
		}
		return nil
	})
	if tries["flaky"] != 3 || tries["bad"] != 1 || tries["panic"] != 1 || tries["good"] != 1 {
		t.Errorf("tries: %v, want 3 of flaky and one of every other", tries)
	}
	var reasons []string
	err := c.Each(t.Context(), stream.DeadBox, "", time.Time{}, func(m stream.Message) error {
		d, err := event.Decode[event.Dead](m.Data)
		if err == nil {
			reasons = append(reasons, d.Reason)
		}
		return err
	})
	all := strings.Join(reasons, "\n")
	if err != nil || len(reasons) != 2 || !strings.Contains(all, "beyond repair") || !strings.Contains(all, "index out of range") {
		t.Errorf("dead: %q, %v; want the bad one and the panic", reasons, err)
	}
}

// TestAFullServerIsNotTheMessagesFault has a handler that can store nothing at first.
func TestAFullServerIsNotTheMessagesFault(t *testing.T) {
	_, c := start(t, t.TempDir())
	limit := func(bytes int64) {
		objects, err := c.JS.Stream(t.Context(), "OBJ_objects")
		if err != nil {
			t.Fatal(err)
		}
		cfg := objects.CachedInfo().Config
		cfg.MaxBytes = bytes
		if _, err := c.JS.UpdateStream(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
	}
	limit(1)
	publish(t, c, scan("one"))
	done, tries := make(chan struct{}), 0
	who := stream.Consumer{Stream: stream.Scans, Durable: "test", Stage: "test", AckWait: 5 * time.Second, Attempts: 2}
	consume(t, c, who, done, func(ctx context.Context, _ stream.Message) error {
		if tries++; tries == 4 {
			limit(-1)
		}
		_, err := c.Put(ctx, []byte("a product"))
		if err == nil {
			close(done)
		}
		return err
	})
	err := c.Each(t.Context(), stream.DeadBox, "", time.Time{}, func(m stream.Message) error { return errors.New(string(m.Data)) })
	if err != nil || tries != 4 {
		t.Errorf("%d tries, %v; want the fourth to work and nothing set aside", tries, err)
	}
}

func TestLongWorkIsNotGivenAway(t *testing.T) {
	_, c := start(t, t.TempDir())
	publish(t, c, scan("slow"))
	var deliveries atomic.Int32
	done := make(chan struct{})
	who := stream.Consumer{Stream: stream.Scans, Durable: "test", Stage: "test", AckWait: time.Second}
	consume(t, c, who, done, func(ctx context.Context, m stream.Message) error {
		deliveries.Add(1)
		select { // three times the ack wait
		case <-time.After(3 * time.Second):
		case <-ctx.Done():
		}
		close(done)
		return nil
	})
	if n := deliveries.Load(); n != 1 {
		t.Errorf("%d deliveries, want 1", n)
	}
}

func TestRestartContinues(t *testing.T) {
	dir := t.TempDir()
	server, c := start(t, dir)
	publish(t, c, scan("a"))
	publish(t, c, scan("b"))
	key, err := c.Put(t.Context(), []byte("a sweep"))
	if err != nil {
		t.Fatal(err)
	}
	who := stream.Consumer{Stream: stream.Scans, Durable: "test", Stage: "test"}
	first := make(chan struct{})
	consume(t, c, who, first, func(_ context.Context, m stream.Message) error {
		if m.Sequence == 1 {
			close(first)
			return nil
		}
		return errors.New("stop before the second")
	})
	c.Close()
	server.Stop()

	_, c = start(t, dir)
	if data, err := c.Get(t.Context(), key); err != nil || string(data) != "a sweep" {
		t.Errorf("object after the restart: %q, %v", data, err)
	}
	if _, err := c.Get(t.Context(), "0000"); !errors.Is(err, stream.ErrGone) || !stream.IsPermanent(err) {
		t.Errorf("object that never was: got %v, want a permanent ErrGone", err)
	}
	second := make(chan struct{})
	consume(t, c, who, second, func(_ context.Context, m stream.Message) error {
		if m.Sequence != 2 {
			t.Errorf("got message %d again", m.Sequence)
		}
		close(second)
		return nil
	})
}

func TestWorkQueueRefusesRatherThanDrops(t *testing.T) {
	server, err := embedded.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	cfg := stream.DefaultConfig()
	cfg.URL, cfg.MaxWork = server.URL(), 2
	c, err := stream.Connect(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	var refused error
	for _, id := range []string{"1", "2", "3"} {
		_, refused = c.JS.Publish(t.Context(), "work.mosaic.dfw", []byte(id))
	}
	if refused == nil {
		t.Error("the third order was taken, want it refused")
	}
}
