package probability

import "bowecho/internal/grid"

// plane is numbers on blocks of cells.
type plane struct {
	rows, cols int
	v          []float32
}

func newPlane(rows, cols int) plane { return plane{rows, cols, make([]float32, rows*cols)} }

func (p plane) row(r int) []float32 { return p.v[r*p.cols : (r+1)*p.cols] }

// held gives a row, that of the edge for one beyond it.
func (p plane) held(r int) []float32 { return p.row(min(max(r, 0), p.rows-1)) }

// window is a mean over neighbours: whole ones up to reach on either side, and a share of the next.
type window struct {
	reach  int
	share  float32
	weight float32
}

// newWindow gives the window with a variance, in cells². The variance of reach whole neighbours is reach(reach+1)/3.
func newWindow(variance float64) window {
	reach := 0
	for float64((reach+1)*(reach+2))/3 <= variance {
		reach++
	}
	whole := float64(2*reach + 1)
	share := whole * (variance - float64(reach*(reach+1))/3) / (2 * (float64((reach+1)*(reach+1)) - variance))
	return window{reach, float32(share), float32(1 / (whole + 2*share))}
}

// along averages a row from one slice into another. Beyond the ends it is as at the ends.
func (w window) along(out, in []float32) {
	last := len(in) - 1
	at := func(i int) float32 { return in[min(max(i, 0), last)] }
	var sum float32
	for i := -w.reach; i <= w.reach; i++ {
		sum += at(i)
	}
	inner := min(max(last-w.reach, 0), len(in))
	i := 0
	for ; i < min(w.reach+1, len(in)); i++ {
		out[i] = w.weight * (sum + w.share*(at(i-w.reach-1)+at(i+w.reach+1)))
		sum += at(i+w.reach+1) - at(i-w.reach)
	}
	for ; i < inner; i++ {
		before, after := in[i-w.reach-1], in[i+w.reach+1]
		out[i] = w.weight * (sum + w.share*(before+after))
		sum += after - in[i-w.reach]
	}
	for ; i < len(in); i++ {
		out[i] = w.weight * (sum + w.share*(at(i-w.reach-1)+at(i+w.reach+1)))
		sum += at(i+w.reach+1) - at(i-w.reach)
	}
}

// across averages columns of one plane into another.
func (w window) across(out, in plane) {
	grid.Bands(in.rows, func(from, to int) {
		sum := make([]float32, in.cols)
		for r := from - w.reach; r <= from+w.reach; r++ {
			for c, v := range in.held(r) {
				sum[c] += v
			}
		}
		for r := from; r < to; r++ {
			before, first, after, line := in.held(r-w.reach-1), in.held(r-w.reach), in.held(r+w.reach+1), out.row(r)
			for c := range line {
				line[c] = w.weight * (sum[c] + w.share*(before[c]+after[c]))
				sum[c] += after[c] - first[c]
			}
		}
	})
}

// blurred gives the plane after two windows along each axis, near to a normal distribution of displacements.
func (w window) blurred(in plane) plane {
	grid.Bands(in.rows, func(from, to int) {
		between := make([]float32, in.cols)
		for r := from; r < to; r++ {
			w.along(between, in.row(r))
			w.along(in.row(r), between)
		}
	})
	between := newPlane(in.rows, in.cols)
	w.across(between, in)
	w.across(in, between)
	return in
}
