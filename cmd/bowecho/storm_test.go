package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bowecho/internal/racing"
	"bowecho/internal/realdata"

	"github.com/paulmach/orb/geojson"
)

// TestRealStorm runs everything on the squall line of 2017-03-29 over Dallas/Fort Worth.
func TestRealStorm(t *testing.T) {
	racing.Skip(t, "at full size; the simulated storm goes through it")
	files := realdata.Path(t, "data", "casa-20170329")
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	run(t, "run", "--quiet", "--source", "folder:"+files, "--until-idle",
		"--places", filepath.Join(files, "places.yaml"), "--report", filepath.Join(dir, "report.json"), "--out", out)
	r := readReport(t, filepath.Join(dir, "report.json"))
	t.Logf("counts %+v", r.Counts)
	t.Logf("latency %+v", r.LatencyMS)
	c := r.Counts
	if c.Files != 66 || c.Scans != 66 || c.Dead != 0 || c.Duplicates != 0 || c.Dropped != 0 {
		t.Errorf("%d files, %d scans, %d dead, %d duplicates, %d dropped; want 66, 66, 0, 0, 0: %v",
			c.Files, c.Scans, c.Dead, c.Duplicates, c.Dropped, r.DeadReasons)
	}
	// 07:10 to 07:49 are 40 minutes, each with a scan.
	if c.Mosaics < 39 || c.Nowcasts != c.Mosaics || c.Areas != c.Nowcasts || c.Pictures != 31*c.Nowcasts {
		t.Errorf("%d mosaics, %d nowcasts, %d areas, %d pictures; want 39 or more, as many, as many, and 31 each",
			c.Mosaics, c.Nowcasts, c.Areas, c.Pictures)
	}
	for chain, seconds := range r.WorkSeconds {
		if seconds <= 0 || len(r.Workers[chain]) < 2 || r.Workers[chain][len(r.Workers[chain])-1].Workers != "0" {
			t.Errorf("chain %s: %.1f s of work, workers %v; want some, and 0 at the end", chain, seconds, r.Workers[chain])
		}
	}
	levels := checkAreas(t, filepath.Join(out, "areas"))
	if levels[30] == 0 || levels[45] == 0 {
		t.Errorf("polygons a level: %v, want some at 30 and at 45 dBZ", levels)
	}
	if c.Notices < 5 {
		t.Errorf("%d notices, want at least one for each of five places", c.Notices)
	}
	if n := r.NoticesOf["Waco (out of range)"]; n != 0 {
		t.Errorf("%d notices for a place that no radar sees", n)
	}
	for _, place := range []string{"Addison Airport", "Downtown Dallas", "DFW Airport", "Plano East High", "Denton Square"} {
		if r.NoticesOf[place] == 0 {
			t.Errorf("no notice for %s, which the storm reaches", place)
		}
	}
}

// checkAreas checks every feature of every collection and counts them by level.
func checkAreas(t *testing.T, dir string) map[float64]int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	ids, levels := map[any]bool{}, map[float64]int{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		collection, err := geojson.UnmarshalFeatureCollection(data)
		if err != nil {
			t.Fatalf("%s: %v", filepath.Base(name), err)
		}
		for _, f := range collection.Features {
			if f.ID == nil || ids[f.ID] {
				t.Fatalf("%s: id %v is missing or not unique", filepath.Base(name), f.ID)
			}
			ids[f.ID] = true
			for _, key := range []string{"product", "level", "units", "leadMinutes", "validTime", "issueTime", "domain", "areaKm2", "radars"} {
				if _, there := f.Properties[key]; !there {
					t.Fatalf("%s: feature %v has no %s", filepath.Base(name), f.ID, key)
				}
			}
			levels[f.Properties.MustFloat64("level")]++
		}
	}
	return levels
}

// TestRealScansAgree holds every real CASA file against what an independent reader found in it.
func TestRealScansAgree(t *testing.T) {
	files := realdata.Path(t, "data", "casa-20170329")
	table, err := os.ReadFile(realdata.Path(t, "data", "expected", "casa-scan.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]struct {
		Radar  string
		Sweeps []struct {
			Rays    int
			Moments map[string]struct {
				Valid          int
				Min, Max, Mean float64
			}
		}
	}
	if err := json.Unmarshal(table, &expected); err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(expected))
	for name := range expected {
		names = append(names, name)
	}
	if racing.Detector {
		names = names[:3]
	}
	for _, name := range names {
		stdout, code, stderr := output(t, "scan", "--json", filepath.Join(files, name))
		if code != 0 {
			t.Errorf("%s: exit code %d: %s", name, code, stderr)
			continue
		}
		got, want := expected[name], expected[name]
		got.Sweeps = nil
		if err := json.Unmarshal(stdout, &got); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.Radar != want.Radar || len(got.Sweeps) != len(want.Sweeps) {
			t.Errorf("%s: radar %q with %d sweeps, want %q with %d", name, got.Radar, len(got.Sweeps), want.Radar, len(want.Sweeps))
			continue
		}
		for i, w := range want.Sweeps {
			for moment, m := range w.Moments {
				g := got.Sweeps[i].Moments[moment]
				if g.Valid != m.Valid || !near(g.Min, m.Min) || !near(g.Max, m.Max) || !near(g.Mean, m.Mean) {
					t.Errorf("%s sweep %d %s: got %+v, want %+v", name, i, moment, g, m)
				}
			}
		}
	}
}

func near(a, b float64) bool { return a-b < 1e-3 && b-a < 1e-3 }

// TestBadFilesAreSetAside puts broken files among good ones.
func TestBadFilesAreSetAside(t *testing.T) {
	dir := t.TempDir()
	good := simulatedFiles(t, dir, 4)
	broken := brokenFiles(t, dir)
	config := smallConfig(t)
	report := filepath.Join(t.TempDir(), "report.json")
	run(t, "run", "--quiet", "-c", config, "--source", "folder:"+dir, "--until-idle", "--report", report)
	r := readReport(t, report)
	if r.Counts.Scans != good || r.Counts.Dead != len(broken) || r.Counts.Files != good+len(broken)+1 || r.Counts.Duplicates != 1 {
		t.Errorf("%d scans of %d files, %d dead, %d duplicates; want %d, %d, %d, 1",
			r.Counts.Scans, r.Counts.Files, r.Counts.Dead, r.Counts.Duplicates, good, good+len(broken)+1, len(broken))
	}
	for name, word := range broken {
		found := false
		for _, d := range r.DeadReasons {
			found = found || d.Name == name && strings.Contains(d.Reason, word)
		}
		if !found {
			t.Errorf("%s: no dead letter that says %q: %v", name, word, r.DeadReasons)
		}
	}
}
