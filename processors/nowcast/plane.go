package nowcast

import (
	"math"

	"bowecho/internal/grid"
)

// plane is values on pixels, row by row; NaN where nothing was observed.
type plane struct {
	rows, cols int
	v          []float32
}

func (p plane) row(r int) []float32 { return p.v[r*p.cols : (r+1)*p.cols] }

// at interpolates between those of four pixels that hold a value; beyond the edge it is that of the edge.
func (p plane) at(x, y float32) float32 {
	x, y = min(max(x, 0), float32(p.cols-1)), min(max(y, 0), float32(p.rows-1))
	x0, y0 := int(x), int(y)
	fx, fy := x-float32(x0), y-float32(y0)
	a := y0*p.cols + x0
	b, down := a+min(1, p.cols-1-x0), p.cols*min(1, p.rows-1-y0)
	v := mix(mix(p.v[a], p.v[b], fx), mix(p.v[a+down], p.v[b+down], fx), fy)
	if v != v {
		v = weighted([4]float32{p.v[a], p.v[b], p.v[a+down], p.v[b+down]}, fx, fy)
	}
	return v
}

func mix(a, b, share float32) float32 { return a + share*(b-a) }

// weighted is the mean of those of four neighbours that hold a value.
func weighted(values [4]float32, fx, fy float32) float32 {
	var sum, weight float32
	for i, w := range [4]float32{(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy} {
		if v := values[i]; v == v {
			sum += w * v
			weight += w
		}
	}
	return sum / weight
}

// pixel gives the place, among pixels of this width in cells, of a place among cells.
func pixel(cell, width float32) float32 { return (cell+0.5)/width - 0.5 }

// sampled gives the values of a plane whose pixels are 2^level cells wide in each cell.
func (p plane) sampled(level, rows, cols int) plane {
	out := plane{rows, cols, make([]float32, rows*cols)}
	columns := make([]between, cols)
	for c := range columns {
		columns[c] = betweenPixels(c, level, p.cols)
	}
	grid.Bands(rows, func(from, to int) {
		for r := from; r < to; r++ {
			y := betweenPixels(r, level, p.rows)
			above, below, line := p.row(y.first), p.row(y.second), out.row(r)
			for c, x := range columns {
				line[c] = mix(mix(above[x.first], above[x.second], x.share), mix(below[x.first], below[x.second], x.share), y.share)
			}
		}
	})
	return out
}

// between is two pixels of a row or column, and how far a place lies on the way from the first to the second.
type between struct {
	first, second int
	share         float32
}

// betweenPixels gives the two of n pixels, 2^level cells wide, between whose centres that of a cell lies.
func betweenPixels(cell, level, n int) between {
	at := min(max(pixel(float32(cell), float32(int(1)<<level)), 0), float32(n-1))
	return between{int(at), min(int(at)+1, n-1), at - float32(int(at))}
}

// halved gives the mean of every four pixels, as far as they were observed.
func (p plane) halved() plane {
	rows, cols := (p.rows+1)/2, (p.cols+1)/2
	out := plane{rows, cols, make([]float32, rows*cols)}
	grid.Bands(rows, func(from, to int) {
		for r := from; r < to; r++ {
			above, below := p.row(2*r), p.row(min(2*r+1, p.rows-1))
			for c := range cols {
				first, second := 2*c, min(2*c+1, p.cols-1)
				out.v[r*cols+c] = mean(above[first], above[second], below[first], below[second])
			}
		}
	})
	return out
}

// mean leaves out what is NaN.
func mean(values ...float32) float32 {
	var sum, n float32
	for _, v := range values {
		if v == v {
			sum += v
			n++
		}
	}
	if n == 0 {
		return float32(math.NaN())
	}
	return sum / n
}

// diffused writes to out what a step of diffusion makes of p: values spread by this variance, in pixels², along each axis.
// Nothing passes the edge, nor into pixels that were not observed.
func (p plane) diffused(out plane, variance float32) {
	half := variance / 2
	grid.Bands(p.rows, func(from, to int) {
		for r := from; r < to; r++ {
			above, here, below, line := p.row(max(r-1, 0)), p.row(r), p.row(min(r+1, p.rows-1)), out.row(r)
			above, below, line = above[:len(here)], below[:len(here)], line[:len(here)]
			left := here[0]
			for c, v := range here {
				right := v
				if c+1 < len(here) {
					right = here[c+1]
				}
				change := above[c] + below[c] + left + right - 4*v
				if change != change {
					change = inflow(above[c]-v) + inflow(below[c]-v) + inflow(left-v) + inflow(right-v)
				}
				line[c] = v + half*change
				left = v
			}
		}
	})
}

// inflow is nothing where a neighbour was not observed.
func inflow(difference float32) float32 {
	if difference != difference {
		return 0
	}
	return difference
}
