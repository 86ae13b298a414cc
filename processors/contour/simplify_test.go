package contour

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"bowecho/internal/grid"
)

func TestSimplify(t *testing.T) {
	square := orb.Ring{{0, 0}, {0, 3}, {0, 6}, {3, 6.2}, {6, 6}, {6, 0}, {0, 0}}
	got := Simplify(orb.MultiPolygon{{square}}, 0.5, 0)
	want := orb.MultiPolygon{{{{0, 0}, {0, 6}, {6, 6}, {6, 0}, {0, 0}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestSimplifyKeepsWhatIsBetween has a speck in a shallow bay: without its vertices the edge would pass over the speck.
func TestSimplifyKeepsWhatIsBetween(t *testing.T) {
	bay := orb.Polygon{{{0, 0}, {0, 9}, {20, 9}, {20, 0}, {10, 0.9}, {0, 0}}}
	speck := orb.Polygon{{{9.9, 0.1}, {9.9, 0.3}, {10.1, 0.3}, {10.1, 0.1}, {9.9, 0.1}}}
	both := orb.MultiPolygon{bay, speck}
	if diff := cmp.Diff(bay, Simplify(both, 1, 0)[0]); diff != "" {
		t.Errorf("with the speck (-want +got)\n%s", diff)
	}
	alone := Simplify(both, 1, 0.1)
	if len(alone) != 1 || len(alone[0][0]) != 5 {
		t.Errorf("without the speck: %v, want the four corners of one polygon", alone)
	}
}

func TestSimplifyDropsSmallRings(t *testing.T) {
	f := field("44444", "40004", "40404", "40004", "44444")
	whole := Polygons(f, 20)
	for _, c := range []struct {
		minArea         float64
		polygons, holes int
	}{{0, 2, 1}, {0.6, 1, 1}, {9, 1, 0}, {17, 0, 0}} {
		got := Simplify(whole, 0, c.minArea)
		if _, holes := totals(got); len(got) != c.polygons || holes != c.holes {
			t.Errorf("min area %g: %d polygons, %d holes, want %d, %d", c.minArea, len(got), holes, c.polygons, c.holes)
		}
	}
}

func TestSimplifiedNoiseIsValid(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	d := grid.Centred("test", 33, -97, 50, 70, 250)
	for _, tolerance := range []float64{0.1, 0.5, 1, 3} {
		for _, steps := range []int{2, 6, 1 << 20} {
			for range 6 {
				whole := Polygons(noise(r, 50, 70, steps), 30)
				got := Simplify(whole, tolerance, 0)
				checkRings(t, got, -1)
				for _, p := range OnMap(got, d) {
					checkRings(t, orb.MultiPolygon{p}, 1)
				}
				if len(got) != len(whole) {
					t.Errorf("%d polygons, want %d", len(got), len(whole))
				}
				if t.Failed() {
					t.Fatalf("tolerance %g, steps %d", tolerance, steps)
				}
			}
		}
	}
}

func TestSimplifiedRealAreas(t *testing.T) {
	for _, f := range sequence(t, "casa_addison20170329.nc")[20:23] {
		for _, level := range []float64{20, 30, 45} {
			whole := Polygons(f, level)
			got := Simplify(whole, 0.5, 4)
			checkRings(t, got, -1)
			before, _ := totals(Simplify(whole, 0, 4))
			after, _ := totals(got)
			if math.Abs(after-before) > 0.05*before {
				t.Errorf("%g dBZ: %.1f cells became %.1f", level, before, after)
			}
			if fewer, all := vertexCount(got), vertexCount(whole); 2*fewer > all {
				t.Errorf("%g dBZ: %d vertices of %d kept, want at most half", level, fewer, all)
			}
		}
	}
}

func vertexCount(mp orb.MultiPolygon) int {
	n := 0
	for _, p := range mp {
		for _, ring := range p {
			n += len(ring) - 1
		}
	}
	return n
}

func TestCoverage(t *testing.T) {
	f := grid.NewField(400, 480)
	for r := range f.Rows {
		for c := range f.Cols {
			if math.Hypot(float64(r)-200, float64(c)-200) <= 160 {
				f.Row(r)[c] = 0
			}
		}
	}
	got := Coverage(f, 4)
	checkRings(t, got, -1)
	want := math.Pi * 160 * 160
	if area, _ := totals(got); len(got) != 1 || math.Abs(area-want) > 0.01*want {
		t.Errorf("%d polygons of %.0f cells, want 1 of %.0f", len(got), area, want)
	}
	if n := vertexCount(got); n > 200 {
		t.Errorf("%d vertices, want at most 200", n)
	}

	for i := range f.Values {
		f.Values[i] = 0
	}
	bound := Coverage(f, 4).Bound()
	if want := (orb.Bound{Min: orb.Point{-0.5, -0.5}, Max: orb.Point{479.5, 399.5}}); bound != want {
		t.Errorf("all observed: %v, want %v", bound, want)
	}
	if got := Coverage(grid.NewField(40, 40), 4); len(got) != 0 {
		t.Errorf("nothing observed: %v", got)
	}
}
