package cfradial

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bowecho/ingest/hdf5"
	"bowecho/internal/radar"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var nan = float32(math.NaN())

func stored(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func decoded(t *testing.T, name string) *radar.Scan {
	t.Helper()
	scan, err := Decode(name, stored(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return scan
}

// equal compares floats as the files hold them.
var equal = cmp.Options{cmpopts.EquateNaNs(), cmpopts.EquateApprox(0, 1e-6)}

func TestPacked(t *testing.T) {
	scan := decoded(t, "ppi_rhi.nc")
	if want := (radar.Site{Name: "made-up", LatitudeDeg: 35.5, LongitudeDeg: -97.5, HeightM: 300}); !cmp.Equal(scan.Site, want, equal) {
		t.Errorf("site %+v, want %+v", scan.Site, want)
	}
	begin := time.Date(2026, 5, 1, 18, 0, 0, 250e6, time.UTC)
	if !scan.Start.Equal(begin) || !scan.End.Equal(begin.Add(4*time.Second)) || !scan.Sweeps[1].Start.Equal(begin.Add(3*time.Second)) {
		t.Errorf("from %v to %v, second sweep from %v", scan.Start, scan.End, scan.Sweeps[1].Start)
	}
	if len(scan.Flaws) != 0 || len(scan.Sweeps) != 2 || math.Abs(scan.BeamWidthDeg-0.95) > 1e-6 {
		t.Fatalf("flaws %v, %d sweeps, beam %g°", scan.Flaws, len(scan.Sweeps), scan.BeamWidthDeg)
	}
	ppi, rhi := &scan.Sweeps[0], &scan.Sweeps[1]
	if ppi.Vertical || ppi.ElevationDeg != 0.5 || ppi.NyquistMS != 12.5 || len(ppi.Rays) != 3 {
		t.Errorf("sector: %+v", ppi)
	}
	if !rhi.Vertical || rhi.ElevationDeg != 184 || rhi.NyquistMS != 20 || len(rhi.Rays) != 2 {
		t.Errorf("vertical cut: %+v", rhi)
	}
	if got := []float32{ppi.Rays[0].AzimuthDeg, ppi.Rays[1].AzimuthDeg, ppi.Rays[2].AzimuthDeg, rhi.Rays[1].ElevationDeg}; !cmp.Equal(got, []float32{359.5, 359, 1, 91}) {
		t.Errorf("angles %v", got)
	}
	for _, c := range []struct {
		sweep       *radar.Sweep
		name, units string
		want        []float32
	}{
		{ppi, radar.DBZH, "dBZ", []float32{0, 1, 2, 3}}, // REF, as measured, before DBZ
		{ppi, "DBZ", "dBZ", []float32{nan, nan, -32, 18}},
		{ppi, radar.VRADH, "m/s", []float32{nan, nan, nan, 1.5}},
		{ppi, radar.WRADH, "m/s", []float32{1, 1, 1, 1}},
		{rhi, radar.DBZH, "dBZ", []float32{12, 13, 14, 15, 16, 17, 18, -127}}, // bytes have no fill of their own
		{rhi, radar.VRADH, "m/s", []float32{0, 0, 0, 0, 0, 0, 0, -12.25}},
	} {
		m := c.sweep.Moment(c.name)
		if m == nil || m.Units != c.units || m.Gates != (radar.Gates{Count: 4, FirstM: 100, SpacingM: 200}) {
			t.Errorf("%s: %+v", c.name, m)
			continue
		}
		if got := m.Values[:len(c.want)]; !cmp.Equal(got, c.want, equal) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	if len(ppi.Moments) != 4 {
		t.Errorf("%d moments, want 4", len(ppi.Moments))
	}
}

func TestRagged(t *testing.T) {
	scan := decoded(t, "ragged.nc")
	first, second := scan.Sweeps[0].Moment(radar.DBZH), scan.Sweeps[1].Moment(radar.DBZH)
	if want := []float32{1, 2, 3, nan, 4, 5, nan, 7}; !cmp.Equal(first.Values, want, equal) || first.Gates != (radar.Gates{Count: 4, FirstM: 125, SpacingM: 250}) {
		t.Errorf("got %+v, want %v", first, want)
	}
	if want := []float32{8, 9}; !cmp.Equal(second.Values, want) || second.Gates != (radar.Gates{Count: 2, FirstM: 250, SpacingM: 500}) {
		t.Errorf("got %+v, want %v", second, want)
	}
}

func TestBadFiles(t *testing.T) {
	good, ragged := stored(t, "ppi_rhi.nc"), stored(t, "ragged.nc")
	other := func(data []byte, old, by string) []byte {
		if !bytes.Contains(data, []byte(old)) {
			t.Fatalf("%q is not in the file", old)
		}
		return bytes.Replace(data, []byte(old), []byte(by), 1)
	}
	float := func(v float32) string {
		b := math.Float32bits(v)
		return string([]byte{byte(b >> 24), byte(b >> 16), byte(b >> 8), byte(b)})
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":           {nil, "not a classic NetCDF"},
		"text":            {[]byte("radar is down"), "not a classic NetCDF"},
		"half":            {good[:len(good)/2], "truncated"},
		"another's":       {other(other(other(good, "CF/Radial", "CF-2.0000"), "fixed_angle", "fixed_bngle"), "1.3", "1.8"), "want CfRadial 1"},
		"no azimuth":      {other(good, "azimuth", "azimoth"), "azimuth has shape []"},
		"no elevation":    {other(good, "elevation", "elevbtion"), "elevation cannot be read"},
		"no time":         {other(good, "seconds since", "fortnights on"), "units of time"},
		"no name":         {other(good, "instrument_name", "instrument_nbme"), "whose file"},
		"nowhere":         {other(good, "latitude", "lbtitude"), "not on the earth"},
		"uneven gates":    {other(good, float(300), float(350)), "not evenly spaced: gate 1 lies at 350 m"},
		"no gates":        {other(good, "range\x00\x00\x00\x00\x00\x00\x01", "rbnge\x00\x00\x00\x00\x00\x00\x01"), "range has shape []"},
		"absurd antenna":  {other(good, float(359.5), float(3595)), "no antenna does"},
		"rays beyond":     {other(good, "\x00\x00\x00\x02\x00\x00\x00\x04", "\x00\x00\x00\x09\x00\x00\x00\x08"), ""},
		"gates beyond":    {other(ragged, "\x00\x00\x00\x03\x00\x00\x00\x04\x00\x00\x00\x02", "\x00\x00\x00\x03\x00\x00\x00\x14\x00\x00\x00\x02"), "ray 1 has 20 gates"},
		"claims 4e9 rays": {other(good, "CDF\x01\x00\x00\x00\x05", "CDF\x01\xee\x6b\x28\x00"), "truncated"},
	} {
		t.Run(name, func(t *testing.T) {
			scan, err := Decode("a/x.nc", c.data)
			if c.want == "" {
				if err == nil && len(scan.Flaws) == 0 || err != nil && !strings.Contains(err.Error(), "no sweep can be used") {
					t.Errorf("got %v, %v; want a flaw or an error", scan, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "x.nc: ") {
				t.Errorf("got %v, want an error of x.nc that holds %q", err, c.want)
			}
		})
	}
}

func TestEpochs(t *testing.T) {
	want := time.Date(2011, 5, 20, 10, 54, 8, 0, time.UTC)
	for _, text := range []string{
		"2011-05-20T10:54:08Z", "2011-05-20 10:54:08", "2011-05-20 10:54:08.000", "2011-05-20 10:54:08 UTC", "2011-05-20T10:54:08+00:00",
		"2011-05-20 10:54:08 0:00", "2011-05-20 10:54:08.0 00:00",
	} {
		if got, err := parseEpoch(text); err != nil || !got.Equal(want) {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
	if got, err := parseEpoch("1970-01-01"); err != nil || got.Unix() != 0 {
		t.Errorf("a day: got %v, %v", got, err)
	}
	if _, err := parseEpoch("once upon a time"); err == nil {
		t.Error("words were taken")
	}
}

// twoSweeps gives a scan of two sweeps whose moments have gates of 250, 500 and 1000 m, as early NEXRAD volumes do.
func twoSweeps() *radar.Scan {
	begin := time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)
	scan := &radar.Scan{
		Site: radar.Site{Name: "KTST", LatitudeDeg: 35, LongitudeDeg: -97, HeightM: 300}, Format: "level2", BeamWidthDeg: 1,
		Start: begin, End: begin.Add(20 * time.Second),
	}
	add := func(start time.Duration, elevation float64, moments ...radar.Moment) {
		s := radar.Sweep{Start: begin.Add(start), ElevationDeg: elevation, NyquistMS: 30, Moments: moments}
		for r := range 3 {
			s.Rays = append(s.Rays, radar.Ray{AzimuthDeg: float32(r) * 120, ElevationDeg: float32(elevation)})
		}
		scan.Sweeps = append(scan.Sweeps, s)
	}
	moment := func(name string, gates radar.Gates) radar.Moment {
		m := radar.Moment{Name: name, Units: "dBZ", Gates: gates, Values: make([]float32, 3*gates.Count)}
		for i := range m.Values {
			m.Values[i] = float32(i) + 0.1
		}
		m.Values[0], m.Values[1] = radar.BelowThresholdValue, radar.NoDataValue
		return m
	}
	add(0, 0.5, moment(radar.DBZH, radar.Gates{Count: 3, SpacingM: 1000}), moment(radar.VRADH, radar.Gates{Count: 10, FirstM: -375, SpacingM: 250}))
	add(10*time.Second, 1.5, moment(radar.DBZH, radar.Gates{Count: 2, FirstM: -500, OffsetM: 250, SpacingM: 500}))
	return scan
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.nc")
	want := twoSweeps()
	if err := Write(path, want); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !hdf5.Is(data) {
		t.Error("not NetCDF-4")
	}
	got, err := Decode(path, data)
	if err != nil {
		t.Fatal(err)
	}
	if got.Site != want.Site || !got.Start.Equal(want.Start) || got.BeamWidthDeg != 1 || len(got.Sweeps) != 2 || len(got.Flaws) != 0 {
		t.Errorf("got %+v", got)
	}
	axis := radar.Gates{Count: 12, FirstM: -375, SpacingM: 250}
	for i := range want.Sweeps {
		g, w := &got.Sweeps[i], &want.Sweeps[i]
		if g.ElevationDeg != w.ElevationDeg || g.NyquistMS != w.NyquistMS || !g.Start.Equal(w.Start) || !cmp.Equal(g.Rays, w.Rays) {
			t.Errorf("sweep %d: %+v", i, g)
		}
		for _, m := range w.Moments {
			on := g.Moment(m.Name)
			if on == nil || on.Gates != axis {
				t.Fatalf("sweep %d: %s is %+v", i, m.Name, on)
			}
			compareGates(t, fmt.Sprintf("sweep %d %s", i, m.Name), on, &m)
		}
	}
}

// compareGates holds that each fine gate has the very value of the coarse gate that covers it, and nothing elsewhere.
func compareGates(t *testing.T, what string, fine, coarse *radar.Moment) {
	t.Helper()
	for r := range 3 {
		for g, v := range fine.Ray(r) {
			want := nan
			k := int(math.Floor((fine.Gates.CentreM(g) - edge(coarse.Gates)) / coarse.Gates.SpacingM))
			if k >= 0 && k < coarse.Gates.Count && radar.StatusOf(coarse.Ray(r)[k]) == radar.Valid {
				want = coarse.Ray(r)[k]
			}
			if v != want && (v == v || want == want) {
				t.Errorf("%s, ray %d, gate %d: %g, want %g", what, r, g, v, want)
			}
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	slanted, named, none := twoSweeps(), twoSweeps(), twoSweeps()
	slanted.Sweeps[0].Moments[0].Gates.SpacingM = 900
	named.Sweeps[0].Moments[0].Name = "azimuth"
	none.Sweeps = nil
	for want, scan := range map[string]*radar.Scan{"one range axis": slanted, "called azimuth": named, "no moment": none} {
		path := filepath.Join(t.TempDir(), "out.nc")
		if err := Write(path, scan); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that holds %q", err, want)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: left a file behind", want)
		}
	}
}

func TestNcdumpReads(t *testing.T) {
	ncdump, err := exec.LookPath("ncdump")
	if err != nil {
		t.Skip("no ncdump on this machine")
	}
	path := filepath.Join(t.TempDir(), "out.nc")
	if err := Write(path, twoSweeps()); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(ncdump, "-v", "sweep_mode,range,VRADH", path).CombinedOutput()
	for _, want := range []string{`Conventions = "CF/Radial`, "float DBZH(time, range)", `"azimuth_surveillance"`, "range = -375, -125", "_, _, 2.1"} {
		if err != nil || !bytes.Contains(out, []byte(want)) {
			t.Errorf("%v; no %q in:\n%s", err, want, out)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"ppi_rhi.nc", "ragged.nc"} {
		data := stored(f, name)
		f.Add(data)
		f.Add(data[:len(data)*2/3])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if hdf5.Is(data) {
			return // belongs into a process of its own
		}
		scan, err := Decode("fuzz", data)
		if err != nil {
			return
		}
		for _, s := range scan.Sweeps {
			for _, m := range s.Moments {
				if len(m.Values) != len(s.Rays)*m.Gates.Count {
					t.Errorf("%s has %d values", m.Name, len(m.Values))
				}
			}
		}
	})
}
