package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bowecho/internal/event"
	"bowecho/internal/radar"
)

// deadLetters gives what `dead ls` lists of a data directory.
func deadLetters(t *testing.T, data string) (letters []event.Dead) {
	t.Helper()
	stdout, code, stderr := output(t, "dead", "ls", "--json", "--data", data)
	if code != 0 {
		t.Fatal(stderr)
	}
	if err := json.Unmarshal(stdout, &letters); err != nil {
		t.Fatal(err)
	}
	return letters
}

// TestDeadLettersAreReplayed tries a file again that cannot be used, and one that an earlier version could not read.
func TestDeadLettersAreReplayed(t *testing.T) {
	files, data := t.TempDir(), t.TempDir()
	run(t, "simulate", "--out", files, "--minutes", "1")
	names, err := filepath.Glob(filepath.Join(files, "*.netcdf"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	good, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	cfg := defaultConfig()
	cfg.Data = data
	c, err := openOwn(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"good.netcdf": good, "cut.netcdf": good[:len(good)/2]} {
		if err := c.client.BuryFile(t.Context(), "ingest", name, "not known yet", content); err != nil {
			t.Fatal(err)
		}
	}
	c.close()
	for _, letter := range deadLetters(t, data) {
		_, code, stderr := output(t, "dead", "replay", letter.ID, "--data", data)
		if want := letter.Name == "cut.netcdf"; want != (code == exitFailed) || want != strings.Contains(stderr, "truncated") {
			t.Errorf("%s: exit code %d, %s", letter.Name, code, stderr)
		}
	}
	if left := deadLetters(t, data); len(left) != 1 || left[0].Name != "cut.netcdf" {
		t.Errorf("left: %+v, want only what cannot be used", left)
	}
}

// TestAStormInEveryFormat writes the same storm in each and reads it back.
func TestAStormInEveryFormat(t *testing.T) {
	strongest := map[string][]float64{}
	for _, format := range []string{"casa", "level2", "parts"} {
		dir := t.TempDir()
		run(t, "simulate", "--out", dir, "--minutes", "1", "--format", format, "--start", "2026-05-01T18:00:00Z")
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			stdout, code, stderr := output(t, "scan", "--json", filepath.Join(dir, entry.Name()))
			if code != 0 {
				t.Fatal(stderr)
			}
			var d radar.Description
			if err := json.Unmarshal(stdout, &d); err != nil {
				t.Fatal(err)
			}
			strongest[format] = append(strongest[format], *d.Sweeps[0].Moments[radar.DBZH].Max)
		}
		slices.Sort(strongest[format])
	}
	for _, format := range []string{"level2", "parts"} {
		if len(strongest[format]) != 3 || len(strongest["casa"]) != 3 {
			t.Fatalf("%v, want three radars in each format", strongest)
		}
		for i, want := range strongest["casa"] {
			if got := strongest[format][i]; math.Abs(got-want) > 0.25 {
				t.Errorf("%s: strongest echo %g dBZ, want %g to half a step", format, got, want)
			}
		}
	}
}
