package mosaic

import (
	"math"

	"bowecho/internal/radar"
)

// pathStepM is how far apart a beam's path is worked out. Between, lines err by less than a decimetre below 60°.
const pathStepM = 1000

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
	p.points = make([]point, 0, 500) // enough for 500 km
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
