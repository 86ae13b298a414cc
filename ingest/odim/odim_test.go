package odim

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bowecho/internal/radar"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func stored(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func decoded(t *testing.T, name string) *radar.Scan {
	t.Helper()
	scan, err := Decode("a/"+name, stored(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return scan
}

func TestVolume(t *testing.T) {
	scan := decoded(t, "pvol.h5")
	begin := time.Date(2026, 5, 1, 17, 59, 50, 0, time.UTC)
	want := radar.Site{Name: "SE50", LatitudeDeg: 56.5, LongitudeDeg: 12.75, HeightM: 209}
	if scan.Site != want || !scan.Start.Equal(begin) || !scan.End.Equal(begin.Add(40*time.Second)) || scan.BeamWidthDeg != 0.9 || len(scan.Flaws) != 0 {
		t.Errorf("got %+v", scan)
	}
	if len(scan.Sweeps) != 2 || scan.Sweeps[0].ElevationDeg != 0.5 || scan.Sweeps[1].ElevationDeg != 10 {
		t.Fatalf("%d sweeps, want dataset1 before dataset10", len(scan.Sweeps))
	}
	low, high := &scan.Sweeps[0], &scan.Sweeps[1]
	if low.NyquistMS != 24 || !low.Start.Equal(begin.Add(20*time.Second)) || len(low.Rays) != 12 {
		t.Errorf("sweep %+v", low)
	}
	if got := []float32{low.Rays[0].AzimuthDeg, low.Rays[1].AzimuthDeg, high.Rays[0].AzimuthDeg, high.Rays[11].AzimuthDeg}; !cmp.Equal(got, []float32{5, 35, 15, 345}) {
		t.Errorf("azimuths %v; want those of how below, even steps above", got)
	}
	var names []string
	for _, m := range low.Moments {
		names = append(names, m.Name)
	}
	if !cmp.Equal(names, []string{"TH", radar.DBZH, radar.VRADH}) {
		t.Errorf("moments %v", names)
	}
	z := low.Moment(radar.DBZH)
	if z.Units != "dBZ" || z.Gates != (radar.Gates{Count: 8, FirstM: 1500, OffsetM: 250, SpacingM: 500}) {
		t.Errorf("%+v", z)
	}
	below, none := float32(math.Inf(-1)), float32(math.NaN())
	if got, want := z.Ray(0), []float32{below, -31.5, -31, -30.5, -30, -29.5, -29, -28.5}; !cmp.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := low.Moment(radar.VRADH).Ray(11), []float32{3, 4, 5, 6, none, 8, 9, 10}; !cmp.Equal(got, want, cmpopts.EquateNaNs()) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRangeStartsInMetresFromVersion24(t *testing.T) {
	if g := decoded(t, "scan_v24.h5").Sweeps[0].Moments[0].Gates; g.FirstM != 1500 {
		t.Errorf("gates from %g m, want 1500", g.FirstM)
	}
}

func TestLoopsEnd(t *testing.T) {
	scan := decoded(t, "loops.h5")
	if len(scan.Sweeps) != 1 || len(scan.Flaws) != 3 {
		t.Errorf("%d sweeps and flaws %q, want the good one and a flaw for each loop", len(scan.Sweeps), scan.Flaws)
	}
}

func TestBadFiles(t *testing.T) {
	good := stored(t, "pvol.h5")
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":     {nil, "empty"},
		"text":      {[]byte("radar is down"), "cannot open"},
		"half":      {good[:len(good)/2], "truncated"},
		"composite": {stored(t, "comp.h5"), `object "COMP", want PVOL or SCAN`},
		"huge":      {stored(t, "huge.h5"), "shape [63246 63246]"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Decode("a/x.h5", c.data); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "x.h5: ") {
				t.Errorf("got %v, want an error of x.h5 that holds %q", err, c.want)
			}
		})
	}
}

func TestAngles(t *testing.T) {
	if got := betweens([]float64{359, 10}, []float64{1, 12}, 2); !cmp.Equal(got, []float64{360, 11}) {
		t.Errorf("betweens: %v", got)
	}
	if got := pairs("359:360,0:1,", 2); !cmp.Equal(got, []float64{359.5, 0.5}) {
		t.Errorf("pairs: %v", got)
	}
	for _, bad := range []string{"", "0:1", "a:b,c:d"} {
		if got := pairs(bad, 2); got != nil {
			t.Errorf("pairs of %q: %v", bad, got)
		}
	}
}

func TestLatin1(t *testing.T) {
	// The place's name is not the site's here, for OPERA's number is better; it is told where there is nothing else.
	for source, want := range map[string]string{
		"WMO:02606,RAD:SE50,PLC:\xc4ngelholm": "SE50", "PLC:\xc4ngelholm": "Ängelholm", "WMO:02606": "02606",
		"WMO:00000,NOD:behel": "behel", "ORG:82": "ORG:82",
	} {
		if got := siteName(utf8Of(source)); got != want {
			t.Errorf("%q: %q, want %q", source, got, want)
		}
	}
}
