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
