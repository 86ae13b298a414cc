package main

import (
	"path/filepath"
	"strings"
	"testing"

	"bowecho/internal/ncfile"
	"bowecho/internal/realdata"
)

// Two hours of lead times from a real squall line, and what they must keep: cells that were observed stay so where nothing moves
// in from outside.
func TestNowcastOfManyLeads(t *testing.T) {
	sequence := realdata.Path(t, "data", "sequences", "casa_addison20170329.nc")
	for _, last := range []int{30, 120} {
		steps := make([]float64, last+1)
		for i := range steps {
			steps[i] = float64(i)
		}
		out := filepath.Join(t.TempDir(), "nowcast.nc")
		if err := nowcastFile(sequence, 20, steps, out); err != nil {
			t.Fatal(err)
		}
		file, err := ncfile.Read(out, -1)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(file.Grid.Leads); n != last+1 {
			t.Errorf("%d lead times, want %d", n, last+1)
		}
		middle := file.Grid.Domain.Rows / 2
		for _, lead := range file.Grid.Leads[:6] {
			if v := lead.Field.At(middle, middle); v != v {
				t.Errorf("lead %g: no value at the radar", lead.Minutes)
			}
		}
	}
}

func TestNowcastOfOneFrameIsRefused(t *testing.T) {
	sequence := realdata.Path(t, "data", "sequences", "casa_addison20170329.nc")
	err := nowcastFile(sequence, 0, []float64{1}, filepath.Join(t.TempDir(), "nowcast.nc"))
	if err == nil || !strings.Contains(err.Error(), "at least 2") {
		t.Errorf("error %v, want one that asks for a second frame", err)
	}
}
