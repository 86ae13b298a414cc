package nowcast

import (
	"math"
	"testing"

	"bowecho/internal/grid"
)

// Under pure advection the cores neither fade nor grow: motion that neither diverges nor converges keeps their area.
func TestCoresAreConserved(t *testing.T) {
	const side, middle = 400, 200.0
	motions := map[string]func(row, col float64) (u, v float64){
		"uniform":     steady(1.37, -0.83),
		"rotation":    func(row, col float64) (u, v float64) { return -(row - middle) * 0.02, (col - middle) * 0.02 },
		"deformation": func(row, col float64) (u, v float64) { return (col - middle) * 0.015, -(row - middle) * 0.015 },
	}
	f := grid.NewField(side, side)
	for i := range f.Values {
		f.Values[i] = grid.NoEchoDBZ
	}
	for k, width := range []float64{4, 5, 7, 9} {
		angle := float64(k) * math.Pi / 2
		core := gaussian(side, side, middle+50*math.Sin(angle), middle+50*math.Cos(angle), width, 58)
		for i, v := range core.Values {
			f.Values[i] = max(f.Values[i], v)
		}
	}
	was := area(f, 45)
	for name, velocity := range motions {
		m := moving(side, side, velocity)
		for lead, got := range extrapolated(t, f, m, 5, 10, 15, 20, 25, 30) {
			if is := area(got, 45); math.Abs(float64(is)/float64(was)-1) > 0.05 {
				t.Errorf("%s, after %d minutes: %d cells of 45 dBZ, want the %d of before", name, 5*lead+5, is, was)
			}
		}
	}
}
