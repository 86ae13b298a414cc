package quality

import (
	"fmt"
	"math"

	"bowecho/internal/radar"
)

// Blockage is what the ground takes from the beam at one azimuth and elevation.
type Blockage struct {
	AzimuthDeg   float64 `yaml:"azimuth_deg"`
	ElevationDeg float64 `yaml:"elevation_deg"` // of the sweep
	FromM        float64 `yaml:"from_m"`        // range of the obstacle; nearer gates see freely
	Share        float64 `yaml:"share"`         // of the power, there and back, 0 to 1
}

// Up to mostShare of the power is given back; where more is taken, what is left is not of the middle of the beam.
// Source: Bech et al. 2003, JTECH 20, 845-855; the limit is that of Fulton et al. 1998, Wea. Forecasting 13, 377-395.
const mostShare = 0.6

// leastShare changes less (0.2 dB) than radars are calibrated to.
const leastShare = 0.05

// Validate tells what is wrong.
func (b Blockage) Validate() error {
	if !(b.Share >= 0 && b.Share <= 1) || !(b.AzimuthDeg >= 0 && b.AzimuthDeg <= 360) || !(b.ElevationDeg >= -5 && b.ElevationDeg <= 90) || !(b.FromM >= 0) {
		return fmt.Errorf("share %g at azimuth_deg %g, elevation_deg %g, from_m %g; want 0 to 1, 0 to 360, -5 to 90, and 0 or more",
			b.Share, b.AzimuthDeg, b.ElevationDeg, b.FromM)
	}
	return nil
}

// blockageAt gives what is taken from a ray: the entry nearest in azimuth within nearDeg, of the sweep's elevation.
func blockageAt(table []Blockage, ray radar.Ray, elevationDeg float64) (nearest Blockage) {
	best := nearDeg
	for _, b := range table {
		off := math.Abs(math.Remainder(b.AzimuthDeg-float64(ray.AzimuthDeg), 360))
		if off < best && math.Abs(b.ElevationDeg-elevationDeg) < sameBeamDeg {
			best, nearest = off, b
		}
	}
	return nearest
}

// giveBackGround raises weather behind obstacles, and marks as blocked what is hardly seen.
func (v *view) giveBackGround(dbz []float32, table []Blockage) {
	if len(table) == 0 {
		return
	}
	n := v.gates.Count
	for ray := range v.rays {
		b := blockageAt(table, v.sweep.Rays[ray], v.sweep.ElevationDeg)
		if b.Share < leastShare {
			continue
		}
		lostDB := float32(-10 * math.Log10(1-math.Min(b.Share, mostShare)))
		for g := range n {
			i := ray*n + g
			switch {
			case v.gates.CentreM(g) < b.FromM:
			case b.Share > mostShare:
				v.codes[i] = Blocked
			case v.codes[i].IsWeather():
				dbz[i] += lostDB
				v.codes[i] = PartlyBlocked
			}
		}
	}
}
