package probability

import "bowecho/internal/grid"

// boxes are the fixed neighbourhoods, in cells across, that probabilities are compared with.
var boxes = []int{1, 3, 5, 7, 9, 11, 15, 21, 31, 45, 61, 81, 121}

// sums is how many cells from the first corner to each are known, and how many of them reach a threshold.
type sums struct {
	rows, cols     int
	reached, known []float64
}

func newSums(f *grid.Field, threshold float64) sums {
	across := f.Cols + 1
	s := sums{f.Rows, f.Cols, make([]float64, (f.Rows+1)*across), make([]float64, (f.Rows+1)*across)}
	for r := range f.Rows {
		for c := range f.Cols {
			i := (r+1)*across + c + 1
			s.reached[i] = s.reached[i-1] + s.reached[i-across] - s.reached[i-across-1]
			s.known[i] = s.known[i-1] + s.known[i-across] - s.known[i-across-1]
			if v := f.At(r, c); v == v {
				s.known[i]++
				if float64(v) >= threshold {
					s.reached[i]++
				}
			}
		}
	}
	return s
}

// fraction gives the share of the known cells in a box around a cell that reach the threshold.
func (s sums) fraction(i, box int) float64 {
	r, c := i/s.cols, i%s.cols
	top, bottom := max(r-box/2, 0)*(s.cols+1), min(r+box/2+1, s.rows)*(s.cols+1)
	left, right := max(c-box/2, 0), min(c+box/2+1, s.cols)
	in := func(of []float64) float64 {
		return of[bottom+right] - of[top+right] - of[bottom+left] + of[top+left]
	}
	return in(s.reached) / max(in(s.known), 1)
}
