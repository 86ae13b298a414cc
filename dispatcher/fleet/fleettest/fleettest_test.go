package fleettest

import (
	"errors"
	"testing"

	"bowecho/dispatcher/fleet"
)

func TestMemoryConforms(t *testing.T) {
	Conform(t, func(*testing.T) fleet.Fleet { return &Memory{} })
}

func TestMemoryBreaks(t *testing.T) {
	var f Memory
	if err := f.Scale(t.Context(), "nowcast", 2, "test"); err != nil {
		t.Fatal(err)
	}
	gone := errors.New("no route to the cloud")
	f.Break(gone)
	if err := f.Scale(t.Context(), "nowcast", 3, "test"); !errors.Is(err, gone) {
		t.Errorf("scale: %v, want the fault", err)
	}
	if _, err := f.Count(t.Context()); !errors.Is(err, gone) {
		t.Errorf("count: %v, want the fault", err)
	}
	f.Break(nil)
	Await(t, &f, map[string]int{"nowcast": 2})
}
