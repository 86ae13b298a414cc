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

// doubled interpolates to a grid twice as fine. A pixel's centre lies a quarter of the way from that of the coarse one which
// it is in to the next; beyond the edge values are as at it.
func (p plane) doubled(rows, cols int) plane {
	const near, far = 3. / 4, 1. / 4
	out := newPlane(rows, cols)
	grid.Bands(rows, func(from, to int) {
		mixed := make([]float32, p.cols)
		for r := from; r < to; r++ {
			here := p.row(r / 2)
			beside := p.row(min(max(r/2-1+r%2*2, 0), p.rows-1))[:len(here)]
			for c, v := range here {
				mixed[c] = near*v + far*beside[c]
			}
			line := out.row(r)
			before := mixed[0]
			for c, v := range mixed {
				line[2*c] = near*v + far*before
				if 2*c+1 < len(line) {
					line[2*c+1] = near*v + far*mixed[min(c+1, len(mixed)-1)]
				}
				before = v
			}
		}
	})
	return out
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
