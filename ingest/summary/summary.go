// Package summary gives the few numbers that say how much weather a scan holds.
package summary

import (
	"cmp"
	"math"
	"slices"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/radar"
	"bowecho/internal/storm"
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
	sweep := lowest(scan)
	if sweep == nil {
		return s
	}
	gates := sweep.Moment(radar.DBZH).Gates
	s.Gates = len(sweep.Rays) * gates.Count
	areas := gateAreasKM2(sweep, gates)
	z, notWeather := sweep.Rows(radar.DBZH), judge(sweep)
	echoes := 0
	var cores storm.Counter
	turn := aroundTheTurn(sweep)
	for i, ray := range turn {
		values := z.Ray(ray)
		notWeather.next(ray)
		for gate, v := range values {
			if radar.StatusOf(v) != radar.Valid || notWeather.at(gate) {
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
			if v >= storm.CellDBZ {
				cores.Add(gate, areas[gate])
			}
		}
		cores.End(i > 0 && beside(sweep, turn[i-1], ray))
	}
	s.Cells = cores.Cells(beside(sweep, turn[len(turn)-1], turn[0]))
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

// judgement tells of the gates of a ray whether they are surely not weather.
type judgement struct {
	rhoRows, flagRows *radar.Rows // nil where the radar does not measure that, or elsewhere
	rho, marks        []float32   // of the ray
}

func judge(sweep *radar.Sweep) *judgement {
	gates := sweep.Moment(radar.DBZH).Gates
	return &judgement{rhoRows: sweep.Rows(radar.RHOHV).On(gates), flagRows: sweep.Rows(flags).On(gates)}
}

func (j *judgement) next(ray int) {
	if j.rhoRows != nil {
		j.rho = j.rhoRows.Ray(ray)
	}
	if j.flagRows != nil {
		j.marks = j.flagRows.Ray(ray)
	}
}

func (j *judgement) at(gate int) bool {
	if gate < len(j.marks) && j.marks[gate] == unusableFlag {
		return true
	}
	return gate < len(j.rho) && radar.StatusOf(j.rho[gate]) == radar.Valid && j.rho[gate] < leastCorrelation
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

// aroundTheTurn gives the sweep's rays by azimuth, wherever the antenna began and though it went on beyond a full turn.
func aroundTheTurn(sweep *radar.Sweep) []int {
	turn := make([]int, len(sweep.Rays))
	for i := range turn {
		turn[i] = i
	}
	slices.SortStableFunc(turn, func(a, b int) int { return cmp.Compare(sweep.Rays[a].AzimuthDeg, sweep.Rays[b].AzimuthDeg) })
	return turn
}

// besideDeg is how far apart rays that lie side by side may be: the widest there are, or narrower ones of which one is
// missing.
const besideDeg = 2.5

// beside tells whether a ray lies beside the one before it in the turn.
func beside(sweep *radar.Sweep, before, ray int) bool {
	apart := math.Mod(float64(sweep.Rays[ray].AzimuthDeg-sweep.Rays[before].AzimuthDeg)+360, 360)
	return apart <= besideDeg
}

// maxRayWidth is the widest that a ray is taken for in a sweep of few rays, in radians: 2°.
const maxRayWidth = 2 * math.Pi / 180
