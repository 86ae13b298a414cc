package level2

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"bowecho/internal/radar"
	"bowecho/internal/realdata"
)

// expectation is what an independent reader found in a file.
type expectation struct {
	Time   string `json:"time"`
	VCP    int    `json:"vcp"`
	Sweeps []struct {
		ElevationDeg float64 `json:"elevationDeg"`
		NyquistMS    float64 `json:"nyquistMS"`
		Rays         int     `json:"rays"`
		Moments      map[string]struct {
			Valid          int
			Min, Max, Mean float64
			Gates          int
		} `json:"moments"`
	} `json:"sweeps"`
}

func expectations(t *testing.T) (all map[string]expectation) {
	t.Helper()
	data, err := os.ReadFile(realdata.Path(t, "data", "expected", "nexrad-scan.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRealVolumes(t *testing.T) {
	folder := realdata.Path(t, "data", "nexrad")
	files := 0
	for name, want := range expectations(t) {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if os.IsNotExist(err) {
			continue // a folder of parts
		}
		files++
		if fraction > 1 && files > 2 {
			continue
		}
		t.Run(name, func(t *testing.T) {
			scan, err := decodeValues(name, data)
			if err != nil {
				t.Fatal(err)
			}
			if scan.Flaws != nil || !isStation(scan.Site.Name) || scan.Site.LatitudeDeg == 0 {
				t.Errorf("flaws %q, site %+v", scan.Flaws, scan.Site)
			}
			compare(t, want, radar.Describe(scan))
		})
	}
	if files < 16 {
		t.Errorf("%d files, want the 16 that are there", files)
	}
}

func compare(t *testing.T, want expectation, got radar.Description) {
	t.Helper()
	if got.Pattern != want.VCP || got.Time.Format("2006-01-02T15:04:05.000Z") != want.Time || len(got.Sweeps) != len(want.Sweeps) {
		t.Fatalf("pattern %d at %v with %d sweeps, want %d at %s with %d", got.Pattern, got.Time, len(got.Sweeps), want.VCP, want.Time, len(want.Sweeps))
	}
	for i, w := range want.Sweeps {
		g := got.Sweeps[i]
		if g.Rays != w.Rays || math.Abs(g.NyquistMS-w.NyquistMS) > 0.01 || math.Abs(g.ElevationDeg-w.ElevationDeg) > 0.01 {
			t.Errorf("sweep %d has %d rays at %g°, Nyquist %g m/s, want %+v", i, g.Rays, g.ElevationDeg, g.NyquistMS, w)
		}
		for name, m := range w.Moments {
			v := g.Moments[name]
			if v.Valid != m.Valid {
				t.Errorf("sweep %d %s: %d valid gates, want %d", i, name, v.Valid, m.Valid)
			} else if m.Valid > 0 && (math.Abs(*v.Min-m.Min) > 2e-3 || math.Abs(*v.Max-m.Max) > 2e-3 || math.Abs(*v.Mean-m.Mean) > 2e-3) {
				t.Errorf("sweep %d %s: %g to %g, mean %g, want %+v", i, name, *v.Min, *v.Max, *v.Mean, m)
			}
		}
	}
}

func partsIn(t *testing.T, folder string) (parts []Part) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(realdata.Path(t, "data", "chunks", folder), "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, Part{Name: name, Data: data})
	}
	return parts
}

func TestRealParts(t *testing.T) {
	parts, want := partsIn(t, "TORD_185"), expectations(t)["TORD_185"]
	scan, err := DecodeParts(parts)
	if err != nil {
		t.Fatal(err)
	}
	scan.Expand()
	compare(t, want, radar.Describe(scan))
	var a Assembler
	sweeps := add(t, &a, parts)
	one := radar.Scan{Site: scan.Site, Start: scan.Start, Pattern: scan.Pattern}
	for _, s := range sweeps {
		one.Sweeps = append(one.Sweeps, s.Sweeps...)
	}
	one.Expand()
	compare(t, want, radar.Describe(&one))
	if len(a.Flush()) != 0 {
		t.Error("something is left of a whole volume")
	}
}

func TestRealPartsWithoutEnd(t *testing.T) {
	var a Assembler
	var rays []int
	for _, s := range add(t, &a, partsIn(t, "KHDX_interrupted")) {
		rays = append(rays, len(s.Sweeps[0].Rays))
	}
	if len(rays) != 2 || rays[0] != 720 || rays[1] != 720 {
		t.Errorf("complete sweeps have %v rays, want two of 720", rays)
	}
	left := a.Flush() // the stray part first, then what there is of the third sweep
	if len(left) != 2 || left[0].Site.Name != "KABR" || left[1].Site.Name != "KHDX" || len(left[1].Sweeps[0].Rays) != 480 {
		t.Fatalf("%d sweeps left, want 120 rays of KABR and 480 of KHDX", len(left))
	}
	for _, s := range left {
		if !strings.Contains(strings.Join(s.Flaws, " "), "last radial never came") {
			t.Errorf("%s: flaws %q, want one that says that it has no end", s.Site.Name, s.Flaws)
		}
	}
}

func TestRealDamage(t *testing.T) {
	folder := realdata.Path(t, "data", "nexrad-broken")
	for name, want := range map[string]string{
		"KJGX19700101_000000_V06": "no radial in it",
		"MZZU_20230210_2222":      "not NEXRAD Level II",
	} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(name, data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", name, err, want)
		}
	}
	name := "truncated_KCRP20200101_000431_V06"
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	scan := decoded(t, data)
	rays := 0
	for i := range scan.Sweeps {
		rays += len(scan.Sweeps[i].Rays)
	}
	if rays != 3120 || !strings.Contains(strings.Join(scan.Flaws, "; "), "record 28 of 28 is damaged") {
		t.Errorf("%d rays, flaws %q, want the 3120 before the cut and where it is", rays, scan.Flaws)
	}
}

// What Decode asks for in all is at most one and a half times what it gives.
func TestMemory(t *testing.T) {
	if fraction > 1 {
		t.Skip("the race detector takes memory of its own")
	}
	data, err := os.ReadFile(realdata.Path(t, "data", "nexrad", "KLBB20160601_150025_V06"))
	if err != nil {
		t.Fatal(err)
	}
	values := 4 * valuesOf(decoded(t, data))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const times = 3
	for range times {
		decoded(t, data)
	}
	runtime.ReadMemStats(&after)
	if used := int(after.TotalAlloc-before.TotalAlloc) / times; used > values*3/2 {
		t.Errorf("%d bytes asked for, want at most 1.5 times the %d of the values", used, values)
	}
}
