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
	edge := func(from, to int) {
		for i := from; i < to; i++ {
			out[i] = w.weight * (sum + w.share*(at(i-w.reach-1)+at(i+w.reach+1)))
			sum += at(i+w.reach+1) - at(i-w.reach)
		}
	}
	width := 2*w.reach + 3 // of the window with its shares
	if len(in) < width {
		edge(0, len(in))
		return
	}
	edge(0, w.reach+1)
	n := len(in) - width + 1
	before, first, after, middle := in[:n], in[1:][:n], in[width-1:][:n], out[w.reach+1:][:n]
	for i, b := range before {
		a := after[i]
		middle[i] = w.weight * (sum + w.share*(b+a))
		sum += a - first[i]
	}
	edge(w.reach+1+n, len(in))
}

// across averages columns and hands on the rows. A row's memory is used again.
func (w window) across(in plane, each func(r int, line []float32)) {
	grid.Bands(in.rows, func(from, to int) {
		sum, line := make([]float32, in.cols), make([]float32, in.cols)
		for r := from - w.reach; r <= from+w.reach; r++ {
			for c, v := range in.held(r) {
				sum[c] += v
			}
		}
		for r := from; r < to; r++ {
			before, first, after := in.held(r - w.reach - 1)[:len(line)], in.held(r - w.reach)[:len(line)], in.held(r + w.reach + 1)[:len(line)]
			for c, s := range sum {
				a := after[c]
				line[c] = w.weight * (s + w.share*(before[c]+a))
				sum[c] = s + a - first[c]
			}
			each(r, line)
		}
	})
}
