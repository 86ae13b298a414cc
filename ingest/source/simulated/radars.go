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
	leastSNR     = 1.0  // dB, of an echo that is kept
	clutterToKM  = 3.0
	clutterShare = 0.03 // of the gates so near
)

// blocked is a sector that the third radar cannot see: no rays come from it.
const blockedFrom, blockedTo = 201, 209

// look gives what radar i sees at a time.
func (s *Storm) look(i int, t time.Time) *radar.Scan {
	site := s.cfg.Radars[i]
	v := newView(s.at(t), site, rand.New(rand.NewPCG(s.cfg.Seed^uint64(i), uint64(t.Sub(s.cfg.Start)))))
	v.x, v.y = s.cfg.kilometres(site.LatitudeDeg, site.LongitudeDeg)
	sweep := radar.Sweep{ElevationDeg: elevationDeg, NyquistMS: nyquistMS}
	for r := range rays {
		if i == 2 && r >= blockedFrom && r < blockedTo {
			continue
		}
		azimuth := float64(r) + 0.5
		sweep.Rays = append(sweep.Rays, radar.Ray{AzimuthDeg: float32(azimuth), ElevationDeg: elevationDeg})
		v.ray(azimuth)
	}
	sweep.Moments = v.moments()
	return &radar.Scan{Site: site, Format: "casa", Start: t, End: t.Add(turn), BeamWidthDeg: beamWidthDeg, Sweeps: []radar.Sweep{sweep}}
}

// ray looks along one azimuth. Rain takes away from what lies behind it.
func (v *view) ray(azimuth float64) {
	sin, cos := math.Sincos(azimuth * math.Pi / 180)
	v.along(sin, cos)
	lostDB := 0.0
	for g := range gates {
		ground := v.ground[g]
		if ground < clutterToKM && v.random.Float64() < clutterShare {
			v.clutter()
			continue
		}
		truth, y := -1.0, v.y+cos*ground
		if v.reached(ground) {
			truth = v.now.reflectivity(v.here, v.x+sin*ground, y, v.height[g])
		}
		if truth < 0 {
			v.nothing()
			continue
		}
		seen := truth - lostDB + 0.8*v.random.NormFloat64()
		lostDB += lossDBPerKM(truth) * spacingM / 1000
		if snr := seen - v.spread[g]; snr >= leastSNR {
			east, north := air(y, v.height[g], truth)
			v.rain(truth, seen, east*sin+north*cos, snr)
		} else {
			v.nothing()
		}
	}
}

// lossDBPerKM gives how much X band loses both ways in rain: about 1 dB/km at 50 dBZ.
func lossDBPerKM(dBZ float64) float64 {
	if dBZ < 20 {
		return 0 // less than a hundredth
	}
	return 1.6e-4 * math.Pow(10, 0.076*dBZ)
}

// along finds the cells that a ray passes, and where.
func (v *view) along(sin, cos float64) {
	v.ahead = v.ahead[:0]
	for i := range v.now.cells {
		c := &v.now.cells[i]
		dx, dy := c.x-v.x, c.y-v.y
		forward, aside := dx*sin+dy*cos, dx*cos-dy*sin
		reach := c.reachKM + leanKMPerKM*steeringAtKM // no beam is far above or below the height that steers
		if half := reach*reach - aside*aside; half > 0 {
			half = math.Sqrt(half)
			v.ahead = append(v.ahead, span{forward - half, forward + half, c})
		}
	}
}

// reached gathers the cells that may reach a place on the ray, and tells whether there are any.
func (v *view) reached(ground float64) bool {
	v.here = v.here[:0]
	for i := range v.ahead {
		if s := &v.ahead[i]; ground > s.from && ground < s.to {
			v.here = append(v.here, s.cell)
		}
	}
	return len(v.here) > 0
}
