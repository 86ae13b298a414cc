package probability

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"bowecho/internal/grid"
)

var nan = float32(math.NaN())

func filled(rows, cols int, value func(row, col int) float32) *grid.Field {
	f := grid.NewField(rows, cols)
	for i := range f.Values {
		f.Values[i] = value(i/cols, i%cols)
	}
	return f
}

func exceedance(t testing.TB, f *grid.Field, lead float64, loss Loss) []*Field {
	t.Helper()
	out, err := Exceedance(f, lead, 1, loss, DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// noisy is smooth echo of many scales, with a share of cells that were never observed.
func noisy(rows, cols int, unobserved float64) *grid.Field {
	random := rand.New(rand.NewPCG(3, 4))
	return filled(rows, cols, func(r, c int) float32 {
		if random.Float64() < unobserved {
			return nan
		}
		return float32(25 + 15*math.Sin(float64(r)/9)*math.Cos(float64(c)/7) + 8*random.NormFloat64())
	})
}

func TestAtLeadZeroTheNowcastIsCertain(t *testing.T) {
	f := noisy(40, 50, 0.1)
	for _, p := range exceedance(t, f, 0, Prior()) {
		for i, v := range f.Values {
			want := float32(0)
			if float64(v) >= p.ThresholdDBZ {
				want = 1
			}
			if got := share(p.codes[i]); got != want && v == v || (got == got) != (v == v) {
				t.Fatalf("%g dBZ where %g is: probability %g, want %g", p.ThresholdDBZ, v, got, want)
			}
		}
	}
}

// TestEdgeBlursAsTheSpreadSays has a straight edge between no echo and strong echo, so that noise plays no part: the
// probability across it is the normal distribution of the displacement.
func TestEdgeBlursAsTheSpreadSays(t *testing.T) {
	const middle = 120
	f := filled(60, 2*middle, func(_, c int) float32 {
		if c < middle {
			return grid.NoEchoDBZ
		}
		return 60
	})
	for _, sigma := range []float64{0.7, 1.5, 2.4, 4, 9, 20} {
		loss := Loss{SpreadKMPerMin: sigma / 10}
		p := exceedance(t, f, 10, loss)[1]
		for c := range f.Cols {
			want := 0.5 * math.Erfc(-(float64(c)+0.5-middle)/(sigma*math.Sqrt2))
			if got := float64(p.At(30, c)); math.Abs(got-want) > 0.04 && math.Abs(float64(c-middle)) > 1 || math.Abs(got-want) > 0.12 {
				t.Errorf("spread of %g cells, %d from the edge: %.3f, want %.3f", sigma, c-middle, got, want)
			}
		}
	}
}

// TestMatchesAnEnsemble holds the closed form against what it stands for: members that are displaced and disturbed at random.
func TestMatchesAnEnsemble(t *testing.T) {
	const sigma, lead, members = 3.0, 10.0, 4000
	f := noisy(64, 64, 0)
	loss := Loss{SpreadKMPerMin: sigma / lead, NoiseDBPerMin: 0.3}
	s := newStrengths(f)
	random := rand.New(rand.NewPCG(5, 6))
	for _, p := range exceedance(t, f, lead, loss) {
		shift := s.middle(p.ThresholdDBZ, loss.noiseDB(lead)) - p.ThresholdDBZ
		for _, at := range [][2]int{{20, 20}, {31, 40}, {40, 25}, {44, 44}} {
			hits := 0
			for range members {
				r, c := float64(at[0])+sigma*random.NormFloat64(), float64(at[1])+sigma*random.NormFloat64()
				v := f.At(min(max(int(r+0.5), 0), 63), min(max(int(c+0.5), 0), 63))
				if float64(v)-shift+loss.noiseDB(lead)*random.NormFloat64() >= p.ThresholdDBZ {
					hits++
				}
			}
			if got, want := float64(p.At(at[0], at[1])), float64(hits)/members; math.Abs(got-want) > 0.04 {
				t.Errorf("%g dBZ at %v: %.3f, the ensemble has %.3f", p.ThresholdDBZ, at, got, want)
			}
		}
	}
}

// TestAreaIsKept holds that as much area is expected above a threshold as the nowcast has.
func TestAreaIsKept(t *testing.T) {
	f := filled(200, 200, func(r, c int) float32 {
		return float32(max(grid.NoEchoDBZ, 58-math.Hypot(float64(r-100), float64(c-100))))
	})
	for _, lead := range []float64{1, 7, 20} {
		for _, p := range exceedance(t, f, lead, Prior()) {
			var area, expected float64
			for i, v := range f.Values {
				if float64(v) >= p.ThresholdDBZ {
					area++
				}
				expected += float64(share(p.codes[i]))
			}
			if math.Abs(expected/area-1) > 0.03 {
				t.Errorf("%g dBZ in %g min: %.0f cells expected, want %.0f", p.ThresholdDBZ, lead, expected, area)
			}
		}
	}
}

// TestSmallEchoFadesFirst is the loss of predictability by scale: two echoes as strong, of different size.
func TestSmallEchoFadesFirst(t *testing.T) {
	f := filled(120, 200, func(r, c int) float32 {
		if math.Hypot(float64(r-60), float64(c-60)) < 25 || math.Hypot(float64(r-60), float64(c-150)) < 3 {
			return 50
		}
		return grid.NoEchoDBZ
	})
	last := float32(2)
	for _, lead := range []float64{1, 10, 20, 30} {
		p := exceedance(t, f, lead, Prior())[1]
		large, small := p.At(60, 60), p.At(60, 150)
		if large < 0.9 || small >= last || lead >= 10 && small > large-0.2 {
			t.Errorf("in %g min: %.2f in the middle of a large echo, %.2f of a small one after %.2f", lead, large, small, last)
		}
		last = small
	}
}

func TestAnyInputGivesProbabilities(t *testing.T) {
	single := filled(1, 1, func(int, int) float32 { return 40 })
	pixel := filled(90, 70, func(r, c int) float32 {
		if r == 45 && c == 35 {
			return 50
		}
		return grid.NoEchoDBZ
	})
	infinite := filled(8, 9, func(r, c int) float32 { return float32(math.Inf(r - 4)) })
	for name, f := range map[string]*grid.Field{
		"no echo": filled(33, 47, func(int, int) float32 { return grid.NoEchoDBZ }), "never observed": grid.NewField(20, 30),
		"constant": filled(50, 40, func(int, int) float32 { return 35 }), "one cell": single, "one pixel": pixel, "infinite": infinite,
		"a row": noisy(1, 90, 0.2), "a column": noisy(90, 1, 0.2), "half observed": noisy(61, 83, 0.5), "all strong": filled(9, 9, func(int, int) float32 { return 1e9 }),
	} {
		for _, lead := range []float64{0, 0.5, 3, 30, 180} {
			loss, err := Learn([]*grid.Field{f, f, f}, []float64{0, 5, 10}, same, 1, DefaultConfig())
			if err != nil {
				t.Fatal(err)
			}
			fields := exceedance(t, f, lead, loss)
			for i, v := range f.Values {
				p20, p35, p45 := share(fields[0].codes[i]), share(fields[1].codes[i]), share(fields[2].codes[i])
				switch known := v-v == 0; {
				case known && !(1 >= p20 && p20 >= p35 && p35 >= p45 && p45 >= 0):
					t.Fatalf("%s in %g min, cell %d: %g, %g, %g, want them falling within 0 and 1", name, lead, i, p20, p35, p45)
				case !known && (p20 == p20 || p35 == p35 || p45 == p45):
					t.Fatalf("%s in %g min, cell %d: %g, %g, %g where the nowcast knows nothing", name, lead, i, p20, p35, p45)
				}
			}
		}
	}
	if p := exceedance(t, pixel, 5, Prior()); p[0].At(45, 35) <= p[0].At(45, 39) || p[0].At(0, 0) != 0 {
		t.Errorf("one pixel: %g there, %g beside it, %g far away", p[0].At(45, 35), p[0].At(45, 39), p[0].At(0, 0))
	}
}

// same is a nowcast in which nothing moves.
func same(frames []*grid.Field, _, leads []float64) ([]*grid.Field, error) {
	return slices.Repeat(frames[len(frames)-1:], len(leads)), nil
}

// TestUnobservedCellsDoNotCount has all the observed cells above the threshold: holes among them make it no less sure.
func TestUnobservedCellsDoNotCount(t *testing.T) {
	f := noisy(60, 70, 0.6)
	for i, v := range f.Values {
		if v == v {
			f.Values[i] = 60
		}
	}
	for _, lead := range []float64{5, 30} {
		for i, code := range exceedance(t, f, lead, Prior())[1].codes {
			if v := f.Values[i]; v == v && share(code) < 0.9 {
				t.Fatalf("in %g min cell %d has %g among cells of 60 dBZ and holes", lead, i, share(code))
			}
		}
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	good := noisy(5, 6, 0)
	for name, try := range map[string]func() error{
		"no cells":      func() error { _, err := Exceedance(&grid.Field{}, 1, 1, Prior(), DefaultConfig()); return err },
		"lead":          func() error { _, err := Exceedance(good, math.NaN(), 1, Prior(), DefaultConfig()); return err },
		"cell size":     func() error { _, err := Exceedance(good, 1, 0, Prior(), DefaultConfig()); return err },
		"spread":        func() error { _, err := Exceedance(good, 1, 1, Loss{-1, 0}, DefaultConfig()); return err },
		"noise":         func() error { _, err := Exceedance(good, 1, 1, Loss{0, -1}, DefaultConfig()); return err },
		"no thresholds": func() error { return Config{}.Validate() },
		"falling":       func() error { return Config{[]float64{35, 20}}.Validate() },
		"quarters":      func() error { return Config{[]float64{20.25}}.Validate() },
		"times":         func() error { _, err := Learn([]*grid.Field{good}, nil, same, 1, DefaultConfig()); return err },
		"frames' shape": func() error {
			_, err := Learn([]*grid.Field{good, good, noisy(2, 2, 0)}, []float64{0, 1, 2}, same, 1, DefaultConfig())
			return err
		},
		"learn cell size": func() error {
			_, err := Learn([]*grid.Field{good, good, good}, []float64{0, 1, 2}, same, 0, DefaultConfig())
			return err
		},
	} {
		if try() == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
