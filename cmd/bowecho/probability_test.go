package main

import (
	"path/filepath"
	"testing"

	"bowecho/internal/ncfile"
	"bowecho/internal/realdata"
	"bowecho/processors/probability"
)

func TestProbabilityOffline(t *testing.T) {
	sequence := realdata.Path(t, "data", "sequences", "mch20150515.nc")
	out := filepath.Join(t.TempDir(), "probability.nc")
	run(t, "probability", "--grids", sequence, "--at", "9", "--leads", "1,6", "--thresholds", "20,35", "--out", out)
	file, err := ncfile.Read(sequence, 9)
	if err != nil {
		t.Fatal(err)
	}
	chances, _, err := chancesOf(file, []float64{5, 30}, probability.Config{ThresholdsDBZ: []float64{20, 35}})
	if err != nil {
		t.Fatal(err)
	}
	want := content(file, []float64{5, 30}, []float64{20, 35}, chances)
	if len(want.Variables) != 3 || want.Variables[2].Name != "probability_35" {
		t.Errorf("variables: %+v", want.Variables)
	}
	if values := want.Variables[1].Values.(func() []float32)(); len(values) != 2*640*710 {
		t.Errorf("%d values, want two lead times of 640 × 710", len(values))
	}
	if _, code, _ := output(t, "probability", "--grids", sequence, "--thresholds", "35,20", "--out", out); code != exitUsage {
		t.Errorf("exit code %d of falling thresholds, want %d", code, exitUsage)
	}
}
