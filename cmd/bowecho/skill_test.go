package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"bowecho/internal/realdata"
)

// TestNowcastBeatsPersistence scores the nowcast on real sequences with the same program that scored its peers.
func TestNowcastBeatsPersistence(t *testing.T) {
	if raceEnabled {
		t.Skip("the scores do not depend on the race detector, and it makes them slow")
	}
	scorer := realdata.Path(t, "tools", "score_nowcast.py")
	if err := exec.Command("/usr/bin/python3", "-c", "import numpy, scipy, netCDF4").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI needs python3-numpy, python3-scipy and python3-netcdf4")
		}
		t.Skip("scoring needs python3-numpy, python3-scipy and python3-netcdf4: deploy/scripts/install.sh scores")
	}
	for _, c := range []struct {
		sequence   string
		thresholds []string
	}{
		{"casa_addison20170329", []string{"CSI20", "CSI35"}},
		{"mrms20190610", []string{"CSI20", "CSI35"}},
		{"mch20150515", []string{"CSI20"}},
		{"fmi20160928", []string{"CSI20"}},
	} {
		t.Run(c.sequence, func(t *testing.T) {
			path := realdata.Path(t, "data", "sequences", c.sequence+".nc")
			command := fmt.Sprintf("%s=1 %s nowcast --grids {seq} --at {at} --leads {leads} --out {out}", asProgram, os.Args[0])
			ours := score(t, scorer, path, "--command", command)
			still := score(t, scorer, path, "--persistence")
			if len(ours) != len(still) || len(ours) == 0 {
				t.Fatalf("%d leads scored, want the %d of persistence", len(ours), len(still))
			}
			for lead, row := range still {
				for _, threshold := range c.thresholds {
					t.Logf("%s %s: %.4f, persistence %.4f", lead, threshold, *ours[lead][threshold], *row[threshold])
					if *ours[lead][threshold] <= *row[threshold] {
						t.Errorf("%s %s: %.4f does not beat persistence, %.4f", lead, threshold, *ours[lead][threshold], *row[threshold])
					}
				}
			}
		})
	}
}

func score(t *testing.T, scorer, sequence string, how ...string) map[string]map[string]*float64 {
	t.Helper()
	cmd := exec.Command("/usr/bin/python3", append([]string{scorer, sequence, "--json"}, how...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var result struct {
		Table map[string]map[string]*float64
	}
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatal(err)
	}
	return result.Table
}
