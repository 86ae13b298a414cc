package lease

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"bowecho/internal/stream/streamtest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T) *Book {
	t.Helper()
	book, err := Open(t.Context(), streamtest.Connect(t))
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func write(t *testing.T, b *Book, workers ...string) {
	t.Helper()
	if err := b.Write(t.Context(), "mosaic", List{Workers: workers}); err != nil {
		t.Fatal(err)
	}
}

func TestAWorkerBeginsWhenNamedAndStopsWhenNamedNoMore(t *testing.T) {
	book := open(t)
	write(t, book, "another")
	began := make(chan context.Context, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		held, _, err := book.Hold(ctx, "mosaic", "one", "1.4")
		if err != nil {
			t.Error(err)
		}
		began <- held
	}()
	select {
	case <-began:
		t.Fatal("it began before it was named")
	case <-time.After(100 * time.Millisecond): // nothing tells that nothing happens
	}
	write(t, book, "another", "one")
	held := <-began
	write(t, book, "one")
	if held.Err() != nil {
		t.Fatal("it stopped while it was named")
	}
	write(t, book, "another")
	<-held.Done()
	if why := context.Cause(held); !errors.Is(why, ErrUnnamed) {
		t.Errorf("stopped because of %v, want %v", why, ErrUnnamed)
	}
}

func TestAWorkerStopsWhenTheDispatcherIsSilent(t *testing.T) {
	book := open(t)
	book.length = 900 * time.Millisecond
	write(t, book, "one")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	held, _, err := book.Hold(ctx, "mosaic", "one", "1.4")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	time.AfterFunc(book.length/3, func() { _ = book.Write(context.Background(), "mosaic", List{Workers: []string{"one"}}) })
	<-held.Done()
	if why := context.Cause(held); !errors.Is(why, errSilent) {
		t.Errorf("stopped because of %v, want %v", why, errSilent)
	}
	if after := time.Since(began); after < book.length+book.length/3 {
		t.Errorf("stopped %v after the start, though it was renewed at a third of %v", after, book.length)
	}
}

func TestToBeStoppedIsNoFault(t *testing.T) {
	book := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := book.Hold(ctx, "mosaic", "one", "1.4"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}

func TestAWorkerThatIsRefusedIsToldWhy(t *testing.T) {
	book := open(t)
	list := List{Workers: []string{"another"}, Refused: map[string]string{"one": "of release 1.4, want 1.5"}}
	if err := book.Write(t.Context(), "mosaic", list); err != nil {
		t.Fatal(err)
	}
	if _, _, err := book.Hold(t.Context(), "mosaic", "one", "1.4"); err == nil || !strings.Contains(err.Error(), "want 1.5") {
		t.Errorf("%v, want why", err)
	}
}

func TestReportsAreHeardAndForgotten(t *testing.T) {
	book := open(t)
	write(t, book, "one", "two")
	holding, letGo := context.WithCancel(t.Context())
	for _, worker := range []string{"one", "two"} {
		if _, _, err := book.Hold(holding, "mosaic", worker, "1.4"); err != nil {
			t.Fatal(err)
		}
	}
	letGo()
	if err := book.Forget(t.Context(), "mosaic", "two"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var heard []Report
	if err := book.Follow(ctx, func(r Report) { heard = append(heard, r) }, cancel); err != nil {
		t.Fatal(err)
	}
	if len(heard) != 1 || heard[0].Job != "mosaic" || heard[0].Worker != "one" || heard[0].Release != "1.4" || time.Since(heard[0].Time) > time.Minute {
		t.Errorf("heard %+v, want that one is there, of release 1.4", heard)
	}
}
