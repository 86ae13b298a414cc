package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"bowecho/internal/racing"
	"bowecho/internal/realdata"
	"bowecho/processors/quality"
)

func TestQuality(t *testing.T) {
	racing.Skip(t, "the calculation is watched in its package")
	dir := t.TempDir()
	simulatedFiles(t, dir, 12)
	names, err := filepath.Glob(filepath.Join(dir, "*.netcdf*"))
	if err != nil {
		t.Fatal(err)
	}
	newest := names[len(names)-1]
	stdout, code, stderr := output(t, "quality", "--json", newest)
	var d quality.Description
	if err := json.Unmarshal(stdout, &d); err != nil || code != 0 || len(d.Sweeps) != 1 {
		t.Fatalf("exit %d, %s%s: %v", code, stdout, stderr, err)
	}
	if all := d.Sweeps[0].Gates; all["weather"] < 10_000 || all["no echo"] < 10_000 {
		t.Errorf("gates %v", all)
	}
	if stdout, code, _ := output(t, "quality", newest); code != 0 || !strings.Contains(string(stdout), "no echo") {
		t.Errorf("exit %d: %s", code, stdout)
	}
	marked := filepath.Join(dir, "marked.nc")
	run(t, "quality", "--cfradial", marked, newest)
	if stdout, code, _ := output(t, "scan", marked); code != 0 || !strings.Contains(string(stdout), "QUALITY") {
		t.Errorf("exit %d: %s", code, stdout)
	}
}

func TestQualityRefuses(t *testing.T) {
	addison := realdata.Path(t, "data", "casa-20170329", "addison.tx-20170329-073831.netcdf.gz")
	cleburne := realdata.Path(t, "data", "casa-20170329", "cleburne.tx-20170329-073802.netcdf.gz")
	radars := writeFile(t, t.TempDir(), "radars.yaml", []byte("radars:\n  addison.tx: {band: K, blockage: [{azimuth_deg: 9, elevation_deg: 2, share: 3}]}\n"))
	for name, c := range map[string]struct {
		arguments []string
		wants     []string
	}{
		"another radar's file": {[]string{"quality", addison, cleburne}, []string{"cleburne.tx", "same radar"}},
		"a slip in the radars": {[]string{"quality", "--radars", radars, addison}, []string{"radars.yaml", `"K"`, "share 3"}},
	} {
		_, code, stderr := output(t, c.arguments...)
		for _, want := range c.wants {
			if code != exitFailed || !strings.Contains(stderr, want) {
				t.Errorf("%s: exit %d, %q does not say %q", name, code, stderr, want)
			}
		}
	}
}
