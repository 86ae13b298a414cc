package nowcast

import (
	"math"
	"math/rand/v2"
	"testing"

	"bowecho/internal/grid"
	"bowecho/processors/motion"
)

var nan = float32(math.NaN())

func moving(rows, cols int, velocity func(row, col float64) (u, v float64)) *motion.Field {
	m := &motion.Field{Rows: rows, Cols: cols, U: make([]float32, rows*cols), V: make([]float32, rows*cols)}
	for i := range m.U {
		u, v := velocity(float64(i/cols), float64(i%cols))
		m.U[i], m.V[i] = float32(u), float32(v)
	}
	return m
}

func steady(u, v float64) func(row, col float64) (float64, float64) {
	return func(float64, float64) (float64, float64) { return u, v }
}

// gaussian is one storm in observed, empty surroundings.
func gaussian(rows, cols int, row, col, width, peak float64) *grid.Field {
	f := grid.NewField(rows, cols)
	for i := range f.Values {
		dr, dc := float64(i/cols)-row, float64(i%cols)-col
		f.Values[i] = grid.NoEchoDBZ
		if v := peak * math.Exp(-(dr*dr+dc*dc)/(2*width*width)); v > 0.01 {
			f.Values[i] = float32(v)
		}
	}
	return f
}

var floor = float32(DefaultConfig().FloorDBZ)

// moved is pure advection.
var moved = Config{FloorDBZ: 5}

// centre gives the mass above the floor and where its centre lies.
func centre(f *grid.Field) (mass, row, col float64) {
	for i, v := range f.Values {
		if excess := float64(v - floor); excess > 0 {
			mass += excess
			row += excess * float64(i/f.Cols)
			col += excess * float64(i%f.Cols)
		}
	}
	return mass, row / mass, col / mass
}

func extrapolated(t testing.TB, f *grid.Field, m *motion.Field, leads ...float64) []*grid.Field {
	t.Helper()
	out, err := Extrapolate([]*grid.Field{f}, []float64{0}, m, 1000, leads, moved)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) != len(leads) {
		t.Fatalf("%d fields for %d leads", len(out), len(leads))
	}
	return out
}

func same(a, b float32) bool { return a == b || a != a && b != b }

func TestStormLandsWhereItShould(t *testing.T) {
	leads := []float64{0, 1, 2.5, 5, 10, 17, 30}
	for _, wind := range [][2]float64{{0, 0}, {1, 0}, {0, 1.3}, {-2.25, 0.75}, {1.9, -2.1}} {
		f := gaussian(240, 260, 120, 130, 7, 50)
		mass, row, col := centre(f)
		for i, got := range extrapolated(t, f, moving(240, 260, steady(wind[0], wind[1])), leads...) {
			gotMass, gotRow, gotCol := centre(got)
			wantRow, wantCol := row+wind[1]*leads[i], col+wind[0]*leads[i]
			if math.Hypot(gotRow-wantRow, gotCol-wantCol) > 0.05 {
				t.Errorf("wind %v, lead %g: centre at %.2f, %.2f, want %.2f, %.2f", wind, leads[i], gotRow, gotCol, wantRow, wantCol)
			}
			if math.Abs(gotMass/mass-1) > 0.01 {
				t.Errorf("wind %v, lead %g: mass is %.3f of what it was", wind, leads[i], gotMass/mass)
			}
		}
	}
}

func TestRotationTurnsTheField(t *testing.T) {
	const side, middle, radPerMin = 241, 120.0, 0.05
	turning := func(row, col float64) (u, v float64) { return -(row - middle) * radPerMin, (col - middle) * radPerMin }
	f := gaussian(side, side, middle, middle+60, 6, 50)
	for _, lead := range []float64{5, 20, 31.4} {
		_, row, col := centre(extrapolated(t, f, moving(side, side, turning), lead)[0])
		wantRow, wantCol := middle+60*math.Sin(radPerMin*lead), middle+60*math.Cos(radPerMin*lead)
		if math.Hypot(row-wantRow, col-wantCol) > 0.3 {
			t.Errorf("after %g minutes the storm is at %.1f, %.1f, want %.1f, %.1f", lead, row, col, wantRow, wantCol)
		}
	}
}

// The same scheme in float64, from every cell by itself: what blocks and their short cuts must not change.
func reference(f *grid.Field, velocity func(row, col float64) (u, v float64), lead float64, row, col int) float32 {
	y, x := float64(row), float64(col)
	held := func(y, x float64) (u, v float64) {
		return velocity(min(max(y, 0), float64(f.Rows-1)), min(max(x, 0), float64(f.Cols-1)))
	}
	for range int(lead) {
		u, v := held(y, x)
		u, v = held(y-v/2, x-u/2)
		y, x = y-v, x-u
	}
	if y < -0.5 || x < -0.5 || y > float64(f.Rows)-0.5 || x > float64(f.Cols)-0.5 {
		return nan
	}
	y, x = min(max(y, 0), float64(f.Rows-1)), min(max(x, 0), float64(f.Cols-1))
	y0, x0 := min(int(y), f.Rows-2), min(int(x), f.Cols-2)
	fy, fx := y-float64(y0), x-float64(x0)
	at := func(r, c int) float64 { return float64(max(f.At(r, c), floor)) }
	return float32((1-fy)*((1-fx)*at(y0, x0)+fx*at(y0, x0+1)) + fy*((1-fx)*at(y0+1, x0)+fx*at(y0+1, x0+1)))
}

func TestAgreesWithTheSchemeInFloat64(t *testing.T) {
	const rows, cols = 203, 187
	f := grid.NewField(rows, cols)
	random := rand.New(rand.NewPCG(3, 4))
	for i := range f.Values {
		f.Values[i] = grid.NoEchoDBZ
		if (i/cols/20+i%cols/25)%3 == 0 {
			f.Values[i] = 60 * random.Float32()
		}
	}
	tests := []struct {
		velocity func(row, col float64) (u, v float64)
		margin   int // cells at the edge that do not count: beyond it the motion is held, which bends it within a block
	}{
		{steady(1.37, -0.71), 0},
		{steady(-40, 55), 0},
		{func(row, col float64) (u, v float64) { return 2 + 0.01*row, -1 + 0.005*col }, 70},
	}
	for i, test := range tests {
		leads := []float64{1, 4, 12}
		for k, got := range extrapolated(t, f, moving(rows, cols, test.velocity), leads...) {
			for r := test.margin; r < rows-test.margin; r++ {
				for c := test.margin; c < cols-test.margin; c++ {
					v, want := max(got.At(r, c), floor), reference(f, test.velocity, leads[k], r, c)
					if !same(v, want) && !(math.Abs(float64(v-want)) < 0.05) {
						t.Fatalf("motion %d, lead %g: %g in row %d, column %d, want %g", i, leads[k], v, r, c, want)
					}
				}
			}
		}
	}
}

func TestLeadZeroIsTheLatest(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	f := grid.NewField(37, 50)
	for i := range f.Values {
		switch random.IntN(4) {
		case 0:
			f.Values[i] = grid.NoEchoDBZ
		case 1:
			f.Values[i] = -10
		case 2:
			f.Values[i] = 50 * random.Float32()
		}
	}
	for _, m := range []*motion.Field{moving(37, 50, steady(3, 2)), moving(37, 50, steady(0, 0))} {
		for i, v := range extrapolated(t, f, m, 0)[0].Values {
			if !same(v, f.Values[i]) {
				t.Fatalf("cell %d is %g at lead 0, %g in the latest", i, v, f.Values[i])
			}
		}
	}
}

func TestWholeCellShiftsAreExact(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 20 {
		rows, cols := 10+random.IntN(60), 10+random.IntN(60)
		u, v := random.IntN(7)-3, random.IntN(7)-3
		f := grid.NewField(rows, cols)
		for i := range f.Values {
			if random.IntN(10) > 0 {
				f.Values[i] = 80*random.Float32() - 32
			}
		}
		for i, got := range extrapolated(t, f, moving(rows, cols, steady(float64(u), float64(v))), 2)[0].Values {
			r, c := i/cols-2*v, i%cols-2*u
			want := nan
			if r >= 0 && r < rows && c >= 0 && c < cols {
				want = f.At(r, c)
			}
			if !same(got, want) {
				t.Fatalf("%d × %d cells, motion %d, %d: cell %d is %g, want %g", rows, cols, u, v, i, got, want)
			}
		}
	}
}

func TestNoDataIsNeverClear(t *testing.T) {
	f := gaussian(64, 64, 32, 32, 5, 40)
	for r := range 64 {
		for c := 40; c < 64; c++ {
			f.Row(r)[c] = nan
		}
	}
	got := extrapolated(t, f, moving(64, 64, steady(1.5, 0)), 4)[0]
	for i, v := range got.Values {
		c := i % 64
		unknown := c < 6 || c > 46 // six cells came in from the west, and the unseen part moved on by six
		if c != 46 && (v != v) != unknown {
			t.Fatalf("column %d is %g; unknown there: %t", c, v, unknown)
		}
	}
	if peak := got.At(32, 38); math.Abs(float64(peak)-40) > 0.01 {
		t.Errorf("peak of %g dBZ beside the unseen part, want 40", peak)
	}
}

func TestEdgeOfEchoDoesNotDependOnTheNumberForNoEcho(t *testing.T) {
	a := gaussian(64, 64, 32, 32, 5, 40)
	b := gaussian(64, 64, 32, 32, 5, 40)
	for i, v := range b.Values {
		b.Values[i] = max(v, 0)
	}
	m := moving(64, 64, steady(0.37, 0.61))
	left, right := extrapolated(t, a, m, 7)[0], extrapolated(t, b, m, 7)[0]
	for i, v := range left.Values {
		if want := right.Values[i]; !same(max(v, 0), want) {
			t.Fatalf("cell %d is %g with no echo at -32 dBZ, %g with no echo at 0", i, v, want)
		}
	}
}

func TestDegenerateFields(t *testing.T) {
	one := &grid.Field{Rows: 1, Cols: 1, Values: []float32{20}}
	if got := extrapolated(t, one, moving(1, 1, steady(0, 0)), 5)[0].Values[0]; got != 20 {
		t.Errorf("a lone cell without motion is %g, want 20", got)
	}
	if got := extrapolated(t, one, moving(1, 1, steady(1, 0)), 5)[0].Values[0]; got == got {
		t.Errorf("a lone cell that has moved away leaves %g, want NaN", got)
	}
	infinite := &grid.Field{Rows: 1, Cols: 3, Values: []float32{10, float32(math.Inf(1)), float32(math.Inf(-1))}}
	if got := extrapolated(t, infinite, moving(1, 3, steady(0, 0)), 5)[0].Values; got[0] != 10 || got[1] == got[1] || got[2] == got[2] {
		t.Errorf("infinite values become %v, want 10 and twice NaN", got)
	}
	for i, v := range extrapolated(t, grid.NewField(9, 9), moving(9, 9, steady(1, 1)), 0, 5)[1].Values {
		if v == v {
			t.Fatalf("cell %d of an unseen field is %g, want NaN", i, v)
		}
	}
	if got := extrapolated(t, one, moving(1, 1, steady(0, 0))); len(got) != 0 {
		t.Errorf("%d fields without leads", len(got))
	}
}

func TestBadInputIsNamed(t *testing.T) {
	f, m := gaussian(8, 8, 4, 4, 2, 40), moving(8, 8, steady(0, 0))
	torn := moving(8, 8, func(row, col float64) (u, v float64) { return math.NaN(), 0 })
	tests := map[string]struct {
		latest    *grid.Field
		motion    *motion.Field
		cellSizeM float64
		lead      []float64
		cfg       Config
	}{
		"no cells":            {&grid.Field{}, &motion.Field{}, 1000, []float64{1}, DefaultConfig()},
		"values are missing":  {&grid.Field{Rows: 8, Cols: 8}, m, 1000, []float64{1}, DefaultConfig()},
		"sizes differ":        {f, moving(8, 9, steady(0, 0)), 1000, []float64{1}, DefaultConfig()},
		"motion is NaN":       {f, torn, 1000, []float64{1}, DefaultConfig()},
		"a lead before now":   {f, m, 1000, []float64{-1}, DefaultConfig()},
		"a lead is NaN":       {f, m, 1000, []float64{math.NaN()}, DefaultConfig()},
		"leads go back":       {f, m, 1000, []float64{2, 1}, DefaultConfig()},
		"a lead of days":      {f, m, 1000, []float64{1e9}, DefaultConfig()},
		"the floor is NaN":    {f, m, 1000, []float64{1}, Config{FloorDBZ: math.NaN()}},
		"cells of no size":    {f, m, 0, []float64{1}, DefaultConfig()},
		"cells without end":   {f, m, math.Inf(1), []float64{1}, DefaultConfig()},
		"the spread is NaN":   {f, m, 1000, []float64{1}, Config{SpreadM2PerS: math.NaN()}},
		"rain draws together": {f, m, 1000, []float64{1}, Config{SpreadM2PerS: -1}},
	}
	for name, test := range tests {
		if out, err := Extrapolate([]*grid.Field{test.latest}, []float64{0}, test.motion, test.cellSizeM, test.lead, test.cfg); err == nil || out != nil {
			t.Errorf("%s: gives %d fields and error %v, want only an error", name, len(out), err)
		}
	}
}
