// Package fleettest holds every fleet to the same behaviour, and has one in memory for tests of others.
package fleettest

import (
	"maps"
	"testing"
	"time"

	"bowecho/dispatcher/fleet"
)

// Conform runs the suite over a fleet. Start gives one that runs and has no workers; it is stopped by the test's end.
func Conform(t *testing.T, start func(t *testing.T) fleet.Fleet) {
	for _, c := range []struct {
		name  string
		steps []map[string]int
	}{
		{"from zero to many and back", []map[string]int{{"nowcast": 1}, {"nowcast": 3}, {"nowcast": 1}, {"nowcast": 0}}},
		{"chains do not touch each other", []map[string]int{{"nowcast": 2, "picture": 1}, {"nowcast": 0}, {"picture": 2}, {"picture": 0}}},
		{"the same again changes nothing", []map[string]int{{"nowcast": 2}, {"nowcast": 2}, {"nowcast": 2}}},
		{"none from none", []map[string]int{{"nowcast": 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, want := start(t), map[string]int{}
			for _, step := range c.steps {
				for chain, count := range step {
					if err := f.Scale(t.Context(), chain, count, "test"); err != nil {
						t.Fatal(err)
					}
					want[chain] = count
				}
				Await(t, f, want)
			}
		})
	}
	t.Run("a number below zero is refused", func(t *testing.T) {
		if err := start(t).Scale(t.Context(), "nowcast", -1, "test"); err == nil {
			t.Error("-1 workers were accepted")
		}
	})
}

// Await returns when the chains have so many workers, and fails the test when they do not get them.
func Await(t *testing.T, f fleet.Fleet, want map[string]int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	give := time.After(30 * time.Second)
	for {
		got, err := f.Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		maps.DeleteFunc(got, func(chain string, count int) bool { return count == 0 && want[chain] == 0 })
		if maps.Equal(got, wanted(want)) {
			return
		}
		select {
		case <-tick.C:
		case <-give:
			t.Fatalf("after 30 s there are workers %v, want %v", got, want)
		}
	}
}

// wanted gives the chains that shall have workers.
func wanted(want map[string]int) map[string]int {
	some := maps.Clone(want)
	maps.DeleteFunc(some, func(_ string, count int) bool { return count == 0 })
	return some
}
