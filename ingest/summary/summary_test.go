package summary

import (
	"math"
	"os"
	"testing"

	"bowecho/ingest/casa"
	"bowecho/internal/event"
	"bowecho/internal/radar"
	"bowecho/internal/realdata"
)

// disc gives a sweep of 360 rays with 100 gates of 500 m, all at one reflectivity.
func disc(dbz, rho float32) *radar.Scan {
	const rays, gates = 360, 100
	fill := func(v float32) []float32 {
		values := make([]float32, rays*gates)
		for i := range values {
			values[i] = v
		}
		return values
	}
	geometry := radar.Gates{Count: gates, OffsetM: 250, SpacingM: 500}
	s := radar.Sweep{Rays: make([]radar.Ray, rays), Moments: []radar.Moment{
		{Name: radar.DBZH, Gates: geometry, Values: fill(dbz)}, {Name: radar.RHOHV, Gates: geometry, Values: fill(rho)},
	}}
	return &radar.Scan{Sweeps: []radar.Sweep{s}}
}

func TestAreaOfADisc(t *testing.T) {
	s := Of(disc(42, 0.99))
	// The beam is level, so that the ground range is nearly the slant range: π (50 km)² = 7854 km².
	if got := s.KM2Above(40); math.Abs(got-7854) > 8 {
		t.Errorf("%.1f km² at or above 40 dBZ, want 7854", got)
	}
	if s.KM2Above(45) != 0 || s.MaxDBZ != 42 || s.EchoFraction != 1 || s.Gates != 36000 || s.Above[0].Gates != 36000 {
		t.Errorf("got %+v", s)
	}
}

func TestClutterIsNotWeather(t *testing.T) {
	if s := Of(disc(60, 0.5)); s.MaxDBZ != -32 || s.EchoFraction != 0 || s.KM2Above(20) != 0 || s.Gates != 36000 {
		t.Errorf("got %+v, want nothing but the gates looked at", s)
	}
	scan := disc(60, 0.99)
	flags := radar.Moment{Name: "FLAGS", Gates: scan.Sweeps[0].Moments[0].Gates, Values: make([]float32, 36000)}
	for i := range flags.Values {
		flags.Values[i] = unusableFlag
	}
	scan.Sweeps[0].Moments = append(scan.Sweeps[0].Moments, flags)
	if s := Of(scan); s.EchoFraction != 0 {
		t.Errorf("flagged gates: echo fraction %g, want 0", s.EchoFraction)
	}
}

func vertical(scan *radar.Scan) *radar.Scan {
	scan.Sweeps[0].Vertical = true
	return scan
}

func TestNothingToSumUp(t *testing.T) {
	for name, scan := range map[string]*radar.Scan{
		"no sweep":        {},
		"no reflectivity": {Sweeps: []radar.Sweep{{Rays: make([]radar.Ray, 1)}}},
		"no data":         disc(radar.NoDataValue, 0.99),
		"below threshold": disc(radar.BelowThresholdValue, 0.99),
		"folded":          disc(radar.RangeFoldedValue, 0.99),
		"vertical cut":    vertical(disc(45, 0.99)),
	} {
		if s := Of(scan); s.MaxDBZ != -32 || s.EchoFraction != 0 || len(s.Above) != len(Thresholds) || s.KM2Above(20) != 0 {
			t.Errorf("%s: got %+v", name, s)
		}
	}
}

// real decodes a scan of the squall line of 2017-03-29.
func real(t testing.TB, name string) *radar.Scan {
	t.Helper()
	data, err := os.ReadFile(realdata.Path(t, "data", "casa-20170329", name))
	if err != nil {
		t.Fatal(err)
	}
	scan, err := casa.Decode(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return scan
}

// TestRealStormGrows holds the rise of the squall line as Addison saw it.
func TestRealStormGrows(t *testing.T) {
	of := func(name string) event.Summary { return Of(real(t, name)) }
	first, last := of("addison.tx-20170329-071008.netcdf.gz"), of("addison.tx-20170329-074917.netcdf.gz")
	t.Logf("first %+v", first)
	t.Logf("last %+v", last)
	if last.KM2Above(20) < 5*first.KM2Above(20) || first.KM2Above(20) < 50 || last.KM2Above(40) < 20 {
		t.Errorf("km² above 20 dBZ from %.0f to %.0f, above 40 dBZ %.0f at the end", first.KM2Above(20), last.KM2Above(20), last.KM2Above(40))
	}
	if s := of("cleburne.tx-20170329-073802.netcdf.gz"); s.MaxDBZ >= 40 {
		t.Errorf("Cleburne reaches %g dBZ, and never did 40", s.MaxDBZ)
	}
}
