package nowcast

import "math"

const (
	mostStep    = 0.3         // variance, in pixels², of one step of diffusion; from 0.5 on it would not be stable
	widestBlur  = 2           // variance, in pixels², beyond which pixels twice as wide say as much
	halvingBlur = 0.25 * 0.25 // what halving itself adds: the variance of two points, in pixels of the halved plane
)

// blurred is a plane that is being blurred, on pixels as wide as its blur allows.
type blurred struct {
	plane
	scratch plane
	level   int     // pixels are 2^level cells wide
	has     float64 // variance, in pixels²
	owed    float64 // pixels² that it is short of; less than 0 after halving blurred it too much
}

// by blurs the plane further: its variance along each axis grows by that many cells².
func (b *blurred) by(cells2 float64) {
	b.owed += math.Ldexp(cells2, -2*b.level)
	for b.has+b.owed > widestBlur {
		b.halve()
	}
	if len(b.scratch.v) != len(b.v) {
		b.scratch = plane{b.rows, b.cols, make([]float32, len(b.v))}
	}
	if b.owed <= 0 {
		return
	}
	steps := math.Ceil(b.owed / mostStep)
	for range int(steps) {
		b.diffused(b.scratch, float32(b.owed/steps))
		b.plane, b.scratch = b.scratch, b.plane
	}
	b.has, b.owed = b.has+b.owed, 0
}

// halve goes on with pixels twice as wide.
func (b *blurred) halve() {
	b.plane = b.halved()
	b.level++
	b.has, b.owed = b.has/4+halvingBlur, b.owed/4-halvingBlur
}
