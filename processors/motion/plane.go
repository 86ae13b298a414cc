package motion

import (
	"math"

	"bowecho/internal/grid"
)

// plane is values on one level of a pyramid, row by row.
type plane struct {
	rows, cols int
	v          []float32
}

func newPlane(rows, cols int) plane { return plane{rows, cols, make([]float32, rows*cols)} }

func (p plane) row(r int) []float32 { return p.v[r*p.cols : (r+1)*p.cols] }

// halves is how many pixels twice as wide cover n.
func halves(n int) int { return (n + 1) / 2 }

// doubled interpolates to a grid twice as fine.
func (p plane) doubled(rows, cols int) plane {
	out := newPlane(rows, cols)
	grid.Bands(rows, func(from, to int) {
		for r := from; r < to; r++ {
			r0, r1, fr := between(r, p.rows)
			above, below := p.row(r0), p.row(r1)
			line := out.row(r)
			for c := range line {
				c0, c1, fc := between(c, p.cols)
				a := above[c0] + fc*(above[c1]-above[c0])
				b := below[c0] + fc*(below[c1]-below[c0])
				line[c] = a + fr*(b-a)
			}
		}
	})
	return out
}

// between gives the two of n coarse pixels whose centres enclose the centre of fine pixel i, and how far it is from the first.
func between(i, n int) (first, second int, share float32) {
	first, share = (i-1)/2, 0.75
	if i%2 == 1 {
		share = 0.25
	}
	if i == 0 {
		return 0, 0, 0
	}
	return first, min(first+1, n-1), share
}

// smooth blurs in place with three running means: nearly a Gaussian of this standard deviation. Beyond the edge is zero.
func (p plane) smooth(sigmaPixels float64) {
	radius := int(math.Round((math.Sqrt(4*sigmaPixels*sigmaPixels+1) - 1) / 2))
	scratch := newPlane(p.rows, p.cols)
	for range 3 {
		p.meanAlongRows(scratch, radius)
		scratch.meanAlongCols(p, radius)
	}
}

func (p plane) meanAlongRows(out plane, radius int) {
	scale := 1 / float64(2*radius+1)
	grid.Bands(p.rows, func(from, to int) {
		for r := from; r < to; r++ {
			in, mean := p.row(r), out.row(r)
			var sum float64
			for _, v := range in[:min(radius, p.cols)] {
				sum += float64(v)
			}
			for c := range mean {
				if c+radius < p.cols {
					sum += float64(in[c+radius])
				}
				if c > radius {
					sum -= float64(in[c-radius-1])
				}
				mean[c] = float32(sum * scale)
			}
		}
	})
}

// meanAlongCols shares columns, not rows, among processors: a sum's rounding must not depend on how many there are.
func (p plane) meanAlongCols(out plane, radius int) {
	scale := 1 / float64(2*radius+1)
	grid.Bands(p.cols, func(from, to int) {
		sums := make([]float64, to-from)
		add := func(r int, sign float64) {
			if r >= 0 && r < p.rows {
				for c, v := range p.row(r)[from:to] {
					sums[c] += sign * float64(v)
				}
			}
		}
		for r := range radius {
			add(r, 1)
		}
		for r := range p.rows {
			add(r+radius, 1)
			add(r-radius-1, -1)
			mean := out.row(r)[from:to]
			for c, sum := range sums {
				mean[c] = float32(sum * scale)
			}
		}
	})
}
