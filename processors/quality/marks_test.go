package quality

import (
	"math"
	"math/rand/v2"
	"testing"

	"bowecho/internal/radar"
)

// hand is a sweep made by hand: rays × gates of 250 m, empty but where moments are set.
type hand struct {
	scan  *radar.Scan
	sweep *radar.Sweep
}

const (
	handRays  = 360
	handGates = 400
	spacingM  = 250
)

func newHand(elevationDeg float64) hand {
	s := radar.Sweep{ElevationDeg: elevationDeg, NyquistMS: 25, Rays: make([]radar.Ray, handRays)}
	for i := range s.Rays {
		s.Rays[i] = radar.Ray{AzimuthDeg: float32(i) + 0.5, ElevationDeg: float32(elevationDeg)}
	}
	scan := &radar.Scan{Site: radar.Site{Name: "hand"}, Sweeps: []radar.Sweep{s}}
	return hand{scan, &scan.Sweeps[0]}
}

// set gives every gate of a moment a value by ray and gate.
func (h hand) set(name string, value func(ray, gate int) float32) hand {
	m := radar.Moment{Name: name, Gates: radar.Gates{Count: handGates, OffsetM: spacingM / 2, SpacingM: spacingM}, Values: make([]float32, handRays*handGates)}
	for i := range m.Values {
		m.Values[i] = value(i/handGates, i%handGates)
	}
	h.sweep.Moments = append(h.sweep.Moments, m)
	return h
}

// within gives a value in a block of rays and gates, and another elsewhere.
func within(r0, r1, g0, g1 int, in, out func(int, int) float32) func(int, int) float32 {
	return func(r, g int) float32 {
		if r >= r0 && r < r1 && g >= g0 && g < g1 {
			return in(r, g)
		}
		return out(r, g)
	}
}

// scatter gives values around a middle, always the same ones, of a standard deviation.
func scatter(middle, deviation float32) func(int, int) float32 {
	random := rand.New(rand.NewPCG(1, 2))
	values := make([]float32, 10007)
	for i := range values {
		values[i] = middle + deviation*float32(random.NormFloat64())
	}
	return func(r, g int) float32 { return values[(r*handGates+g)%len(values)] }
}

var none = always(radar.BelowThresholdValue)

// share gives which part of the gates of a block has a code.
func share(m *Marked, want Code, r0, r1, g0, g1 int) float64 {
	n := 0
	for r := r0; r < r1; r++ {
		for g := g0; g < g1; g++ {
			if m.Codes[0][r*handGates+g] == want {
				n++
			}
		}
	}
	return float64(n) / float64((r1-r0)*(g1-g0))
}

func TestEveryCodeHasAName(t *testing.T) {
	seen := map[string]bool{}
	for c := range codes {
		if seen[c.String()] || c.String() == "" || c.IsWeather() && c.IsBlind() {
			t.Errorf("code %d is called %q", c, c)
		}
		seen[c.String()] = true
	}
	if codes.String() != "unknown" {
		t.Errorf("a code that is none is called %q", codes)
	}
}

// TestMarks holds a block of 40 rays × 100 gates, 25 km from the radar, against what it is made to be.
func TestMarks(t *testing.T) {
	block := func(in func(int, int) float32) func(int, int) float32 { return within(100, 140, 100, 200, in, none) }
	rain := func() hand {
		return newHand(0.5).set(radar.RHOHV, block(scatter(0.98, 0.01))).set(radar.ZDR, block(scatter(1, 0.2))).set(radar.PHIDP, block(scatter(60, 3)))
	}
	birds := func() hand {
		return newHand(0.5).set(radar.RHOHV, block(scatter(0.7, 0.1))).set(radar.ZDR, block(scatter(4, 3))).set(radar.PHIDP, block(scatter(120, 40)))
	}
	for name, c := range map[string]struct {
		scan hand
		want Code
	}{
		"rain":                         {rain().set(radar.DBZH, block(scatter(30, 2))), Weather},
		"rain across the wind":         {rain().set(radar.DBZH, block(scatter(30, 2))).set(radar.VRADH, block(scatter(0, 0.3))).set(radar.WRADH, block(always(0.7))), Weather},
		"rain without polarization":    {newHand(0.5).set(radar.DBZH, block(scatter(30, 2))).set(radar.VRADH, block(scatter(0, 0.3))).set(radar.WRADH, block(always(0.7))), Weather},
		"turbulent rain":               {rain().set(radar.DBZH, block(scatter(30, 2))).set(radar.VRADH, block(scatter(0, 15))).set(radar.WRADH, block(always(14))), Weather},
		"birds":                        {birds().set(radar.DBZH, block(scatter(15, 3))), LowCorrelation},
		"ground":                       {birds().set(radar.DBZH, block(scatter(45, 10))).set(radar.VRADH, block(scatter(0, 0.2))).set(radar.WRADH, block(always(0.5))), Clutter},
		"ground without velocity":      {birds().set(radar.DBZH, block(scatter(45, 10))), LowCorrelation},
		"hail":                         {newHand(0.5).set(radar.RHOHV, block(scatter(0.75, 0.03))).set(radar.ZDR, block(scatter(0, 0.8))).set(radar.PHIDP, block(scatter(60, 8))).set(radar.DBZH, block(scatter(60, 2))), Weather},
		"the pulse before, incoherent": {birds().set(radar.DBZH, block(scatter(30, 2))).set(radar.SNRH, block(scatter(20, 2))).set(radar.NCP, block(always(0.1))), SecondTrip},
		"the pulse before, by width":   {newHand(0.5).set(radar.DBZH, block(scatter(30, 2))).set(radar.VRADH, block(scatter(0, 60))).set(radar.WRADH, block(always(14))), SecondTrip},
		"weak":                         {rain().set(radar.DBZH, block(scatter(30, 2))).set(radar.SNRH, block(scatter(0, 0.5))), Noise},
		"the receiver's noise":         {newHand(0.5).set(radar.DBZH, block(scatter(-70, 0.3))), Noise},
	} {
		if v := c.scan.sweep.Moment(radar.VRADH); v != nil {
			fold(v.Values, c.scan.sweep.NyquistMS)
		}
		m := Mark(c.scan.scan, usual)
		if got := share(m, c.want, 100, 140, 104, 196); got < 0.95 {
			t.Errorf("%s: %.3f of it is %s", name, got, c.want)
		}
		if got := share(m, NoEcho, 0, 360, 0, 400); got < 0.97 {
			t.Errorf("%s: %.3f of the sweep has no echo", name, got)
		}
	}
}

func fold(values []float32, nyquistMS float64) {
	for i, v := range values {
		if valid(v) {
			values[i] = float32(math.Remainder(float64(v), 2*nyquistMS))
		}
	}
}

// TestGroundVanishesAbove has smooth still echo, with sound polarizations or without any, of which the sweep above holds
// as much, or none.
func TestGroundVanishesAbove(t *testing.T) {
	block := func(in func(int, int) float32) func(int, int) float32 { return within(100, 140, 40, 100, in, none) }
	for name, c := range map[string]struct {
		texture, aloft float32
		want           Code
	}{
		"smooth and shallow: drizzle": {2, 0, Weather},
		"smooth and deep: rain":       {2, 30, Weather},
		"rough and deep: showers":     {7, 35, Weather},
		"rough and shallow: ground":   {9, 0, Clutter},
	} {
		low := newHand(0.5).set(radar.DBZH, block(scatter(35, c.texture))).set(radar.VRADH, block(scatter(0, 0.2))).set(radar.WRADH, block(always(0.5)))
		high := newHand(1.5).set(radar.DBZH, block(always(c.aloft)))
		low.scan.Sweeps = append(low.scan.Sweeps, *high.sweep)
		if got := share(Mark(low.scan, usual), c.want, 100, 140, 44, 96); got < 0.9 {
			t.Errorf("%s: %.3f of it is %s", name, got, c.want)
		}
	}
}

// TestVelocityOfASplitCut has the velocity in the second sweep at the same elevation, which reaches less far.
func TestVelocityOfASplitCut(t *testing.T) {
	block := func(in func(int, int) float32) func(int, int) float32 { return within(100, 140, 40, 100, in, none) }
	first := newHand(0.5).set(radar.DBZH, block(scatter(45, 10))).set(radar.RHOHV, block(scatter(0.7, 0.1)))
	second := newHand(0.5).set(radar.VRADH, block(scatter(0, 0.2)))
	v := &second.sweep.Moments[0]
	const reach = 120
	for r := range handRays {
		copy(v.Values[r*reach:(r+1)*reach], v.Values[r*handGates:r*handGates+reach])
	}
	v.Gates.Count, v.Values = reach, v.Values[:handRays*reach]
	first.scan.Sweeps = append(first.scan.Sweeps, *second.sweep)
	if got := share(Mark(first.scan, usual), Clutter, 100, 140, 44, 96); got < 0.95 {
		t.Errorf("%.3f is clutter", got)
	}
}

// TestSun has echo whose power is the same at all ranges on some rays, and a shower on the same rays.
func TestSun(t *testing.T) {
	power := func(r, g int) float32 { return float32(-25 + 20*math.Log10((float64(g)+0.5)*spacingM/1000)) }
	noise := scatter(0, 1)
	sun := func(r, g int) float32 { return power(r, g) + noise(r, g) }
	shower := func(out func(int, int) float32) func(int, int) float32 {
		return within(90, 110, 150, 190, scatter(40, 2), out)
	}
	for name, c := range map[string]struct {
		from, to int // rays of the sun
		rest     func(int, int) float32
		want     Code
	}{
		"one ray":               {100, 101, none, SunSpike},
		"two rays":              {100, 102, none, SunSpike},
		"unfiltered noise":      {0, 360, none, Weather},
		"on noise 6 dB lower":   {100, 101, func(r, g int) float32 { return sun(r, g) - 6 }, SunSpike},
		"a sector of 20°":       {95, 115, none, Weather},
		"rays beside each echo": {100, 102, func(r, g int) float32 { return sun(r, g) - 1 }, Weather},
	} {
		h := newHand(0.5).set(radar.DBZH, shower(within(c.from, c.to, 0, handGates, sun, c.rest)))
		m := Mark(h.scan, usual)
		if got := share(m, c.want, 100, 101, 200, 400); got < 0.97 {
			t.Errorf("%s: %.3f of the ray is %s", name, got, c.want)
		}
		if got := share(m, Weather, 100, 101, 152, 188); got < 0.97 {
			t.Errorf("%s: %.3f of the shower before it is left", name, got)
		}
	}
}

// TestPoints has a mast, of one gate, in drizzle; again in a second look or not, or a shower instead.
func TestPoints(t *testing.T) {
	mast := within(50, 51, 60, 61, always(50), scatter(10, 1))
	small := within(49, 52, 58, 63, always(50), scatter(10, 1))
	for name, c := range map[string]struct {
		now, before func(int, int) float32
		want        Code
	}{
		"mast seen twice": {mast, mast, Point},
		"mast seen once":  {mast, scatter(10, 1), Weather},
		"shower":          {small, small, Weather},
	} {
		now, before := newHand(0.5).set(radar.DBZH, c.now), newHand(0.5).set(radar.DBZH, c.before)
		if got := Mark(now.scan, usual, before.scan).Codes[0][50*handGates+60]; got != c.want {
			t.Errorf("%s: it is %s, want %s", name, got, c.want)
		}
	}
}

// TestBlockage has half the beam taken at one azimuth beyond 30 km, and nine tenths at another.
func TestBlockage(t *testing.T) {
	h := newHand(0.5).set(radar.DBZH, always(30))
	p := usual.with(func(p *Profile) {
		p.Blockage = []Blockage{
			{AzimuthDeg: 100.5, ElevationDeg: 0.5, FromM: 30000, Share: 0.5}, {AzimuthDeg: 200.5, ElevationDeg: 0.5, Share: 0.9},
			{AzimuthDeg: 300.5, ElevationDeg: 1.5, Share: 0.9},
		}
	})
	m := Mark(h.scan, p)
	clean := Clean(h.scan, p).Sweeps[0].Moments[0].Values
	for name, c := range map[string]struct {
		ray, gate int
		code      Code
		dbz       float64 // NaN: no data
	}{
		"before the obstacle": {100, 50, Weather, 30},
		"half the beam":       {100, 200, PartlyBlocked, 33.01}, // 10 log10 2
		"a tenth of the beam": {200, 200, Blocked, math.NaN()},
		"another elevation":   {300, 200, Weather, 30},
		"another azimuth":     {102, 200, Weather, 30},
	} {
		i := c.ray*handGates + c.gate
		if got := float64(clean[i]); m.Codes[0][i] != c.code || !(math.Abs(got-c.dbz) < 0.01 || got != got && c.dbz != c.dbz) {
			t.Errorf("%s: %s of %.2f dBZ, want %s of %.2f", name, m.Codes[0][i], got, c.code, c.dbz)
		}
	}
	if err := (Blockage{Share: 1.5}).Validate(); err == nil {
		t.Error("a share of 1.5 is taken")
	}
}
