package quality

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/radar"
)

// TestWhatWasGivenBackIsTrustedLess has 0.6 of the beam taken beyond 30 km at one azimuth: 3.98 dB are given back, which
// are off by 0.99 dB where the calibration is by 1.
func TestWhatWasGivenBackIsTrustedLess(t *testing.T) {
	h := newHand(0.5).set(radar.DBZH, within(0, handRays, 0, 300, always(30), none))
	p := usual.with(func(p *Profile) {
		p.Blockage = []Blockage{{AzimuthDeg: 100.5, ElevationDeg: 0.5, FromM: 30000, Share: 0.6}}
	})
	index := Clean(h.scan, p).Sweeps[0].Moment(radar.QIND)
	if index == nil {
		t.Fatal("there is no index")
	}
	for name, c := range map[string]struct {
		ray, gate int
		want      float64
	}{
		"before the obstacle": {100, 50, 1}, "behind it": {100, 200, 0.503}, "nothing seen behind": {100, 350, 0.503}, "elsewhere": {50, 200, 1},
	} {
		if got := index.Ray(c.ray)[c.gate]; math.Abs(float64(got)-c.want) > 0.001 {
			t.Errorf("%s: %.3f, want %.3f", name, got, c.want)
		}
	}
	if m := Clean(h.scan, usual).Sweeps[0].Moments; len(m) != 1 {
		t.Errorf("where nothing is given back there are %d moments, want reflectivity alone", len(m))
	}
}

// TestWhatIsTold has a fifth of the echoes of two scans of low correlation, and a loss to rain that nothing can give back.
func TestWhatIsTold(t *testing.T) {
	birds := func(name string, at time.Time) *radar.Scan {
		h := newHand(2).set(radar.DBZH, always(20)).set(radar.RHOHV, within(0, 72, 0, handGates, always(0.4), always(0.98)))
		h.scan.Site.Name, h.scan.Start = name, at
		return h.scan
	}
	cfg := Config{Radars: map[string]Radar{"b.tx": {Band: "X"}}}
	now := time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)
	told := Told(cfg.MarkAll([]*radar.Scan{birds("b.tx", now), birds("a.tx", now), birds("b.tx", now.Add(time.Minute))}))
	if len(told) != 3 || !strings.HasPrefix(told[0], "a.tx: of its echoes 20 % low correlation") ||
		!strings.HasPrefix(told[1], "b.tx: the loss to rain is not given back at 2.0°") || !strings.HasPrefix(told[2], "b.tx: of its echoes 20 %") {
		t.Errorf("told %q, want the share of each radar and once what could not be given back", told)
	}
	if told := Told(cfg.MarkAll([]*radar.Scan{newHand(2).set(radar.DBZH, always(20)).scan})); len(told) != 0 {
		t.Errorf("of nothing but weather is told %q", told)
	}
}

// TestTheOrderOfScansDoesNotMatter has sweeps of one radar that begin at the same time.
func TestTheOrderOfScansDoesNotMatter(t *testing.T) {
	var scans []*radar.Scan
	for _, elevation := range []float64{1, 2, 2.1} {
		mast := within(50, 51, 60, 61, always(50), scatter(float32(8+elevation), 1))
		scans = append(scans, newHand(elevation).set(radar.DBZH, mast).scan)
	}
	want := DefaultConfig().CleanAll(scans)
	slices.Reverse(scans)
	for i, got := range DefaultConfig().CleanAll(scans) {
		if !slices.Equal(got.Sweeps[0].Moments[0].Values, want[i].Sweeps[0].Moments[0].Values) {
			t.Errorf("scan %d is cleaned otherwise where they come in another order", i)
		}
	}
}
