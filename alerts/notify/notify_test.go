package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

func notice(channel string, number int) *event.Notice {
	return &event.Notice{
		V: event.Version, ID: fmt.Sprintf("%s-%d", channel, number), Episode: "e", State: event.Start,
		Place: "Home", Channel: channel, Trail: event.Trail{Notice: time.Now()},
	}
}

// far is the far end of a channel.
type far struct {
	mu    sync.Mutex
	err   error
	calls []string
}

func (f *far) Notify(_ context.Context, n *event.Notice) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, n.ID)
	return f.err
}

func (f *far) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls)
}

// serve runs channels until something holds.
func serve(t *testing.T, client *stream.Client, holds func() bool, channels ...Channel) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for _, c := range channels {
		all.Go(func() {
			if err := c.Run(ctx, client, slog.New(slog.DiscardHandler)); err != nil {
				t.Errorf("%s: %v", c.Name, err)
			}
		})
	}
	defer all.Wait()
	defer stop()
	for give := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(give) {
			t.Fatal("not after 30 s")
		}
		<-time.After(10 * time.Millisecond)
	}
}

// waiting counts the notices that nobody has taken.
func waiting(t *testing.T, client *stream.Client) uint64 {
	t.Helper()
	queue, err := client.JS.Stream(t.Context(), stream.Notices)
	if err != nil {
		t.Fatal(err)
	}
	return queue.CachedInfo().State.Msgs
}

func TestADeadEndpointDelaysNoOther(t *testing.T) {
	client := streamtest.Connect(t)
	dead, alive := &far{err: errors.New("nobody there")}, &far{}
	for i := range 10 {
		for _, channel := range []string{"dead", "alive"} {
			if _, err := client.Publish(t.Context(), notice(channel, i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	serve(t, client, func() bool { return alive.count() == 10 && dead.count() >= 2 }, Channel{"dead", dead}, Channel{"alive", alive})
	for i, id := range dead.calls {
		if id != "dead-0" {
			t.Errorf("try %d was of %s, want the first until it is taken", i, id)
		}
	}
	for i, id := range alive.calls {
		if want := fmt.Sprintf("alive-%d", i); id != want {
			t.Errorf("at %d %s, want %s", i, id, want)
		}
	}
	if n := waiting(t, client); n != 10 {
		t.Errorf("%d wait, want the 10 of the dead channel", n)
	}
}

// TestOnceOverACrash has the same notice come twice, as when a program dies after the hand-off and before it says so.
func TestOnceOverACrash(t *testing.T) {
	client := streamtest.Connect(t)
	end := &far{}
	queue := func() {
		data, err := json.Marshal(notice("ops", 1))
		if err == nil {
			_, err = client.JS.Publish(t.Context(), "notice.ops", data) // without an id, so that the queue takes it twice
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	queue()
	serve(t, client, func() bool { return waiting(t, client) == 0 }, Channel{"ops", end})
	queue()
	serve(t, client, func() bool { return waiting(t, client) == 0 }, Channel{"ops", end})
	if end.count() != 1 {
		t.Errorf("handed off %d times, want once", end.count())
	}
}

func TestWhenItIsSetAside(t *testing.T) {
	client := streamtest.Connect(t)
	bucket, err := client.KeyValue(t.Context(), "delivered")
	if err != nil {
		t.Fatal(err)
	}
	fresh, old := notice("ops", 1), notice("ops", 2)
	old.Trail.Notice = time.Now().Add(-giveUpAfter - time.Second)
	for name, c := range map[string]struct {
		err     error
		n       *event.Notice
		attempt int
		want    bool
	}{
		"not there":                      {errors.New("nobody there"), fresh, 100, false},
		"not there for half an hour":     {errors.New("nobody there"), old, 2, true},
		"refused":                        {fmt.Errorf("answer 404: %w", ErrRefused), fresh, refusals - 1, false},
		"refused again and again":        {fmt.Errorf("answer 404: %w", ErrRefused), fresh, refusals, true},
		"the channel is no more":         {stream.Permanent(errors.New("gone")), fresh, 1, true},
		"asked to stop, though too late": {errors.New("canceled"), old, 1, false},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		end := Channel{"ops", notifier(func() error {
			if name == "asked to stop, though too late" {
				cancel()
			}
			return c.err
		})}
		err := end.handOff(ctx, bucket, c.n, c.attempt)
		cancel()
		if err == nil || stream.IsPermanent(err) != c.want {
			t.Errorf("%s: %v, want it set aside: %v", name, err, c.want)
		}
	}
}

type notifier func() error

func (f notifier) Notify(context.Context, *event.Notice) error { return f() }
