package probability

import (
	"math"
	"math/rand/v2"
	"testing"

	"bowecho/internal/grid"
)

// scattered is round storms of several sizes at random places; off moves each by a normal distribution of its own.
func scattered(side int, off float64) (still, moved *grid.Field) {
	places, errors := rand.New(rand.NewPCG(7, 8)), rand.New(rand.NewPCG(9, 10))
	still, moved = filled(side, side, func(int, int) float32 { return grid.NoEchoDBZ }), filled(side, side, func(int, int) float32 { return grid.NoEchoDBZ })
	for range side * side / 900 {
		r, c, radius := places.Float64()*float64(side), places.Float64()*float64(side), 3+5*places.Float64()
		storm(still, r, c, radius)
		storm(moved, r+off*errors.NormFloat64(), c+off*errors.NormFloat64(), radius)
	}
	return still, moved
}

func storm(f *grid.Field, row, col, radius float64) {
	for r := max(0, int(row-2*radius)); r < min(f.Rows, int(row+2*radius)); r++ {
		for c := max(0, int(col-2*radius)); c < min(f.Cols, int(col+2*radius)); c++ {
			d := math.Hypot(float64(r)-row, float64(c)-col) / radius
			f.Values[r*f.Cols+c] = max(f.At(r, c), float32(55-25*d*d))
		}
	}
}

// TestKnownErrorIsLearnt has storms that each went astray by a known distance in ten minutes.
func TestKnownErrorIsLearnt(t *testing.T) {
	for _, off := range []float64{0.7, 2, 6} {
		before, now := scattered(400, off)
		loss, err := Learn([]*grid.Field{before, before, now}, []float64{-20, -10, 0}, same, 1, DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		if ratio := loss.spreadKM(10) / off; ratio < 1/1.6 || ratio > 1.6 {
			t.Errorf("storms %g cells astray after 10 min: a spread of %.2f was learnt", off, loss.spreadKM(10))
		}
	}
}

func TestHindcastLeavesTimeForMotion(t *testing.T) {
	for name, c := range map[string]struct {
		minutes []float64
		start   int
	}{
		"each minute": {[]float64{-12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0}, 6},
		"each five":   {[]float64{-30, -25, -20, -15, -10, -5, 0}, 4},
		"uneven":      {[]float64{-20, -14.8, -10.2, -4.9, 0}, 2},
		"just enough": {[]float64{-2, -1, 0}, 1},
		"far apart":   {[]float64{-60, -40, -20, 0}, 2},
	} {
		if start := hindcast(c.minutes); start != c.start {
			t.Errorf("%s: from frame %d, want %d", name, start, c.start)
		}
	}
}

func TestTooFewFramesLeaveThePrior(t *testing.T) {
	f := noisy(9, 9, 0)
	loss, err := Learn([]*grid.Field{f, f}, []float64{0, 5}, same, 1, DefaultConfig())
	if err != nil || loss != Prior() {
		t.Errorf("%+v, %v; want the prior", loss, err)
	}
}
