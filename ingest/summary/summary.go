// Package summary gives the few numbers that say how much weather a scan holds.
package summary

import (
	"math"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

// Thresholds are the reflectivities whose area is told, in dBZ: any rain, showers, heavy showers, storms, hail.
var Thresholds = [...]float64{20, 35, 40, 45, 55}

// leastCorrelation parts weather from clutter, insects and noise where a radar measures the correlation of its two
// polarizations. Rain has 0.95 and more, wet hail down to 0.8. Source: Ryzhkov et al. 2005, J. Appl. Meteor. 44, 557-570.
const leastCorrelation = 0.8

// flags is the moment in which decoders hand on a radar's own marks, and unusableFlag is Denton's mark of second-trip
// echo and clutter.
const (
	flags        = "FLAGS"
	unusableFlag = 4
)

// Of sums up a scan's lowest sweep. Gates that are not weather by correlation or by the radar's own flags count as
// looked at and empty.
func Of(scan *radar.Scan) event.Summary {
	s := event.Summary{MaxDBZ: grid.NoEchoDBZ}
	for _, t := range Thresholds {
		s.Above = append(s.Above, event.Above{DBZ: t})
	}
	found := lowest(scan)
	if found == nil {
		return s
	}
	sweep := found.Expanded(radar.DBZH, radar.RHOHV, flags)
	defer sweep.Release()
	z := sweep.Moment(radar.DBZH)
	s.Gates = len(z.Values)
	areas := gateAreasKM2(&sweep, z.Gates)
	weather := judge(&sweep)
	echoes := 0
	for ray := range sweep.Rays {
		for gate, v := range z.Ray(ray) {
			if radar.StatusOf(v) != radar.Valid || !weather(ray*z.Gates.Count+gate) {
				continue
			}
			echoes++
			s.MaxDBZ = max(s.MaxDBZ, float64(v))
			for i := range s.Above {
				if float64(v) < s.Above[i].DBZ {
					break
				}
				s.Above[i].Gates++
				s.Above[i].KM2 += areas[gate]
			}
		}
	}
	s.EchoFraction = float64(echoes) / float64(max(s.Gates, 1))
	return s
}

// sameElevationDeg is how far the elevations of both halves of a split cut may lie apart.
const sameElevationDeg = 0.2

// lowest gives the lowest sweep that has reflectivity and is no vertical cut, or nil; of several that are as low the one
// that reaches farthest.
func lowest(scan *radar.Scan) (found *radar.Sweep) {
	for i := range scan.Sweeps {
		s := &scan.Sweeps[i]
		z := s.Moment(radar.DBZH)
		if z == nil || len(s.Rays) == 0 || s.Vertical {
			continue
		}
		if found == nil || s.ElevationDeg < found.ElevationDeg-sameElevationDeg ||
			s.ElevationDeg < found.ElevationDeg+sameElevationDeg && z.Gates.ReachM() > found.Moment(radar.DBZH).Gates.ReachM() {
			found = s
		}
	}
	return found
}

// judge gives whether the gate at an index may be weather.
func judge(sweep *radar.Sweep) func(i int) bool {
	gates := sweep.Moment(radar.DBZH).Gates
	rho, flags := sweep.Moment(radar.RHOHV).ValuesOn(gates), sweep.Moment(flags).ValuesOn(gates)
	return func(i int) bool {
		if flags != nil && flags[i] == unusableFlag {
			return false
		}
		return rho == nil || radar.StatusOf(rho[i]) != radar.Valid || rho[i] >= leastCorrelation
	}
}

// gateAreasKM2 gives the ground below one gate at each range, the rays sharing the turn evenly.
func gateAreasKM2(sweep *radar.Sweep, gates radar.Gates) []float64 {
	areas := make([]float64, gates.Count)
	width := min(2*math.Pi/float64(len(sweep.Rays)), maxRayWidth)
	for i := range areas {
		near := radar.GroundRangeM(max(gates.CentreM(i)-gates.SpacingM/2, 0), sweep.ElevationDeg)
		far := radar.GroundRangeM(max(gates.CentreM(i)+gates.SpacingM/2, 0), sweep.ElevationDeg)
		areas[i] = width * (far*far - near*near) / 2 / 1e6
	}
	return areas
}

// maxRayWidth is the widest that a ray is taken for in a sweep of few rays, in radians: 2°.
const maxRayWidth = 2 * math.Pi / 180
