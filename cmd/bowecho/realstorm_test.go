package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/ingest/casa"
	"bowecho/ingest/summary"
	"bowecho/internal/radar"
	"bowecho/internal/realdata"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// realFiles gives the sweeps of the squall line of 2017-03-29 over Dallas/Fort Worth, oldest first.
func realFiles(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(realdata.Path(t, "data", "casa-20170329"), "*.netcdf.gz"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%d files: %v", len(names), err)
	}
	slices.SortStableFunc(names, func(a, b string) int { return strings.Compare(clockOf(a), clockOf(b)) })
	return names
}

// clockOf gives the time in a file's name.
func clockOf(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".netcdf")
	return name[strings.Index(name, "-")+1:]
}

func realScan(t *testing.T, path string) *radar.Scan {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	scan, err := casa.Decode(filepath.Base(path), data)
	if err != nil {
		t.Fatal(err)
	}
	scan.Expand()
	return scan
}

// calmDBZ is what clear air returns at most.
const calmDBZ = 0

// sweepFile writes what a radar of a name would have sent, had it seen a scan at a time; with calm, had all been clear air.
func sweepFile(t *testing.T, dir string, seen *radar.Scan, name string, at time.Time, calm bool) {
	t.Helper()
	scan := *seen
	scan.Site.Name, scan.Start, scan.End = name, at, at.Add(seen.End.Sub(seen.Start))
	z := seen.Sweeps[0].Moment(radar.DBZH)
	if calm {
		clear := *z
		clear.Values = slices.Clone(z.Values)
		for i, v := range clear.Values {
			if radar.StatusOf(v) == radar.Valid {
				clear.Values[i] = min(v, calmDBZ)
			}
		}
		scan.Sweeps = []radar.Sweep{seen.Sweeps[0]}
		scan.Sweeps[0].Moments = []radar.Moment{clear}
	}
	data, err := casa.Encode(&scan)
	if err != nil {
		t.Fatal(err)
	}
	putFile(t, dir, casa.FileName(&scan), data)
}

// putFile writes a file beside a folder and moves it in whole.
func putFile(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	part := writeFile(t, filepath.Dir(dir), name+".part", data)
	if err := os.Rename(part, filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func TestSweepFilesAreWhatRadarsSend(t *testing.T) {
	seen := realScan(t, realFiles(t)[0])
	dir := filepath.Join(t.TempDir(), "in")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 1, 18, 0, 7, 0, time.UTC)
	sweepFile(t, dir, seen, "mesquite.tx", at, false)
	sweepFile(t, dir, seen, "ftworth.tx", at, true)
	busy, calm := realScan(t, filepath.Join(dir, "mesquite.tx-20260501-180007.netcdf")), realScan(t, filepath.Join(dir, "ftworth.tx-20260501-180007.netcdf"))
	if diff := cmp.Diff(seen.Sweeps[0].Moment(radar.DBZH), busy.Sweeps[0].Moment(radar.DBZH), cmpopts.EquateNaNs()); diff != "" || !busy.Start.Equal(at) || busy.Site.Name != "mesquite.tx" {
		t.Errorf("%s of %v is not what was seen (-want +got):\n%.500s", busy.Site.Name, busy.Start, diff)
	}
	if s := summary.Of(calm); s.MaxDBZ > calmDBZ || s.Gates != summary.Of(seen).Gates {
		t.Errorf("the calm sweep holds %+v", s)
	}
}
