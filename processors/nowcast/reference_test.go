package nowcast

import (
	"math"
	"slices"
	"testing"

	"bowecho/internal/grid"
)

// The whole scheme in float64, cell by cell and without blocks, bins or planes of other pixels: carry an earlier frame to the latest's
// time, smooth what has changed, add it to the spread rain and give it the latest's distribution by sorting.

// smoothedFloat64 spreads by so many cells², in the steps that blurred takes on pixels of one cell.
func smoothedFloat64(f *grid.Field, v []float64, cells2 float64) []float64 {
	steps := math.Ceil(cells2 / mostStep)
	for range int(steps) {
		v = diffusedFloat64(f, v, cells2/steps)
	}
	return v
}

func rateFloat64(f *grid.Field) []float64 {
	rate := make([]float64, len(f.Values))
	for i, v := range f.Values {
		rate[i] = math.Expm1(float64(max(v, floor)-floor) / dBPerFactorE)
	}
	return rate
}

// spreadFloat64 gives for how many minutes rain would spread at its first pace to be as wide as after lead minutes.
func spreadFloat64(lead float64) float64 { return 5 * (1 - math.Exp(-lead/5)) }

// evolvedFloat64 gives the latest of two frames after lead minutes, which must be one step of the evolution, where nothing moves.
func evolvedFloat64(was, is *grid.Field, apartMin, lead, cellSizeM float64, cfg Config) *grid.Field {
	rate, before := rateFloat64(is), rateFloat64(was)
	change := make([]float64, len(rate))
	for i := range change {
		change[i] = (rate[i] - before[i]) / apartMin
	}
	change = smoothedFloat64(is, change, growthSpreadM*growthSpreadM/(cellSizeM*cellSizeM))
	rate = smoothedFloat64(is, rate, 2*60*spreadFloat64(lead)*cfg.SpreadM2PerS/(cellSizeM*cellSizeM))
	lasting := trueShare * cfg.GrowthMin * (1 - math.Exp(-lead/cfg.GrowthMin))
	ranks := make([]int, len(rate))
	for i := range rate {
		rate[i] = max(rate[i]+lasting*change[i], 0)
		ranks[i] = i
	}
	slices.SortStableFunc(ranks, func(a, b int) int { return int(math.Copysign(1, rate[a]-rate[b])) })
	values := slices.Sorted(slices.Values(is.Values))
	out := grid.NewField(is.Rows, is.Cols)
	for k, i := range ranks {
		out.Values[i] = max(values[k], floor)
		if rate[i] == 0 {
			out.Values[i] = floor
		}
	}
	return out
}

// Cells of 4 km keep their own pixels while growth is smoothed, so that the reference needs no others.
func TestGrowthAgreesWithTheSchemeInFloat64(t *testing.T) {
	const rows, cols, apartMin, cellSizeM = 397, 390, 5.0, 4000.0
	was, is := grid.NewField(rows, cols), grid.NewField(rows, cols)
	for i := range is.Values {
		x, y := float64(i%cols), float64(i/cols)
		v := 25 + 15*math.Sin(x/17)*math.Cos(y/23) + 10*math.Sin(x/4)*math.Sin(y/5) + 0.01*math.Sin(float64(i))
		is.Values[i], was.Values[i] = float32(v), float32(v-4*math.Sin(x/31)*math.Sin(y/19))
	}
	for _, lead := range []float64{3, 10, 30} {
		want := evolvedFloat64(was, is, apartMin, lead, cellSizeM, DefaultConfig())
		out, err := Extrapolate([]*grid.Field{was, is}, []float64{0, apartMin}, moving(rows, cols, steady(0, 0)), cellSizeM, []float64{lead}, DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		off, changed, worst := 0, 0, 0.0
		for i, v := range out[0].Values {
			difference := math.Abs(float64(max(v, floor) - want.Values[i]))
			worst = max(worst, difference)
			if difference > 0.05 {
				off++
			}
			if math.Abs(float64(want.Values[i]-is.Values[i])) > 1 {
				changed++
			}
		}
		t.Logf("lead %g: %d cells differ by more than 0.05 dBZ, at worst by %.3f", lead, off, worst)
		if changed < rows*cols/20 {
			t.Errorf("lead %g: growth changes %d of %d cells, too few to tell", lead, changed, rows*cols)
		}
		if off > rows*cols/1000 { // where few cells share a bin, a rank may differ
			t.Errorf("lead %g: %d of %d cells differ by more than 0.05 dBZ from the scheme in float64", lead, off, rows*cols)
		}
	}
}
