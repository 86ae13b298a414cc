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
// it is in to the next; beyond the edge values are as at it. They are scaled.
func (p plane) doubled(rows, cols int, scale float32) plane {
	const near, far = 3. / 4, 1. / 4
	out := newPlane(rows, cols)
	grid.Bands(rows, func(from, to int) {
		mixed := make([]float32, p.cols)
		for r := from; r < to; r++ {
			here := p.row(r / 2)
			beside := p.row(min(max(r/2-1+r%2*2, 0), p.rows-1))[:len(here)]
			for c, v := range here {
				mixed[c] = scale * (near*v + far*beside[c])
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

// eachOf works on planes, some at once. Where there are many, processors share them better than their rows: all is sooner done
// with a small one than another processor is woken.
func eachOf(planes []plane, work func(plane)) {
	grid.Bands(len(planes), func(from, to int) {
		for _, p := range planes[from:to] {
			work(p)
		}
	})
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
	padded := make([]float32, p.cols+2*radius+1) // with what lies beyond the edges
	leaves, enters := padded[:p.cols], padded[2*radius+1:]
	for r := range p.rows {
		copy(padded[radius+1:], p.row(r))
		var sum float64
		for _, v := range padded[radius+1 : 2*radius+1] {
			sum += float64(v)
		}
		mean := out.row(r)[:len(leaves)]
		for c, v := range enters[:len(leaves)] {
			sum += float64(v) - float64(leaves[c])
			mean[c] = float32(sum * scale)
		}
	}
}

func (p plane) meanAlongCols(out plane, radius int) {
	scale := 1 / float64(2*radius+1)
	sums, nothing := make([]float64, p.cols), make([]float32, p.cols)
	row := func(r int) []float32 {
		if r < 0 || r >= p.rows {
			return nothing
		}
		return p.row(r)
	}
	for r := range radius {
		for c, v := range row(r) {
			sums[c] += float64(v)
		}
	}
	for r := range p.rows {
		enters, leaves, mean := row(r + radius)[:len(sums)], row(r - radius - 1)[:len(sums)], out.row(r)[:len(sums)]
		for c, sum := range sums {
			sum += float64(enters[c]) - float64(leaves[c])
			sums[c], mean[c] = sum, float32(sum*scale)
		}
	}
}
