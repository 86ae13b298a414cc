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

// drifting is the drift of a tile's row.
type drifting struct {
	u, v            []float32
	eastMS, southMS float64   // of a cell a minute
	agesS           []float64 // of each sweep
}

func (d *drift) row(t tile, row int, times []time.Time) *drifting {
	if d == nil {
		return nil
	}
	heightKM, widthKM := t.CellKM(row)
	at := (t.row+row)*d.motion.Cols + t.col
	r := &drifting{d.motion.U[at : at+t.Cols], d.motion.V[at : at+t.Cols], widthKM * 1000 / 60, heightKM * 1000 / 60, nil}
	for _, when := range times {
		r.agesS = append(r.agesS, d.at.Sub(when).Seconds())
	}
	return r
}

// move works out where each sweep saw what has come to a cell of the row since.
func (c *cell) move(col int, d *drifting) {
	eastMS, southMS := float64(d.u[col])*d.eastMS, float64(d.v[col])*d.southMS
	sin, cos := math.Sincos(float64(c.azimuthDeg) * math.Pi / 180)
	outMS, rightMS := eastMS*sin-southMS*cos, eastMS*cos+southMS*sin // seen from the radar
	c.moved, c.sights = true, c.sights[:0]
	for _, age := range d.agesS {
		c.sights = append(c.sights, c.place.off(-outMS*age, -rightMS*age))
	}
}

// off gives the place so many metres further from the radar, and to the right of that.
func (p place) off(outM, rightM float64) place {
	outM += float64(p.groundM)
	turn := 0.0
	if share := rightM / outM; math.Abs(share) < 0.1 {
		turn = share * (1 - share*share*(1./3-share*share/5)) // the arc tangent, within 2e-8
	} else {
		turn = math.Atan2(rightM, outM)
	}
	azimuth := float64(p.azimuthDeg) + turn*180/math.Pi
	if azimuth < 0 {
		azimuth += 360
	} else if azimuth >= 360 {
		azimuth -= 360
	}
	return place{float32(azimuth), float32(math.Sqrt(outM*outM + rightM*rightM))}
}
