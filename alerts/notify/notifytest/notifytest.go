// Package notifytest holds every notifier to the same promises.
package notifytest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"bowecho/alerts/notify"
	"bowecho/internal/event"

	"github.com/google/go-cmp/cmp"
)

// Recipient is a notifier with a view of its far end.
type Recipient struct {
	notify.Notifier
	Received func() []event.Notice // what has arrived, in order; the same notice again may be left out
	Cut      func()                // from now on, nothing arrives
}

// Notice gives a valid notice; no two numbers give the same.
func Notice(number int) *event.Notice {
	at := time.Date(2017, 3, 29, 7, 30, 0, 0, time.UTC)
	return &event.Notice{
		V: event.Version, ID: fmt.Sprintf("notice-%d", number), Episode: "e", State: event.Start, Reason: "comes within 5 km",
		Place: "Home", Product: "reflectivity", Level: 45, Units: "dBZ", DistanceKM: 4.25, Bearing: "SW", LeadMinutes: 9,
		ETATime: at.Add(9 * time.Minute), ValidTime: at.Add(9 * time.Minute), IssueTime: at, Text: "45 dBZ, 4.3 km SW, reaching Home in 9 min",
		Areas: []string{"dfw/reflectivity/1"}, Radars: []string{"addison.tx"}, Channel: "ops",
	}
}

// Run holds a kind of notifier to the promises; each gets a recipient of its own.
func Run(t *testing.T, recipient func(t *testing.T) Recipient) {
	for name, promise := range map[string]func(*testing.T, Recipient){
		"the whole notice arrives":      whole,
		"again is the same notice":      again,
		"many at once":                  many,
		"nobody there is an error":      nobody,
		"asked to stop, it stops":       stopped,
		"the notice is left as it was":  unchanged,
		"they arrive in the same order": ordered,
	} {
		t.Run(name, func(t *testing.T) { promise(t, recipient(t)) })
	}
}

func hand(t *testing.T, r Recipient, n *event.Notice) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := r.Notify(ctx, n); err != nil {
		t.Fatalf("notice %s: %v", n.ID, err)
	}
}

func whole(t *testing.T, r Recipient) {
	n := Notice(1)
	n.Place, n.Text = `Café "Zur Brücke" <b>`, "45 dBZ, 4 km SW,\nreaching \"Café\" in 9 min \u2028 ⛈"
	hand(t, r, n)
	if diff := cmp.Diff([]event.Notice{*n}, r.Received()); diff != "" {
		t.Errorf("what arrived (-want +got):\n%s", diff)
	}
}

func again(t *testing.T, r Recipient) {
	hand(t, r, Notice(1))
	hand(t, r, Notice(1))
	got := r.Received()
	if len(got) == 0 {
		t.Fatal("nothing arrived")
	}
	for _, n := range got {
		if diff := cmp.Diff(*Notice(1), n); diff != "" {
			t.Errorf("what arrived (-want +got):\n%s", diff)
		}
	}
}

func many(t *testing.T, r Recipient) {
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := r.Notify(t.Context(), Notice(i)); err != nil {
				t.Errorf("notice %d: %v", i, err)
			}
		})
	}
	all.Wait()
	ids := map[string]bool{}
	for _, n := range r.Received() {
		ids[n.ID] = true
	}
	if len(ids) != 20 {
		t.Errorf("%d different notices arrived, want 20", len(ids))
	}
}

func nobody(t *testing.T, r Recipient) {
	r.Cut()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := r.Notify(ctx, Notice(1)); err == nil {
		t.Error("no error though nobody is there")
	}
}

func stopped(t *testing.T, r Recipient) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Notify(ctx, Notice(1)); err == nil {
		t.Error("no error though asked to stop")
	}
}

func unchanged(t *testing.T, r Recipient) {
	n := Notice(1)
	hand(t, r, n)
	if diff := cmp.Diff(Notice(1), n); diff != "" {
		t.Errorf("afterwards (-want +got):\n%s", diff)
	}
}

func ordered(t *testing.T, r Recipient) {
	for i := range 10 {
		hand(t, r, Notice(i))
	}
	got := r.Received()
	if len(got) != 10 {
		t.Fatalf("%d arrived, want 10", len(got))
	}
	for i, n := range got {
		if n.ID != Notice(i).ID {
			t.Errorf("at %d arrived %s, want %s", i, n.ID, Notice(i).ID)
		}
	}
}
