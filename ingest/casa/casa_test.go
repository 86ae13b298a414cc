package casa

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bowecho/ingest/gzipped"
	"bowecho/internal/racing"
	"bowecho/internal/radar"
	"bowecho/internal/realdata"
)

// sample gives a small scan with two moments and a gate of each kind.
func sample() *radar.Scan {
	const rays, gates = 12, 7
	geometry := radar.Gates{Count: gates, FirstM: 100, OffsetM: 62.5, SpacingM: 125}
	scan := &radar.Scan{
		Site: radar.Site{Name: "northlake.tx", LatitudeDeg: 32.86, LongitudeDeg: -97.1, HeightM: 200}, Format: "casa",
		Start: time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC), End: time.Date(2026, 5, 1, 18, 0, 18, 0, time.UTC), BeamWidthDeg: 1.8,
	}
	sweep := radar.Sweep{ElevationDeg: 2, NyquistMS: 20}
	for _, name := range []string{radar.DBZH, radar.VRADH} {
		m := radar.Moment{Name: name, Units: units[name], Gates: geometry, Values: make([]float32, rays*gates)}
		for i := range m.Values {
			m.Values[i] = float32(i)/4 - 5
		}
		m.Values[3] = radar.NoDataValue
		sweep.Moments = append(sweep.Moments, m)
	}
	for r := range rays {
		sweep.Rays = append(sweep.Rays, radar.Ray{AzimuthDeg: float32(r * 30), ElevationDeg: 2})
	}
	scan.Sweeps = []radar.Sweep{sweep}
	return scan
}

func encoded(t testing.TB) []byte {
	t.Helper()
	data, err := Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func packed(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRoundTrip(t *testing.T) {
	want := sample()
	for name, data := range map[string][]byte{"plain": encoded(t), "gzip": packed(t, encoded(t))} {
		got, err := Decode(name, data)
		if err != nil {
			t.Fatal(err)
		}
		if got.Site != want.Site || !got.Start.Equal(want.Start) || !got.End.Equal(want.End) || got.BeamWidthDeg != 1.8 {
			t.Errorf("%s: got %+v", name, got)
		}
		g, w := got.Sweeps[0], want.Sweeps[0]
		if g.ElevationDeg != 2 || g.NyquistMS != 20 || len(g.Rays) != 12 || g.Rays[5] != w.Rays[5] || len(g.Moments) != 2 {
			t.Errorf("%s: sweep %+v", name, g)
		}
		for i, m := range g.Moments {
			if m.Name != w.Moments[i].Name || m.Units != w.Moments[i].Units || m.Gates != w.Moments[i].Gates {
				t.Errorf("%s: moment %+v", name, m)
			}
			for k, v := range m.Values {
				if x := w.Moments[i].Values[k]; radar.StatusOf(v) != radar.StatusOf(x) || radar.StatusOf(v) == radar.Valid && v != x {
					t.Fatalf("%s: %s value %d is %g, want %g", name, m.Name, k, v, x)
				}
			}
		}
	}
	if name := FileName(want); name != "northlake.tx-20260501-180000.netcdf" {
		t.Errorf("file name %s", name)
	}
}

func TestBadFiles(t *testing.T) {
	good := encoded(t)
	other := func(old, by string) []byte { return bytes.ReplaceAll(good, []byte(old), []byte(by)) }
	number := func(v float64) string {
		b := math.Float64bits(v)
		return string([]byte{byte(b >> 56), byte(b >> 48), byte(b >> 40), byte(b >> 32), byte(b >> 24), byte(b >> 16), byte(b >> 8), byte(b)})
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":            {nil, "empty"},
		"text":             {[]byte("The radar is down.\n"), "text: not a classic NetCDF file"},
		"page":             {[]byte("<!DOCTYPE html><title>404</title>"), "HTML"},
		"HDF5":             {[]byte("\x89HDF\r\n\x1a\n" + strings.Repeat("\x00", 100)), "HDF5"},
		"another radar's":  {[]byte("AR2V0006.001"), "NEXRAD"},
		"cut header":       {good[:60], "truncated"},
		"cut values":       {good[:len(good)-10], "truncated"},
		"half a gzip":      {packed(t, good)[:200], "truncated"},
		"empty gzip":       {packed(t, nil), "empty"},
		"no reflectivity":  {other("Reflectivity", "Reflectibity"), "no variable Reflectivity, there is only [Azimuth"},
		"no azimuth":       {other("Azimuth", "Azimoth"), "no variable Azimuth"},
		"no name":          {other("RadarName", "RadarNone"), "whose file"},
		"off the earth":    {other(number(32.86), number(328.6)), "not on the earth"},
		"absurd gates":     {other(number(125000), number(-125000)), "no radar has"},
		"absurd antenna":   {other(number(330), number(math.NaN())), "no antenna does"},
		"claims 4e9 gates": {other("\x00\x00\x00\x04Gate\x00\x00\x00\x07", "\x00\x00\x00\x04Gate\xee\x6b\x28\x00"), "truncated"},
		"claims 2e9 rays":  {other("CDF\x01\x00\x00\x00\x0c", "CDF\x01\x77\x35\x94\x00"), "truncated"},
	} {
		t.Run(name, func(t *testing.T) {
			scan, err := Decode("some/folder/x.netcdf", c.data)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "x.netcdf: ") {
				t.Errorf("got %v, %v; want an error of x.netcdf that holds %q", scan, err, c.want)
			}
		})
	}
}

func TestEveryCutIsRefused(t *testing.T) {
	good := encoded(t)
	for n := range len(good) {
		if _, err := Decode("cut", good[:n]); err == nil {
			t.Fatalf("%d of %d bytes were taken", n, len(good))
		}
	}
}

// zeros gives zeros without end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func TestBombIsStopped(t *testing.T) {
	racing.Skip(t, "one goroutine inflates")
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	if _, err := io.CopyN(w, zeros{}, maxBytes+1<<20); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Decode("bomb.gz", bomb.Bytes()); err == nil || !strings.Contains(err.Error(), "256 MiB") {
		t.Errorf("got %v", err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	two := sample()
	two.Sweeps = append(two.Sweeps, two.Sweeps[0])
	uneven := sample()
	uneven.Sweeps[0].Moments[1].Gates.SpacingM = 250
	for name, scan := range map[string]*radar.Scan{"two sweeps": two, "no sweep": {}, "two geometries": uneven} {
		if _, err := Encode(scan); err == nil {
			t.Errorf("%s: written", name)
		}
	}
}

// TestRealOddities holds what is odd in the real radars' files.
func TestRealOddities(t *testing.T) {
	read := func(name string) *radar.Scan {
		data, err := os.ReadFile(realdata.Path(t, "data", "casa-20170329", name))
		if err != nil {
			t.Fatal(err)
		}
		scan, err := Decode(name, data)
		if err != nil {
			t.Fatal(err)
		}
		return scan
	}
	addison := read("addison.tx-20170329-073831.netcdf.gz")
	if s := addison.Sweeps[0]; math.Abs(addison.BeamWidthDeg-2.3) > 1e-6 || math.Abs(s.NyquistMS-47.3) > 0.1 || s.Moments[0].Gates.SpacingM != 31.25 {
		t.Errorf("Addison: beam %g°, Nyquist %g m/s, gates %+v", addison.BeamWidthDeg, s.NyquistMS, s.Moments[0].Gates)
	}
	cleburne := read("cleburne.tx-20170329-073802.netcdf.gz")
	if math.Abs(cleburne.BeamWidthDeg-1.8) > 1e-6 || cleburne.Sweeps[0].NyquistMS != 19.2 {
		t.Errorf("Cleburne: beam %g°, Nyquist %g m/s", cleburne.BeamWidthDeg, cleburne.Sweeps[0].NyquistMS)
	}
	if denton := read("denton.tx-20170329-073801.netcdf.gz"); denton.Sweeps[0].Moment("FLAGS") == nil || len(denton.Sweeps[0].Rays) != 723 {
		t.Error("Denton: no FLAGS, or not 723 rays")
	}
}

func FuzzDecode(f *testing.F) {
	good := encoded(f)
	f.Add(good)
	f.Add(packed(f, good))
	f.Add(good[:len(good)/2])
	f.Add([]byte("CDF\x05"))
	f.Fuzz(func(t *testing.T, data []byte) {
		scan, err := Decode("fuzz", data)
		if err != nil {
			return
		}
		for _, m := range scan.Sweeps[0].Moments {
			if len(m.Values) != len(scan.Sweeps[0].Rays)*m.Gates.Count {
				t.Errorf("%s has %d values", m.Name, len(m.Values))
			}
		}
	})
}

// BenchmarkDecode compares decoding with reading and inflating alone.
func BenchmarkDecode(b *testing.B) {
	names, err := filepath.Glob(filepath.Join(realdata.Path(b, "data", "casa-20170329"), "addison*0738*"))
	if err != nil || len(names) == 0 {
		b.Fatal(names, err)
	}
	data, err := os.ReadFile(names[0])
	if err != nil {
		b.Fatal(err)
	}
	plain, err := gzipped.Inflate(data, maxBytes)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		work func() error
	}{
		{"inflate alone", func() error { _, err := gzipped.Inflate(data, maxBytes); return err }},
		{"decode", func() error { _, err := Decode("x", data); return err }},
	} {
		b.Run(fmt.Sprintf("%s %d kB to %d kB", c.name, len(data)>>10, len(plain)>>10), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				if err := c.work(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
