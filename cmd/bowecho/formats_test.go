package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bowecho/internal/radar"
)

const odimFile = "../../ingest/odim/testdata/pvol.h5"

// TestScanToCfRadial converts a volume, and finds in the result what was in it.
func TestScanToCfRadial(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.nc")
	run(t, "scan", "--cfradial", path, odimFile)
	want, got := describe(t, odimFile), describe(t, path)
	if got.Format != "cfradial" || got.Radar != want.Radar || !got.Time.Equal(want.Time) || len(got.Sweeps) != 2 {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	for i, s := range got.Sweeps {
		w := want.Sweeps[i]
		if s.Rays != w.Rays || s.Gates != w.Gates || s.ElevationDeg != w.ElevationDeg || s.NyquistMS != w.NyquistMS || len(s.Moments) != len(w.Moments) {
			t.Errorf("sweep %d: %+v, want %+v", i, s, w)
		}
		for name, m := range s.Moments {
			if w := w.Moments[name]; m.Valid != w.Valid || *m.Min != *w.Min || *m.Max != *w.Max || *m.Mean != *w.Mean {
				t.Errorf("sweep %d %s: %+v, want %+v", i, name, m, w)
			}
		}
	}
}

func describe(t *testing.T, path string) (d radar.Description) {
	t.Helper()
	stdout, code, stderr := output(t, "scan", "--json", path)
	if code != 0 {
		t.Fatalf("scan %s: exit code %d: %s", path, code, stderr)
	}
	if err := json.Unmarshal(stdout, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSounding(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	text.WriteString("PRES,HGHT,TEMP,DWPT\n")
	for _, row := range []string{"985,200,10,10", "850,1500,5,5", "700,3000,-5,-5", "500,5500,-15,-15", "400,7500,-35,-35"} {
		text.WriteString(row + "\n")
	}
	good := writeFile(t, dir, "good.csv", []byte(text.String()))
	stdout, code, stderr := output(t, "sounding", "--json", good)
	var r soundingReport
	if err := json.Unmarshal(stdout, &r); err != nil || code != 0 {
		t.Fatalf("%v, exit code %d: %s", err, code, stderr)
	}
	if *r.FreezingM != 2250 || *r.Minus20M != 6000 || *r.WetBulbZeroM != 2250 || r.Levels != 5 || r.Time != nil {
		t.Errorf("got %s", stdout)
	}
	if stdout, code, _ := output(t, "sounding", good); code != 0 || !strings.Contains(string(stdout), "2250 m above sea level") {
		t.Errorf("exit code %d, %s", code, stdout)
	}
}

func TestUnusableFilesFail(t *testing.T) {
	dir := t.TempDir()
	data, err := os.ReadFile(odimFile)
	if err != nil {
		t.Fatal(err)
	}
	half := writeFile(t, dir, "half.h5", data[:len(data)/2])
	prose := writeFile(t, dir, "prose.txt", []byte("no sounding today\n"))
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"scan", "--json", half}, "half.h5: the HDF5 library cannot open"},
		{[]string{"sounding", prose}, "prose.txt: 0 levels"},
		{[]string{"scan", "--cfradial", filepath.Join(dir, "none", "x.nc"), odimFile}, "x.nc"},
	} {
		if _, code, stderr := output(t, c.args...); code != exitFailed || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: exit code %d and %q, want %d and %q", c.args, code, stderr, exitFailed, c.want)
		}
	}
}
