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

type point struct {
	slantM float64
	aboveM float32
}

// newPath follows a beam until a slant range.
func newPath(elevationDeg, reachM float64) (p path) {
	p.points = make([]point, 0, 1000) // enough for 500 km
	for groundM := 0.0; ; groundM += pathStepM {
		slantM := radar.SlantRangeM(groundM, elevationDeg)
		if !(slantM < math.MaxFloat32) || len(p.points) > 0 && p.points[len(p.points)-1].slantM > reachM {
			return p
		}
		p.points = append(p.points, point{slantM, float32(radar.AboveRadarM(slantM, elevationDeg))})
	}
}

// reachM gives how far along the ground the path goes.
func (p path) reachM() float64 { return float64(len(p.points)-1) * pathStepM }

// stepOf gives the point before a ground range, and how much of the step to the next lies before it.
func stepOf(groundM float32) (step int, between float32) {
	steps := groundM * (1.0 / pathStepM)
	step = int(steps)
	return step, steps - float32(step)
}

// aboveRadarM gives the height of the beam's centre between a point and the next; NaN beyond the path.
func (p path) aboveRadarM(step int, between float32) float32 {
	if step+1 >= len(p.points) {
		return nan
	}
	return p.points[step].aboveM + between*(p.points[step+1].aboveM-p.points[step].aboveM)
}
