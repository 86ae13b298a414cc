package quality

import (
	"math"
	"math/rand/v2"
	"testing"

	"bowecho/internal/radar"
)

// TestOddScans holds that whatever a scan is made of there is a code for each gate, and a value that agrees with it.
func TestOddScans(t *testing.T) {
	one := newHand(0.5).set(radar.DBZH, within(9, 10, 9, 10, always(50), none))
	tiny := sweep("x", map[string]func(int, int) float32{radar.DBZH: always(40), radar.PHIDP: always(3), radar.RHOHV: always(1)})
	tiny.Sweeps[0].Rays = tiny.Sweeps[0].Rays[:1]
	for i := range tiny.Sweeps[0].Moments {
		m := &tiny.Sweeps[0].Moments[i]
		m.Gates.Count, m.Values = 1, m.Values[:1]
	}
	short := newHand(0.5).set(radar.DBZH, always(30)).set(radar.RHOHV, always(0.1))
	short.sweep.Moments[1].Values = short.sweep.Moments[1].Values[:7]
	lost := newHand(0.5).set(radar.DBZH, always(30)).set(radar.VRADH, always(0))
	lost.sweep.Rays[3].AzimuthDeg, lost.sweep.Rays[4].AzimuthDeg = nan, -721
	lost.scan.Sweeps = append(lost.scan.Sweeps, *newHand(1.5).set(radar.DBZH, always(30)).sweep)
	for name, scan := range map[string]*radar.Scan{
		"empty":                newHand(0.5).set(radar.DBZH, none).scan,
		"no data":              newHand(0.5).set(radar.DBZH, always(nan)).scan,
		"constant":             newHand(0.5).set(radar.DBZH, always(30)).set(radar.RHOHV, always(1)).set(radar.PHIDP, always(9)).set(radar.ZDR, always(0)).scan,
		"nothing but infinity": newHand(0.5).set(radar.DBZH, always(radar.RangeFoldedValue)).set(radar.RHOHV, always(radar.RangeFoldedValue)).scan,
		"moments of nothing":   newHand(0.5).set(radar.DBZH, always(30)).set(radar.RHOHV, always(nan)).set(radar.PHIDP, always(nan)).set(radar.ZDR, always(nan)).set(radar.VRADH, always(nan)).set(radar.WRADH, always(nan)).set(radar.SNRH, always(nan)).set(radar.NCP, always(nan)).scan,
		"a single gate of it":  one.scan,
		"one ray, one gate":    tiny,
		"a moment cut short":   short.scan,
		"rays that are lost":   lost.scan,
		"noise in everything":  anything().scan,
		"no sweeps":            {},
		"rays without gates":   {Sweeps: []radar.Sweep{{Rays: make([]radar.Ray, 3), Moments: []radar.Moment{{Name: radar.DBZH}}}}},
	} {
		m, clean := Mark(scan, xBand), Clean(scan, xBand)
		if len(m.Codes) != len(m.Scan.Sweeps) || len(clean.Sweeps) != len(m.Codes) {
			t.Fatalf("%s: %d sweeps, codes for %d, %d clean", name, len(m.Scan.Sweeps), len(m.Codes), len(clean.Sweeps))
		}
		for s, list := range m.Codes {
			for i, v := range clean.Sweeps[s].Moments[0].Values {
				want := radar.BelowThreshold
				if list[i].IsWeather() {
					want = radar.Valid
				} else if list[i].IsBlind() {
					want = radar.NoData
				}
				if got := radar.StatusOf(v); got != want {
					t.Fatalf("%s: gate %d is %s and has the value %g", name, i, list[i], v)
				}
			}
		}
	}
}

// anything gives a sweep of random values, among them those that are no measurements.
func anything() hand {
	random := rand.New(rand.NewPCG(9, 10))
	h := newHand(0.5)
	for _, name := range Moments {
		h.set(name, func(int, int) float32 {
			switch random.IntN(6) {
			case 0:
				return nan
			case 1:
				return float32(math.Inf(1 - 2*random.IntN(2)))
			default:
				return float32(100 * random.NormFloat64())
			}
		})
	}
	return h
}

func TestASweepOfTheWrongShapeIsSaid(t *testing.T) {
	h := newHand(0.5).set(radar.DBZH, always(30))
	h.sweep.Moments[0].Values = h.sweep.Moments[0].Values[:100]
	if m := Mark(h.scan, usual); len(m.Codes) != 0 || len(m.Notes) != 1 {
		t.Errorf("%d sweeps, notes %q", len(m.Codes), m.Notes)
	}
}

// TestTheSameAgain holds that marking depends on nothing but what is given.
func TestTheSameAgain(t *testing.T) {
	scan := anything().scan
	a, b := Mark(scan, xBand), Mark(scan, xBand)
	for i := range a.Codes[0] {
		if a.Codes[0][i] != b.Codes[0][i] || math.Float32bits(a.Scan.Sweeps[0].Moments[0].Values[i]) != math.Float32bits(b.Scan.Sweeps[0].Moments[0].Values[i]) {
			t.Fatalf("gate %d is another", i)
		}
	}
}
