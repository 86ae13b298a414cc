package mosaic

import (
	"math"

	"bowecho/internal/radar"
)

// pathStepM is how far apart a beam's path is worked out. Between, lines err by less than a centimetre below 60°.
const pathStepM = 500

// path is where a beam goes, by distance along the ground.
type path struct {
	points []point // one each pathStepM; no further than the beam is of use
}

type point struct{ slantM, aboveM float32 }

// newPath follows a beam until a slant range.
func newPath(elevationDeg, reachM float64) (p path) {
	for groundM := 0.0; ; groundM += pathStepM {
		slantM := radar.SlantRangeM(groundM, elevationDeg)
		if !(slantM < math.MaxFloat32) || len(p.points) > 0 && float64(p.points[len(p.points)-1].slantM) > reachM {
			return p
		}
		p.points = append(p.points, point{float32(slantM), float32(radar.AboveRadarM(slantM, elevationDeg))})
	}
}

// reachM gives how far along the ground the path goes.
func (p path) reachM() float64 { return float64(len(p.points)-1) * pathStepM }

// at gives the points before and after a ground range, and the share of the second; false beyond the path.
func (p path) at(groundM float32) (before, after point, share float32, found bool) {
	steps := groundM / pathStepM
	if !(steps >= 0) || int(steps)+1 >= len(p.points) {
		return before, after, 0, false
	}
	i := int(steps)
	return p.points[i], p.points[i+1], steps - float32(i), true
}

// slantM gives the slant range at a ground range; NaN beyond the path.
func (p path) slantM(groundM float32) float32 {
	before, after, share, found := p.at(groundM)
	if !found {
		return nan
	}
	return before.slantM + share*(after.slantM-before.slantM)
}

// aboveRadarM gives the height of the beam's centre at a ground range; NaN beyond the path.
func (p path) aboveRadarM(groundM float32) float32 {
	before, after, share, found := p.at(groundM)
	if !found {
		return nan
	}
	return before.aboveM + share*(after.aboveM-before.aboveM)
}
