package fleettest

import (
	"testing"
	"time"

	"bowecho/dispatcher/fleet"
)

// ConformStints holds that a fleet that runs and has no workers notes when each comes and goes.
func ConformStints(t *testing.T, f interface {
	fleet.Fleet
	fleet.Timekeeper
}) {
	t.Helper()
	before := time.Now()
	for _, count := range []int{2, 1, 0} {
		if err := f.Scale(t.Context(), "nowcast", count, "test"); err != nil {
			t.Fatal(err)
		}
		Await(t, f, map[string]int{"nowcast": count})
		working := func() (n int) {
			for _, s := range mustStints(t, f) {
				if s.Ended.IsZero() {
					n++
				}
			}
			return n
		}
		if n := working(); n != count {
			t.Errorf("%d stints go on, want %d", n, count)
		}
	}
	list, ids := mustStints(t, f), map[string]bool{}
	for _, s := range list {
		ids[s.Worker] = true
		// Another machine's clock may differ a little, and what a cloud calls the start lie before its answer.
		if s.Chain != "nowcast" || s.Started.Before(before.Add(-time.Second)) || !s.Ended.After(s.Started) || time.Until(s.Ended) > time.Second {
			t.Errorf("stint %+v, want one of nowcast between %v and now", s, before)
		}
	}
	if len(list) != 2 || len(ids) != 2 {
		t.Errorf("stints %+v, want two of different workers", list)
	}
}

func mustStints(t *testing.T, f fleet.Timekeeper) []fleet.Stint {
	t.Helper()
	list, err := f.Stints(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}
