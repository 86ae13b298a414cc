package mosaic

import (
	"math"
	"time"

	"bowecho/processors/motion"
)

// drift is how echo has moved since a sweep: where it was then is looked up.
type drift struct {
	motion *motion.Field
	at     time.Time
}

// driftOf gives nil without a motion field.
func driftOf(moving *motion.Field, at time.Time) *drift {
	if moving == nil {
		return nil
	}
	return &drift{moving, at}
}

// move works out where each sweep saw what has come to the cell since.
func (c *cell) move(t tile, row, col int, d *drift, times []time.Time) {
	heightKM, widthKM := t.CellKM(row)
	at := (t.row+row)*d.motion.Cols + t.col + col
	eastMS := float64(d.motion.U[at]) * widthKM * 1000 / 60
	southMS := float64(d.motion.V[at]) * heightKM * 1000 / 60
	sin, cos := math.Sincos(float64(c.azimuthDeg) * math.Pi / 180)
	c.moved = true
	for i, when := range times {
		age := d.at.Sub(when).Seconds()
		east, north := float64(c.groundM)*sin-eastMS*age, float64(c.groundM)*cos+southMS*age
		azimuth := math.Atan2(east, north) * 180 / math.Pi
		if azimuth < 0 {
			azimuth += 360
		}
		c.sights[i].place = place{float32(azimuth), float32(math.Hypot(east, north))}
	}
}
