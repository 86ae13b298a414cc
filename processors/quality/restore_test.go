package quality

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"bowecho/internal/radar"
)

// storm is rain along every ray: its reflectivity and phase as they are, and as an X-band radar measures them.
type storm struct {
	dbz, phaseDeg [handGates]float64 // true
}

// newStorm has rain of 35 dBZ with a core of 50 dBZ; 10°/km in the core, 0.5°/km outside.
func newStorm(toDeg float64) (s storm) {
	sum := 0.0
	for g := range s.dbz {
		s.dbz[g], s.phaseDeg[g] = 35, sum
		step := 0.5
		if g >= 120 && g < 160 {
			s.dbz[g], step = 50, (toDeg-50)/10
		}
		sum += step * spacingM / 1000
	}
	return s
}

// seen gives the storm's sweep: phase with an offset, folded into a turn, with 3° of noise, and 15° more over 3 km of the
// core, as large drops add; reflectivity less 0.233 dB/°, the value of losses.
func (s storm) seen(offsetDeg, rho float64) hand {
	random := rand.New(rand.NewPCG(3, 4))
	return newHand(2).set(radar.DBZH, func(_, g int) float32 { return float32(s.dbz[g] - 0.233*s.phaseDeg[g] + 0.5*random.NormFloat64()) }).
		set(radar.ZDR, func(_, g int) float32 { return float32(1 - 0.033086*s.phaseDeg[g]) }).
		set(radar.RHOHV, always(float32(rho))).
		set(radar.PHIDP, func(_, g int) float32 {
			bump := 0.0
			if g >= 140 && g < 152 {
				bump = 15
			}
			return float32(math.Mod(offsetDeg+s.phaseDeg[g]+bump+3*random.NormFloat64()+720, 360))
		})
}

var xBand = usual.with(func(p *Profile) { p.Band = BandX })

// errors gives the mean and the largest over gates of the mean error over rays of the corrected reflectivity.
func (s storm) errors(z []float32, from, to int) (mean, most float64) {
	for g := from; g < to; g++ {
		sum := 0.0
		for r := range handRays {
			sum += float64(z[r*handGates+g]) - s.dbz[g]
		}
		sum /= handRays
		mean += sum / float64(to-from)
		most = max(most, math.Abs(sum))
	}
	return mean, most
}

func TestRainIsGivenBack(t *testing.T) {
	s := newStorm(85)
	for name, offset := range map[string]float64{"zero": 0, "as Addison": -70, "folds in the core": 330, "at the fold": 359} {
		h := s.seen(offset, 0.98)
		m := Mark(h.scan, xBand)
		z := m.Scan.Sweeps[0].Moment(radar.DBZH).Values
		for part, gates := range map[string][2]int{"before the large drops": {0, 132}, "behind the core": {168, handGates}} {
			if mean, most := s.errors(z, gates[0], gates[1]); math.Abs(mean) > 0.2 || most > 1 {
				t.Errorf("%s, %s: off by %.2f dB, at most %.2f; the rain took up to %.1f", name, part, mean, most, 0.233*s.phaseDeg[handGates-1])
			}
		}
		zdr := m.Scan.Sweeps[0].Moment(radar.ZDR).Values[300]
		if math.Abs(float64(zdr)-1) > 0.15 {
			t.Errorf("%s: differential reflectivity of 1 dB becomes %.2f", name, zdr)
		}
		if got := share(m, Restored, 0, 360, 160, 400); got != 1 || len(m.Notes) != 0 {
			t.Errorf("%s: %.3f behind the core is restored; notes %q", name, got, m.Notes)
		}
		if h.sweep.Moments[0].Values[300] == z[300] {
			t.Error("the scan given was changed")
		}
	}
}

// TestTheLossIsCapped has rain that takes 30 dB.
func TestTheLossIsCapped(t *testing.T) {
	s := newStorm(130)
	h := s.seen(20, 0.98)
	m := Mark(h.scan, xBand)
	if got := share(m, Capped, 0, 360, 200, 400); got != 1 {
		t.Errorf("%.3f is capped", got)
	}
	if gain := m.Scan.Sweeps[0].Moments[0].Values[390] - h.sweep.Moments[0].Values[390]; math.Abs(float64(gain)-mostLossDB) > 1e-4 {
		t.Errorf("%.2f dB given back, want %d", gain, mostLossDB)
	}
}

// TestNothingIsGivenBackBlindly holds that reflectivity stays as it is, and that this is said, without a sound phase.
func TestNothingIsGivenBackBlindly(t *testing.T) {
	s := newStorm(85)
	without := s.seen(0, 0.98)
	without.sweep.Moments = without.sweep.Moments[:3]
	stuck := s.seen(0, 0.98)
	for i := range stuck.sweep.Moments[3].Values {
		stuck.sweep.Moments[3].Values[i] = 180
	}
	for name, h := range map[string]hand{"no phase": without, "a correlation of 0.85": s.seen(0, 0.85), "a placeholder for phase": stuck} {
		flawed := *h.scan
		flawed.Flaws = []string{"cut short"}
		m, clean := Mark(h.scan, xBand), Clean(&flawed, xBand)
		if len(m.Notes) != 1 || !strings.Contains(m.Notes[0], "not given back") || len(clean.Flaws) != 2 {
			t.Errorf("%s: notes %q, flaws %q", name, m.Notes, clean.Flaws)
		}
		for i, v := range m.Scan.Sweeps[0].Moments[0].Values {
			if v != h.sweep.Moments[0].Values[i] {
				t.Fatalf("%s: gate %d was %g and is %g", name, i, h.sweep.Moments[0].Values[i], v)
			}
		}
	}
	if m := Mark(s.seen(0, 0.98).scan, usual); share(m, Weather, 0, 360, 0, 400) != 1 || len(m.Notes) != 0 {
		t.Errorf("of a band not known something is given back: %q", m.Notes)
	}
}

// TestRise compares the levels with the definition: the non-decreasing curve that is nearest is, at each bin, the greatest
// over starts of the least over ends of the mean between (min-max formula).
func TestRise(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		bins := 2 + random.IntN(12)
		p := phase{least: 1, sums: make([]float64, bins), weights: make([]float64, bins)}
		for b := range bins {
			p.weights[b] = float64(1 + random.IntN(9))
			p.sums[b] = p.weights[b] * (float64(b) + 4*random.NormFloat64())
		}
		p.rise()
		for _, l := range p.levels {
			for b := l.first; b <= l.last; b++ {
				if want := nearestRising(p.sums, p.weights, b); math.Abs(l.deg()-want) > 1e-9 {
					t.Fatalf("bin %d of %v with weights %v: %g, want %g", b, p.sums, p.weights, l.deg(), want)
				}
			}
		}
	}
}

func nearestRising(sums, weights []float64, bin int) float64 {
	greatest := math.Inf(-1)
	for from := 0; from <= bin; from++ {
		least := math.Inf(1)
		for to := bin; to < len(sums); to++ {
			sum, weight := 0.0, 0.0
			for b := from; b <= to; b++ {
				sum, weight = sum+sums[b], weight+weights[b]
			}
			least = min(least, sum/weight)
		}
		greatest = max(greatest, least)
	}
	return greatest
}
