package processors

import (
	"math"
	"testing"

	"bowecho/internal/grid"
)

// TestSummaryOfAField lays two cells of 9 km² and a speck of 1 km² on rain, beside what no radar saw.
func TestSummaryOfAField(t *testing.T) {
	d := grid.Centred("test", 0, 0, 20, 20, 1000)
	f := grid.NewField(20, 20)
	for i := range f.Values {
		f.Values[i] = 25
	}
	set := func(row, col, size int, v float32) {
		for r := row; r < row+size; r++ {
			for c := col; c < col+size; c++ {
				f.Values[r*20+c] = v
			}
		}
	}
	set(2, 2, 3, 50)
	set(10, 17, 3, 41) // at the edge
	set(15, 5, 1, 60)
	set(18, 0, 2, float32(math.NaN()))
	set(18, 18, 2, grid.NoEchoDBZ)
	s := summarize(f, d)
	if s.Cells != 2 || s.Gates != 396 || s.MaxDBZ != 60 || math.Abs(s.KM2Above(40)-19) > 0.1 || math.Abs(s.EchoFraction-392.0/396) > 1e-9 {
		t.Errorf("got %+v, want 2 cells and 19 km² at or above 40 dBZ in 396 cells seen", s)
	}
	if empty := summarize(grid.NewField(20, 20), d); empty.Cells != 0 || empty.Gates != 0 || empty.MaxDBZ != grid.NoEchoDBZ {
		t.Errorf("nothing seen gives %+v", empty)
	}
}
