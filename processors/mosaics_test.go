package processors

import (
	"bytes"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"bowecho/ingest"
	"bowecho/internal/grid"
	"bowecho/internal/racing"
	"bowecho/internal/radar"
	"bowecho/internal/realdata"
	"bowecho/processors/mosaic"
)

// casaFiles gives three radars' real files of five minutes before 07:38:31, and one of each some minutes before.
func casaFiles(t *testing.T) (scans, earlier []*radar.Scan) {
	t.Helper()
	for _, name := range []string{
		"addison.tx-20170329-073535", "cleburne.tx-20170329-073602", "addison.tx-20170329-073634", "denton.tx-20170329-073627",
		"addison.tx-20170329-073732", "cleburne.tx-20170329-073802", "denton.tx-20170329-073801", "cleburne.tx-20170329-073826",
		"denton.tx-20170329-073827", "addison.tx-20170329-073831",
	} {
		data, err := os.ReadFile(realdata.Path(t, "data", "casa-20170329", name+".netcdf.gz"))
		if err != nil {
			t.Fatal(err)
		}
		scan, err := ingest.Decode(name+".netcdf.gz", data)
		if err != nil {
			t.Fatal(err)
		}
		scans = append(scans, scan)
	}
	return scans[3:], scans[:3]
}

// stored gives a mosaic as its worker stores it.
func stored(t *testing.T, cfg mosaicking, scans, earlier []*radar.Scan, d grid.Domain) (data []byte, told []string) {
	t.Helper()
	at := slices.MaxFunc(scans, func(a, b *radar.Scan) int { return a.Start.Compare(b.Start) }).Start
	made, told, err := cfg.merge(scans, earlier, d, at)
	if err != nil {
		t.Fatal(err)
	}
	data, err = grid.Encode(mosaicGrid(made, d, at))
	if err != nil {
		t.Fatal(err)
	}
	return data, told
}

// TestFilesOfTheWindowInAnyOrder holds that what is stored is the same, byte for byte, however the files of a window and
// those before came, also two of one radar: cleaning, motion, values, ages and radars.
func TestFilesOfTheWindowInAnyOrder(t *testing.T) {
	racing.Skip(t, "the calculation is watched in its package")
	scans, earlier := casaFiles(t)
	d := grid.Centred("dfw", 32.65, -97, 561, 561, 500)
	for _, combine := range []string{mosaic.Highest, mosaic.Weighted} {
		cfg := defaultMosaic()
		cfg.Combine = combine
		want, told := stored(t, cfg, scans, earlier, d)
		for try := range uint64(4) {
			random := rand.New(rand.NewPCG(try, 2))
			for _, list := range [][]*radar.Scan{scans, earlier} {
				random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			}
			if got, again := stored(t, cfg, scans, earlier, d); !bytes.Equal(got, want) || !slices.Equal(told, again) {
				t.Errorf("%s: in another order files give another mosaic, or another note: %q, want %q", combine, again, told)
			}
		}
		if !slices.ContainsFunc(told, func(s string) bool { return strings.HasPrefix(s, "addison.tx: of its echoes ") }) {
			t.Errorf("told %q, want what Addison's echoes are", told)
		}
	}
}

// TestWithoutARadar leaves out one of three: what the others see is there, and nothing says that it sees.
func TestWithoutARadar(t *testing.T) {
	scans, earlier := casaFiles(t)
	without := func(list []*radar.Scan) []*radar.Scan {
		return slices.DeleteFunc(slices.Clone(list), func(s *radar.Scan) bool { return s.Site.Name == "denton.tx" })
	}
	d := grid.Centred("dfw", 32.65, -97, 561, 561, 500)
	all, _ := stored(t, defaultMosaic(), scans, earlier, d)
	less, _ := stored(t, defaultMosaic(), without(scans), without(earlier), d)
	for name, c := range map[string]struct {
		data   []byte
		radars string
		denton bool
	}{
		"all": {all, "addison.tx cleburne.tx denton.tx", true}, "without": {less, "addison.tx cleburne.tx", false},
	} {
		g, err := grid.Decode(c.data)
		if err != nil {
			t.Fatal(err)
		}
		seen, err := grid.DecodeSeen(c.data)
		if err != nil {
			t.Fatal(err)
		}
		denton := slices.ContainsFunc(seen.Sets, func(set []string) bool { return slices.Contains(set, "denton.tx") })
		if strings.Join(g.Radars, " ") != c.radars || denton != c.denton {
			t.Errorf("%s: radars %v, Denton sees cells: %v; want %s, %v", name, g.Radars, denton, c.radars, c.denton)
		}
		for i, v := range g.Leads[0].Field.Values {
			ageS, by := seen.At(i)
			if (v == v) != (len(by) > 0) || (v == v) != (ageS != grid.NotSeen) || v == v && ageS > 300 {
				t.Fatalf("%s: cell %d is %g, %d s old by %v", name, i, v, ageS, by)
			}
		}
	}
}

// TestWhatSeenCosts holds that which radars see each cell, and when, adds at most a third to a stored mosaic.
func TestWhatSeenCosts(t *testing.T) {
	racing.Skip(t, "bytes are counted")
	scans, earlier := casaFiles(t)
	d := grid.Centred("dfw", 32.65, -97, 1121, 1121, 250)
	made, _, err := defaultMosaic().merge(scans, earlier, d, scans[len(scans)-1].Start)
	if err != nil {
		t.Fatal(err)
	}
	g := mosaicGrid(made, d, made.Time)
	with, err := grid.Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	g.Seen = nil
	without, err := grid.Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, of which %d say who sees what", len(with), len(with)-len(without))
	if 3*(len(with)-len(without)) > len(without) {
		t.Errorf("%d bytes with, %d without, want at most a third more", len(with), len(without))
	}
}
