package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"bowecho/internal/racing"
	"bowecho/internal/realdata"
)

// TestNowcastBeatsItsPeers scores the nowcast on real sequences with the program that scored its peers. At each lead time and
// threshold it is compared with the best of them there.
func TestNowcastBeatsItsPeers(t *testing.T) {
	racing.Skip(t, "the scores are numbers")
	t.Parallel()
	scorer := realdata.Path(t, "tools", "score_nowcast.py")
	peers := realdata.Path(t, "data", "expected", "skill.json")
	if err := exec.Command("/usr/bin/python3", "-c", "import numpy, scipy, netCDF4").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI needs python3-numpy, python3-scipy and python3-netcdf4")
		}
		t.Skip("scoring needs python3-numpy, python3-scipy and python3-netcdf4: deploy/scripts/install.sh scores")
	}
	const leastMean, leastAnywhere = 1.03, 0.98 // of the best peer's score, the mean of its CSI
	command := os.Args[0] + " nowcast --grids {seq} --at {at} --leads {leads} --out {out}"
	for _, sequence := range []string{"casa_addison20170329", "mrms20190610", "mch20150515", "fmi20160928"} {
		t.Run(sequence, func(t *testing.T) {
			got := score(t, scorer, realdata.Path(t, "data", "sequences", sequence+".nc"), "--command", command, "--against", peers)
			if len(got.RatioToBestPeer) == 0 {
				t.Fatal("nothing was compared")
			}
			t.Logf("CSI against the best peer: mean %.3f, worst %.3f", got.MeanCSIRatio, got.WorstCSIRatio)
			for where, ratio := range got.RatioToBestPeer {
				t.Logf("%s: %v", where, ratio)
				if r, ok := ratio[0].(float64); strings.Contains(where, "FSS") && (!ok || r < leastAnywhere) {
					t.Errorf("%s is %v of the best peer's, want %g", where, ratio[0], leastAnywhere)
				}
			}
			if got.MeanCSIRatio < leastMean || got.WorstCSIRatio < leastAnywhere {
				t.Errorf("CSI is %.3f of the best peer's on average and %.3f at worst, want %g and %g", got.MeanCSIRatio, got.WorstCSIRatio, leastMean, leastAnywhere)
			}
		})
	}
}

// scored is what the scoring program says of a sequence: per lead and score the ratio and whose it is.
type scored struct {
	RatioToBestPeer             map[string][]any
	MeanCSIRatio, WorstCSIRatio float64
}

func score(t *testing.T, scorer, sequence string, how ...string) scored {
	t.Helper()
	cmd := exec.Command("/usr/bin/python3", append([]string{scorer, sequence, "--json"}, how...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var result scored
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatal(err)
	}
	return result
}
