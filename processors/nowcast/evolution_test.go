package nowcast

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"bowecho/internal/grid"
)

// squall is echo of many sizes in surroundings without any, on a field of which one corner was never observed.
func squall(rows, cols int) *grid.Field {
	f := grid.NewField(rows, cols)
	random := rand.New(rand.NewPCG(9, 10))
	phases := [4]float64{}
	for i := range phases {
		phases[i] = 6 * random.Float64()
	}
	for i := range f.Values {
		x, y := float64(i%cols), float64(i/cols)
		v := 25 + 15*math.Sin(x/17+phases[0])*math.Cos(y/23+phases[1]) + 10*math.Sin(x/4+phases[2])*math.Sin(y/5+phases[3])
		switch {
		case x > 0.9*float64(cols) && y > 0.9*float64(rows):
		case v < 15:
			f.Values[i] = grid.NoEchoDBZ
		default:
			f.Values[i] = float32(v + 2*random.Float64())
		}
	}
	return f
}

func spread(t testing.TB, f *grid.Field, cellSizeM float64, leads ...float64) []*grid.Field {
	t.Helper()
	out, err := Extrapolate([]*grid.Field{f}, []float64{0}, moving(f.Rows, f.Cols, steady(0, 0)), cellSizeM, leads, DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func area(f *grid.Field, dBZ float32) (n int) {
	for _, v := range f.Values {
		if v >= dBZ {
			n++
		}
	}
	return n
}

// As much of every strength remains, up to what interpolation takes: on coarse cells, and on fine ones, whose rain is soon
// spread on wider pixels.
func TestSpreadingKeepsAreas(t *testing.T) {
	f := squall(300, 280)
	for _, cellSizeM := range []float64{250, 1000, 2000} {
		for i, got := range spread(t, f, cellSizeM, 1, 5, 30) {
			for _, dBZ := range []float32{20, 30, 35, 40} {
				was, is := area(f, dBZ), area(got, dBZ)
				if math.Abs(float64(is)/float64(was)-1) > 0.08 {
					t.Errorf("cells of %g m, lead %d: %d cells of %g dBZ, want the %d of before", cellSizeM, i, is, dBZ, was)
				}
			}
		}
	}
}

// What is spread and given its distribution again in float64, by sorting.
func TestSpreadingAgreesWithTheSchemeInFloat64(t *testing.T) {
	const lead, cellSizeM = 20.0, 800.0 // two steps of diffusion
	f := squall(97, 90)
	got := spread(t, f, cellSizeM, lead)[0]
	rate := make([]float64, len(f.Values))
	for i, v := range f.Values {
		rate[i] = math.Expm1(float64(max(v, floor)-floor) / dBPerFactorE)
	}
	variance := 2 * 60 * spreadFloat64(lead) * DefaultConfig().SpreadM2PerS / (cellSizeM * cellSizeM)
	for range 2 {
		rate = diffusedFloat64(f, rate, variance/2)
	}
	var ranks []int
	var values []float32
	for i, v := range f.Values {
		if v == v {
			ranks, values = append(ranks, i), append(values, v)
		}
	}
	slices.SortStableFunc(ranks, func(a, b int) int { return int(math.Copysign(1, rate[a]-rate[b])) })
	slices.Sort(values)
	var off int
	for k, i := range ranks {
		if want := values[k]; math.Abs(float64(max(got.Values[i], floor)-max(want, floor))) > 0.05 {
			off++
		}
	}
	if off > len(ranks)/200 { // where few cells share a bin, a rank may differ
		t.Errorf("%d of %d cells differ by more than 0.05 dBZ", off, len(ranks))
	}
}

func diffusedFloat64(f *grid.Field, v []float64, variance float64) []float64 {
	out := slices.Clone(v)
	for i := range v {
		for _, step := range [][2]int{{0, 1}, {0, -1}, {1, 0}, {-1, 0}} {
			r, c := i/f.Cols+step[0], i%f.Cols+step[1]
			if r < 0 || c < 0 || r >= f.Rows || c >= f.Cols || f.At(r, c) != f.At(r, c) {
				continue
			}
			out[i] += variance / 2 * (v[r*f.Cols+c] - v[i])
		}
	}
	return out
}

func TestSpreadingIsAsWideOnAnyCells(t *testing.T) {
	for _, cellSizeM := range []float64{250, 500, 1000} {
		side := int(100e3/cellSizeM) | 1
		f := gaussian(side, side, float64(side/2), float64(side/2), 6e3/cellSizeM, 60)
		p := blurred{plane: rainRate(f, floor)}
		before := variance(p.plane) * cellSizeM * cellSizeM
		const want = 3000.0 * 3000
		for range 30 {
			p.by(want / 30 / (cellSizeM * cellSizeM))
		}
		width := cellSizeM * float64(int(1)<<p.level)
		grown := variance(p.plane)*width*width - before
		if math.Abs(grown/want-1) > 0.05 {
			t.Errorf("cells of %g m: the variance grew by %g m², want %g", cellSizeM, grown, want)
		}
	}
}

// variance gives that of rain about its centre along a column, in pixels².
func variance(p plane) float64 {
	var sum, first, second float64
	for i, v := range p.v {
		row := float64(i / p.cols)
		sum += float64(v)
		first += float64(v) * row
		second += float64(v) * row * row
	}
	return second/sum - first/sum*first/sum
}

func TestSpreadingOfFieldsWithoutShape(t *testing.T) {
	filled := func(v float32) *grid.Field {
		f := grid.NewField(40, 33)
		for i := range f.Values {
			f.Values[i] = v
		}
		return f
	}
	one := filled(grid.NoEchoDBZ)
	one.Values[500] = 50
	lone := filled(nan)
	lone.Values[500] = 50
	tests := map[string]*grid.Field{
		"no echo": filled(grid.NoEchoDBZ), "constant": filled(30), "never observed": filled(nan), "one pixel": one,
		"one observed": lone, "beyond any echo": filled(1e30), "one cell": {Rows: 1, Cols: 1, Values: []float32{20}},
		"one row": {Rows: 1, Cols: 5, Values: []float32{20, nan, 30, 40, -32}},
	}
	for name, f := range tests {
		for lead, got := range spread(t, f, 100, 0, 1, 30, 180) {
			for i, v := range got.Values {
				if was := f.Values[i]; (v != v) != (was != was) {
					t.Errorf("%s, lead %d: cell %d is %g, and was %g", name, lead, i, v, was)
					break
				}
				if name == "no echo" && v != grid.NoEchoDBZ || name == "constant" && math.Abs(float64(v)-30) > 0.1 {
					t.Errorf("%s, lead %d: cell %d is %g", name, lead, i, v)
					break
				}
			}
		}
	}
}

func TestSpreadingLeavesTheUnseenUnseen(t *testing.T) {
	f := squall(120, 130)
	for lead, got := range spread(t, f, 250, 1, 10, 30) {
		for i, v := range got.Values {
			if was := f.Values[i]; (v != v) != (was != was) {
				t.Fatalf("lead %d: cell %d is %g, and was %g", lead, i, v, was)
			}
		}
	}
}
