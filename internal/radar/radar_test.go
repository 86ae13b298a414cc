package radar

import (
	"bytes"
	"math"
	"testing"
	"time"
)

func TestBeamAgainstWorkedValues(t *testing.T) {
	// Doviak and Zrnić 1993, eq. 2.28b, by hand: r = 60 km, e = 2°, a = 8494.667 km:
	// sqrt(60² + 8494.667² + 2·60·8494.667·0.0348995) − 8494.667 = 2.3052 km.
	if got := AboveRadarM(60_000, 2); math.Abs(got-2305.2) > 0.5 {
		t.Errorf("60 km at 2°: %.1f m above the radar, want 2305.2", got)
	}
	for _, e := range []float64{0, 0.5, 2, 19.5} {
		for _, r := range []float64{1000, 60_000, 230_000} {
			if back := SlantRangeM(GroundRangeM(r, e), e); math.Abs(back-r) > 0.01 {
				t.Errorf("%g m at %g°: there and back gives %g", r, e, back)
			}
		}
	}
	if got := SlantRangeM(EarthRadiusM*3, 45); got == got {
		t.Errorf("beyond the beam's horizon: %g, want NaN", got)
	}
}

func TestStatus(t *testing.T) {
	for v, want := range map[float32]Status{0: Valid, -32: Valid, math.MaxFloat32: Valid, BelowThresholdValue: BelowThreshold, RangeFoldedValue: RangeFolded} {
		if got := StatusOf(v); got != want {
			t.Errorf("%g: %d, want %d", v, got, want)
		}
	}
	if StatusOf(NoDataValue) != NoData {
		t.Error("NaN is not no data")
	}
}

func TestValuesOnOtherGates(t *testing.T) {
	m := &Moment{Gates: Gates{Count: 2, FirstM: 100, SpacingM: 250}, Values: []float32{1, 2, 3, 4}}
	got := m.ValuesOn(Gates{Count: 3, FirstM: 100, SpacingM: 250})
	if len(got) != 6 || got[0] != 1 || got[1] != 2 || got[3] != 3 || got[4] != 4 || StatusOf(got[2]) != NoData || StatusOf(got[5]) != NoData {
		t.Errorf("on more gates: %v", got)
	}
	if got := m.ValuesOn(Gates{Count: 1, FirstM: 100, SpacingM: 250}); len(got) != 2 || got[0] != 1 || got[1] != 3 {
		t.Errorf("on fewer gates: %v", got)
	}
	var missing *Moment
	if m.ValuesOn(Gates{Count: 2, FirstM: 0, SpacingM: 250}) != nil || missing.ValuesOn(m.Gates) != nil {
		t.Error("values on gates that lie elsewhere, or of a moment that is missing")
	}
}

func sample() *Scan {
	const rays, gates = 36, 50
	scan := &Scan{
		Site: Site{Name: "addison.tx", LatitudeDeg: 32.98, LongitudeDeg: -96.84, HeightM: 210}, Format: "casa",
		Start: time.Date(2017, 3, 29, 7, 10, 0, 0, time.UTC), End: time.Date(2017, 3, 29, 7, 10, 50, 0, time.UTC),
	}
	sweep := Sweep{ElevationDeg: 2, Rays: make([]Ray, rays)}
	for _, name := range []string{DBZH, RHOHV, PHIDP} {
		m := Moment{Name: name, Gates: Gates{Count: gates, SpacingM: 100}, Values: make([]float32, rays*gates)}
		for i := range m.Values {
			m.Values[i] = float32(math.Sin(float64(i)) * 60)
			if name == RHOHV {
				m.Values[i] = float32(i%1000) / 1000
			}
		}
		m.Values[0], m.Values[1], m.Values[2] = NoDataValue, BelowThresholdValue, RangeFoldedValue
		sweep.Moments = append(sweep.Moments, m)
	}
	scan.Sweeps = []Sweep{sweep}
	return scan
}

func TestWireRoundTrip(t *testing.T) {
	want := sample()
	data, err := Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Encode(want); err != nil || !bytes.Equal(again, data) {
		t.Errorf("the same scan gave other bytes: %v", err)
	}
	if want.Sweeps[0].Moments[0].Values == nil {
		t.Error("encoding took the scan's values away")
	}
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if got.Site != want.Site || !got.Start.Equal(want.Start) || len(got.Sweeps[0].Moments) != 3 {
		t.Errorf("got %+v", got)
	}
	for i, m := range got.Sweeps[0].Moments {
		tolerance := finestQuantum/2 + 1e-5
		if m.Name == RHOHV {
			tolerance = correlationQuantum/2 + 1e-6
		}
		for k, v := range m.Values {
			w := want.Sweeps[0].Moments[i].Values[k]
			if StatusOf(v) != StatusOf(w) || StatusOf(w) == Valid && math.Abs(float64(v-w)) > tolerance {
				t.Fatalf("%s value %d: %g, want %g", m.Name, k, v, w)
			}
		}
	}
	some, err := Decode(data, DBZH, "FLAGS")
	if err != nil || len(some.Sweeps[0].Moments) != 1 || some.Sweeps[0].Moments[0].Name != DBZH {
		t.Errorf("one moment of three: %+v, %v", some, err)
	}
}

func TestWireOfExtremes(t *testing.T) {
	for name, values := range map[string][]float32{
		"wide": {-99_000, 99_000}, "equal": {7, 7}, "none": {NoDataValue, NoDataValue}, "tiny": {1e-9, -1e-9},
		"at the edge": {0, 655.30}, "over it": {-0.004, 655.33},
	} {
		scan := &Scan{Sweeps: []Sweep{{Rays: make([]Ray, 2), Moments: []Moment{{Name: DBZH, Gates: Gates{Count: 1}, Values: values}}}}}
		data, err := Encode(scan)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range got.Sweeps[0].Moments[0].Values {
			if w := values[i]; StatusOf(v) != StatusOf(w) || StatusOf(w) == Valid && math.Abs(float64(v-w)) > 198_000/65_000.0 {
				t.Errorf("%s: %g, want %g", name, v, w)
			}
		}
	}
}

func TestWireRefuses(t *testing.T) {
	good, err := Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; n < len(good); n += 7 {
		if _, err := Decode(good[:n]); err == nil {
			t.Fatalf("%d of %d bytes were taken", n, len(good))
		}
	}
	bad := sample()
	bad.Sweeps[0].Moments[0].Values = nil
	if _, err := Encode(bad); err == nil {
		t.Error("a moment without values was stored")
	}
}

func TestDescribe(t *testing.T) {
	d := Describe(sample())
	m := d.Sweeps[0].Moments[RHOHV]
	if d.Radar != "addison.tx" || d.Sweeps[0].Rays != 36 || d.Sweeps[0].Gates != 50 || m.Valid != 1797 || *m.Max != 0.999 || *m.Min != 0 {
		t.Errorf("got %+v", d)
	}
	none := &Scan{Sweeps: []Sweep{{Moments: []Moment{{Name: DBZH, Values: []float32{NoDataValue}}, {Name: "FLAGS", Values: []float32{4}}}}}}
	moments := Describe(none).Sweeps[0].Moments
	if m := moments[DBZH]; len(moments) != 2 || moments["FLAGS"].Valid != 1 || m.Valid != 0 || m.Mean != nil {
		t.Errorf("nothing measured: %+v", moments)
	}
}

func FuzzDecode(f *testing.F) {
	good, err := Encode(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(wireMagic))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if scan, err := Decode(data); err == nil {
			Describe(scan)
		}
	})
}

func BenchmarkWire(b *testing.B) {
	scan := sample()
	s := &scan.Sweeps[0]
	s.Rays = make([]Ray, 360)
	for i := range s.Moments {
		m := &s.Moments[i]
		m.Gates.Count, m.Values = 1920, make([]float32, 360*1920)
		for k := range m.Values {
			m.Values[k] = float32(k % 500 / 7)
		}
	}
	data, err := Encode(scan)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("encode 3 x 360 x 1920", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Encode(scan); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode 3 x 360 x 1920", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Decode(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
