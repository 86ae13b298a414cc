package motion

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/internal/realdata"
)

// storm is a Gaussian of echo on a field where all else is observed and empty.
type storm struct{ row, col, width, peakDBZ float64 }

func paint(rows, cols int, storms ...storm) *grid.Field {
	f := grid.NewField(rows, cols)
	for r := range rows {
		for c := range cols {
			v := float64(grid.NoEchoDBZ)
			for _, s := range storms {
				dr, dc := float64(r)-s.row, float64(c)-s.col
				v = max(v, s.peakDBZ-5*(dr*dr+dc*dc)/(s.width*s.width))
			}
			if v > 0 {
				f.Values[r*cols+c] = float32(v)
			} else {
				f.Values[r*cols+c] = grid.NoEchoDBZ
			}
		}
	}
	return f
}

// filmed moves storms by steps a minute and paints them at the given minutes, the last one as they are.
func filmed(rows, cols int, minutes []float64, storms []storm, velocity func(storm) (u, v float64)) []*grid.Field {
	last := minutes[len(minutes)-1]
	frames := make([]*grid.Field, len(minutes))
	for i, m := range minutes {
		moved := make([]storm, len(storms))
		for k, s := range storms {
			u, v := velocity(s)
			s.col -= u * (last - m)
			s.row -= v * (last - m)
			moved[k] = s
		}
		frames[i] = paint(rows, cols, moved...)
	}
	return frames
}

func steady(u, v float64) func(storm) (float64, float64) {
	return func(storm) (float64, float64) { return u, v }
}

func estimated(t testing.TB, frames []*grid.Field, minutes []float64) *Field {
	t.Helper()
	m, err := Estimate(frames, minutes, 1000, DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.U {
		if u, v := m.U[i], m.V[i]; u-u != 0 || v-v != 0 {
			t.Fatalf("motion in cell %d is %g, %g, want finite", i, u, v)
		}
	}
	return m
}

func (f *Field) at(s storm) (u, v float64) {
	i := int(s.row)*f.Cols + int(s.col)
	return float64(f.U[i]), float64(f.V[i])
}

var eachMinute = []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}

func TestMovingStormIsFollowed(t *testing.T) {
	times := map[string][]float64{
		"each minute":     eachMinute,
		"irregular":       {3.1, 4.9, 5.5, 8, 8.7, 11.2, 12},
		"two frames":      {100, 102},
		"every 5 minutes": {0, 5, 10},
	}
	for name, minutes := range times {
		for _, speed := range []float64{0, 0.5, 2, 5} {
			if name == "every 5 minutes" && speed > 2 {
				continue // 25 cells a frame: more than a storm's width
			}
			for direction := 0.0; direction < 360; direction += 120 {
				u, v := speed*math.Cos(direction*math.Pi/180), speed*math.Sin(direction*math.Pi/180)
				at := storm{row: 128, col: 120, width: 9, peakDBZ: 45}
				m := estimated(t, filmed(256, 240, minutes, []storm{at}, steady(u, v)), minutes)
				gotU, gotV := m.at(at)
				if math.Hypot(gotU-u, gotV-v) > 0.25 {
					t.Errorf("%s: motion %.2f, %.2f cells a minute, want %.2f, %.2f", name, gotU, gotV, u, v)
				}
			}
		}
	}
}

// many scatters storms over a field, away from its edges.
func many(rows, cols, n int) []storm {
	random := rand.New(rand.NewPCG(1, 2))
	storms := make([]storm, n)
	for i := range storms {
		storms[i] = storm{
			row: (0.15 + 0.7*random.Float64()) * float64(rows), col: (0.15 + 0.7*random.Float64()) * float64(cols),
			width: 4 + 5*random.Float64(), peakDBZ: 30 + 20*random.Float64(),
		}
	}
	return storms
}

func TestRotationAndShearAreSeen(t *testing.T) {
	const side = 320
	fields := map[string]func(storm) (u, v float64){
		"rotation": func(s storm) (u, v float64) { return -(s.row - side/2) * 0.012, (s.col - side/2) * 0.012 },
		"shear":    func(s storm) (u, v float64) { return 1 + (s.row-side/2)*0.01, 0.5 },
	}
	for name, velocity := range fields {
		storms := many(side, side, 60)
		minutes := []float64{0, 1, 2, 3, 4, 5}
		m := estimated(t, filmed(side, side, minutes, storms, velocity), minutes)
		var square, signal float64
		for _, s := range storms {
			u, v := velocity(s)
			gotU, gotV := m.at(s)
			square += (gotU-u)*(gotU-u) + (gotV-v)*(gotV-v)
			signal += u*u + v*v
		}
		if wrong := math.Sqrt(square / signal); wrong > 0.25 {
			t.Errorf("%s: motion is wrong by %.0f %%, want at most 25 %%", name, 100*wrong)
		}
	}
}

func TestTranslatedInputGivesTranslatedMotion(t *testing.T) {
	const side, shift = 384, 32 // a multiple of the coarsest pixel, so that both are sampled alike
	velocity := func(s storm) (u, v float64) { return 2 + s.width/10, -1 }
	storms := many(side/2, side/2, 12)
	moved := make([]storm, len(storms))
	for i := range storms {
		storms[i].row += 64
		storms[i].col += 64
		moved[i] = storms[i]
		moved[i].row += shift
		moved[i].col += 2 * shift
	}
	minutes := []float64{0, 2, 4}
	a := estimated(t, filmed(side, side, minutes, storms, velocity), minutes)
	b := estimated(t, filmed(side, side, minutes, moved, velocity), minutes)
	for i := range storms {
		au, av := a.at(storms[i])
		bu, bv := b.at(moved[i])
		if math.Hypot(au-bu, av-bv) > 0.05 {
			t.Errorf("storm %d moves by %.3f, %.3f, but %.3f, %.3f after a shift", i, au, av, bu, bv)
		}
	}
}

func TestNoEchoConventionDoesNotMatter(t *testing.T) {
	frames := filmed(128, 128, eachMinute, many(128, 128, 6), steady(1, 1))
	want := estimated(t, frames, eachMinute)
	for _, f := range frames {
		for i, v := range f.Values {
			if v == grid.NoEchoDBZ {
				f.Values[i] = 0
			}
		}
	}
	got := estimated(t, frames, eachMinute)
	for i := range want.U {
		if got.U[i] != want.U[i] || got.V[i] != want.V[i] {
			t.Fatalf("cell %d moves by %g, %g with no echo at 0 dBZ, by %g, %g at -32", i, got.U[i], got.V[i], want.U[i], want.V[i])
		}
	}
}

// A radar's edge stands still while echo moves beneath it; it must not hold the echo back.
func TestNeverObservedCellsDoNotHoldEchoBack(t *testing.T) {
	at := storm{row: 100, col: 96, width: 10, peakDBZ: 45}
	frames := filmed(192, 192, eachMinute, []storm{at}, steady(2, 0))
	for _, f := range frames {
		for r := range f.Rows {
			for c := range f.Cols {
				if c > 104 || c < 60 {
					f.Row(r)[c] = float32(math.NaN())
				}
			}
		}
	}
	m := estimated(t, frames, eachMinute)
	if u, v := m.at(at); math.Hypot(u-2, v) > 0.3 {
		t.Errorf("motion %.2f, %.2f cells a minute beside the edge of coverage, want 2, 0", u, v)
	}
}

func TestFieldsWithoutMotion(t *testing.T) {
	filled := func(v float64) *grid.Field {
		f := grid.NewField(60, 50)
		for i := range f.Values {
			f.Values[i] = float32(v)
		}
		return f
	}
	still := paint(60, 50, storm{30, 25, 5, 40})
	tests := map[string][]*grid.Field{
		"no rain":        {filled(grid.NoEchoDBZ), filled(grid.NoEchoDBZ), filled(grid.NoEchoDBZ)},
		"never observed": {filled(math.NaN()), filled(math.NaN())},
		"infinite":       {filled(math.Inf(1)), filled(math.Inf(-1))},
		"constant":       {filled(30), filled(30)},
		"standing still": {still, still, still},
		"one pixel":      {{Rows: 1, Cols: 1, Values: []float32{20}}, {Rows: 1, Cols: 1, Values: []float32{30}}},
		"latest unseen":  {still, still, filled(math.NaN())},
		"old one unseen": {filled(math.NaN()), still},
	}
	for name, frames := range tests {
		m := estimated(t, frames, []float64{0, 1, 2}[:len(frames)])
		if m.Rows != frames[0].Rows || m.Cols != frames[0].Cols || len(m.U) != len(frames[0].Values) {
			t.Errorf("%s: motion has %d × %d cells, want those of the frames", name, m.Rows, m.Cols)
		}
		if tracked := name == "standing still" || name == "latest unseen"; m.Tracked() != tracked {
			t.Errorf("%s: tracked %t, want %t", name, m.Tracked(), tracked)
		}
		for i := range m.U {
			if q := m.Quality[i]; !(q >= 0 && q <= 1) {
				t.Fatalf("%s: quality of cell %d is %g, want 0 to 1", name, i, q)
			}
			if math.Hypot(float64(m.U[i]), float64(m.V[i])) > 1e-3 {
				t.Errorf("%s: cell %d moves by %g, %g, want no motion", name, i, m.U[i], m.V[i])
				break
			}
		}
	}
}

// At first there are no more than two frames, a minute apart.
func TestStormsAreTrackedFromTwoFrames(t *testing.T) {
	file, err := ncfile.Read(realdata.Path(t, "data", "sequences", "casa_addison20170329.nc"), -1)
	if err != nil {
		t.Fatal(err)
	}
	all := file.Grid.Leads
	for i := 1; i < len(all); i += 5 {
		pair := []*grid.Field{all[i-1].Field, all[i].Field}
		if m := estimated(t, pair, []float64{0, file.StepMinutes}); !m.Tracked() {
			t.Errorf("frames %d and %d: not tracked", i-1, i)
		}
	}
}

func TestNoiseIsNotTracked(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, share := range []float64{0.001, 0.01, 0.1, 0.5} {
		var pair [2]*grid.Field
		for i := range pair {
			pair[i] = paint(200, 200)
			for k := range pair[i].Values {
				if random.Float64() < share {
					pair[i].Values[k] = float32(10 + 20*random.Float64())
				}
			}
		}
		if estimated(t, pair[:], []float64{0, 1}).Tracked() {
			t.Errorf("noise in %g of all cells is tracked", share)
		}
	}
}

func TestSuddenEchoMovesLittle(t *testing.T) {
	empty, full := paint(200, 200), paint(200, 200, many(200, 200, 8)...)
	for name, frames := range map[string][]*grid.Field{"appearing": {empty, full}, "vanishing": {full, empty}} {
		m := estimated(t, frames, []float64{0, 1})
		for i := range m.U {
			if math.Hypot(float64(m.U[i]), float64(m.V[i])) > 3 {
				t.Errorf("%s echo moves by %g, %g cells a minute, want at most 3", name, m.U[i], m.V[i])
				break
			}
		}
	}
}

// Far from a storm its motion is a guess, and where frames do not show the same echo, too.
func TestQualityIsWhereEchoIsSeenToMove(t *testing.T) {
	at := storm{row: 80, col: 80, width: 10, peakDBZ: 45}
	m := estimated(t, filmed(320, 320, eachMinute, []storm{at}, steady(1, 1)), eachMinute)
	if here, far := m.Quality[80*320+80], m.Quality[300*320+300]; here < 0.8 || far > 0.01 {
		t.Errorf("quality of %g in a storm and %g far away, want almost 1 and 0", here, far)
	}
	sudden := estimated(t, []*grid.Field{paint(320, 320), paint(320, 320, at)}, []float64{0, 1})
	if q := sudden.Quality[80*320+80]; q > 0.5 {
		t.Errorf("quality of %g in a storm that was not there a minute ago, want at most 0.5", q)
	}
}

func TestOneEchoCell(t *testing.T) {
	var frames []*grid.Field
	for i := range 4 {
		f := paint(96, 96)
		f.Values[48*96+40+i] = 50
		frames = append(frames, f)
	}
	m := estimated(t, frames, []float64{0, 1, 2, 3})
	if u, v := m.at(storm{row: 48, col: 43}); math.Abs(v) > 0.2 || u < 0 || u > 1.5 {
		t.Errorf("a lone cell that goes east by 1 a minute moves by %.2f, %.2f", u, v)
	}
}

func TestThinGrids(t *testing.T) {
	for _, size := range [][2]int{{1, 100}, {100, 1}, {2, 3}, {1, 2}} {
		rows, cols := size[0], size[1]
		at := storm{float64(rows / 2), float64(cols / 2), 3, 40}
		estimated(t, filmed(rows, cols, eachMinute, []storm{at}, steady(0.2, 0.2)), eachMinute)
	}
}

func TestBadInputIsNamed(t *testing.T) {
	f := paint(8, 8)
	good := []float64{0, 1}
	tests := map[string]struct {
		frames  []*grid.Field
		minutes []float64
		cfg     Config
	}{
		"no frame":           {nil, nil, DefaultConfig()},
		"one frame":          {[]*grid.Field{f}, []float64{0}, DefaultConfig()},
		"a time is missing":  {[]*grid.Field{f, f}, []float64{0}, DefaultConfig()},
		"times stand still":  {[]*grid.Field{f, f}, []float64{1, 1}, DefaultConfig()},
		"a time is NaN":      {[]*grid.Field{f, f}, []float64{math.NaN(), 1}, DefaultConfig()},
		"sizes differ":       {[]*grid.Field{f, paint(8, 9)}, good, DefaultConfig()},
		"values are missing": {[]*grid.Field{f, {Rows: 8, Cols: 8}}, good, DefaultConfig()},
		"no cells":           {[]*grid.Field{{}, {}}, good, DefaultConfig()},
		"no look-back":       {[]*grid.Field{f, f}, good, Config{FloorDBZ: 5, CeilingDBZ: 50}},
		"floor over ceiling": {[]*grid.Field{f, f}, good, Config{LookBackMinPerKM: 10, FloorDBZ: 50, CeilingDBZ: 5}},
	}
	if m, err := Estimate([]*grid.Field{f, f}, good, 0, DefaultConfig()); err == nil || m != nil {
		t.Errorf("cells of 0 m: gives %v and error %v, want only an error", m, err)
	}
	for name, test := range tests {
		if m, err := Estimate(test.frames, test.minutes, 1000, test.cfg); err == nil || m != nil {
			t.Errorf("%s: gives %v and error %v, want only an error", name, m, err)
		}
	}
}

func TestProcessorsDoNotChangeTheMotion(t *testing.T) {
	frames := filmed(150, 170, eachMinute, many(150, 170, 9), steady(1, 2))
	want := estimated(t, frames, eachMinute)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(5))
	got := estimated(t, frames, eachMinute)
	for i := range want.U {
		if got.U[i] != want.U[i] || got.V[i] != want.V[i] {
			t.Fatalf("cell %d moves by %g, %g on five processors, by %g, %g before", i, got.U[i], got.V[i], want.U[i], want.V[i])
		}
	}
}

func TestFramesBeyondTheLookBackAreNotUsed(t *testing.T) {
	at := []storm{{64, 64, 8, 40}}
	for _, test := range []struct {
		oldestMin, cellSizeM float64
		used                 bool
	}{{12, 1000, true}, {13, 1000, false}, {3, 250, true}, {4, 250, false}, {3, 10, true}, {15, 10_000, true}, {16, 10_000, false}} {
		minutes := []float64{0, test.oldestMin - 2, test.oldestMin - 1, test.oldestMin}
		frames := filmed(128, 128, minutes, at, steady(1, 0))
		motion := func(frames []*grid.Field, minutes []float64) *Field {
			m, err := Estimate(frames, minutes, test.cellSizeM, DefaultConfig())
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		without := motion(frames[1:], minutes[1:])
		frames[0] = paint(128, 128, many(128, 128, 9)...)
		if with := motion(frames, minutes); slices.Equal(with.U, without.U) == test.used {
			t.Errorf("on cells of %g m, whether a frame %g minutes old is used is %t, want %t", test.cellSizeM, test.oldestMin, !test.used, test.used)
		}
	}
}
