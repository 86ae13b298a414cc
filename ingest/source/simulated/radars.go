package simulated

import (
	"math"
	"math/rand/v2"
	"time"

	"bowecho/internal/radar"
)

// What the simulated radars are: X band, one low sweep a minute.
const (
	elevationDeg = 2.0
	beamWidthDeg = 1.8
	nyquistMS    = 20.0
	rays         = 360
	gates        = 480
	spacingM     = 125.0
	period       = time.Minute
	turn         = 18 * time.Second
	noiseAtKM    = 25.0 // range at which 0 dBZ stands level with the noise
)

// blocked is a sector that the third radar cannot see: no rays come from it.
const blockedFrom, blockedTo = 201, 209

// look gives what radar i sees at a time.
func (s *Storm) look(i int, t time.Time) *radar.Scan {
	site := s.cfg.Radars[i]
	cells, since := s.at(t)
	x0, y0 := s.cfg.kilometres(site.LatitudeDeg, site.LongitudeDeg)
	random := rand.New(rand.NewPCG(s.cfg.Seed^uint64(i), uint64(since)))
	near := within(cells, x0, y0, gates*spacingM/1000)
	sweep := radar.Sweep{ElevationDeg: elevationDeg, NyquistMS: nyquistMS}
	b := newBeams()
	for r := range rays {
		if i == 2 && r >= blockedFrom && r < blockedTo {
			continue
		}
		azimuth := float64(r) + 0.5
		sweep.Rays = append(sweep.Rays, radar.Ray{AzimuthDeg: float32(azimuth), ElevationDeg: elevationDeg})
		s.ray(b, near, random, x0, y0, azimuth)
	}
	sweep.Moments = b.moments()
	return &radar.Scan{Site: site, Format: "casa", Start: t, End: t.Add(turn), BeamWidthDeg: beamWidthDeg, Sweeps: []radar.Sweep{sweep}}
}

// within gives the cells that reach into a circle.
func within(cells []alive, x, y, reachKM float64) (near []alive) {
	for _, c := range cells {
		if math.Hypot(c.x-x, c.y-y) < reachKM+4*c.radiusKM*c.stretch {
			near = append(near, c)
		}
	}
	return near
}

// beams gathers the moments of rays.
type beams struct {
	z, v, w, zdr, rho, snr []float32
	ground, height         [gates]float64 // km
}

func newBeams() *beams {
	b := &beams{}
	for _, m := range []*[]float32{&b.z, &b.v, &b.w, &b.zdr, &b.rho, &b.snr} {
		*m = make([]float32, 0, rays*gates)
	}
	for g := range gates {
		slant := (float64(g) + 0.5) * spacingM
		b.ground[g], b.height[g] = radar.GroundRangeM(slant, elevationDeg)/1000, radar.AboveRadarM(slant, elevationDeg)/1000
	}
	return b
}

func (b *beams) moments() []radar.Moment {
	geometry := radar.Gates{Count: gates, OffsetM: spacingM / 2, SpacingM: spacingM}
	return []radar.Moment{
		{Name: radar.DBZH, Units: "dBZ", Gates: geometry, Values: b.z}, {Name: radar.VRADH, Units: "m/s", Gates: geometry, Values: b.v},
		{Name: radar.WRADH, Units: "m/s", Gates: geometry, Values: b.w}, {Name: radar.ZDR, Units: "dB", Gates: geometry, Values: b.zdr},
		{Name: radar.RHOHV, Units: "1", Gates: geometry, Values: b.rho}, {Name: radar.SNRH, Units: "dB", Gates: geometry, Values: b.snr},
	}
}

// ray looks along one azimuth. Rain takes away from what lies behind it: about 1 dB/km both ways at 50 dBZ, as X band
// loses.
func (s *Storm) ray(b *beams, cells []alive, random *rand.Rand, x0, y0, azimuth float64) {
	sin, cos := math.Sincos(azimuth * math.Pi / 180)
	lostDB := 0.0
	ahead := along(cells, x0, y0, sin, cos)
	for g := range gates {
		x, y := x0+sin*b.ground[g], y0+cos*b.ground[g]
		truth := -40.0
		if len(ahead) > 0 {
			truth = s.reflectivity(ahead, x, y, b.height[g])
		}
		if b.ground[g] < 3 && random.Float64() < 0.03 {
			b.clutter(random)
			continue
		}
		seen := truth - lostDB + 0.8*random.NormFloat64()
		if truth > 0 {
			lostDB += 1.6e-4 * math.Pow(10, 0.076*truth) * spacingM / 1000
		}
		snr := seen - 20*math.Log10(math.Max(b.ground[g], 0.1)/noiseAtKM)
		if truth < 0 || snr < 1 {
			b.nothing()
			continue
		}
		b.rain(random, seen, snr, sin, cos, y)
	}
}

// along gives the cells that a ray passes.
func along(cells []alive, x0, y0, sin, cos float64) (ahead []alive) {
	for _, c := range cells {
		dx, dy := c.x-x0, c.y-y0
		forward, aside := dx*sin+dy*cos, math.Abs(dx*cos-dy*sin)
		if reach := 3 * c.radiusKM * c.stretch; aside < reach && forward > -reach {
			ahead = append(ahead, c)
		}
	}
	return ahead
}

func (b *beams) add(z, v, w, zdr, rho, snr float64) {
	b.z, b.v, b.w = append(b.z, float32(z)), append(b.v, float32(v)), append(b.w, float32(w))
	b.zdr, b.rho, b.snr = append(b.zdr, float32(zdr)), append(b.rho, float32(rho)), append(b.snr, float32(snr))
}

func (b *beams) nothing() {
	nan := math.NaN()
	b.add(nan, nan, nan, nan, nan, nan)
}

func (b *beams) clutter(random *rand.Rand) {
	b.add(25+25*random.Float64(), 0.3*random.NormFloat64(), 0.5, 2*random.NormFloat64(), 0.3+0.4*random.Float64(), 40)
}

// rain adds a gate of rain, or of hail where it is strong. Velocity is the flow's part along the beam, folded.
func (b *beams) rain(random *rand.Rand, z, snr, sin, cos, y float64) {
	east, north := Flow(y)
	v := east*sin + north*cos + 0.7*random.NormFloat64()
	v = math.Remainder(v, 2*nyquistMS)
	zdr, rho := math.Max(0, 0.06*(z-18)), 0.985
	if z > 54 { // tumbling hail
		zdr, rho = 0.3, 0.92
	}
	b.add(math.Round(z*2)/2, v, 1.5+math.Abs(random.NormFloat64()), zdr+0.15*random.NormFloat64(), math.Min(1, rho+0.006*random.NormFloat64()), snr)
}
