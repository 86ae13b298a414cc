package contour

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"bowecho/internal/grid"
	"bowecho/internal/polygon"
)

// drawField draws a field with few values, so that the level is often met exactly.
func drawField(t *rapid.T) *grid.Field {
	f := grid.NewField(rapid.IntRange(1, 12).Draw(t, "rows"), rapid.IntRange(1, 12).Draw(t, "cols"))
	value := rapid.OneOf(rapid.SampledFrom([]float32{0, 10, 20, 30, 40, float32(math.NaN())}), rapid.Float32Range(-40, 80))
	for i := range f.Values {
		f.Values[i] = value.Draw(t, "value")
	}
	return f
}

func TestProperties(t *testing.T) {
	d := grid.Centred("test", 33, -97, 12, 12, 250)
	rapid.Check(t, func(t *rapid.T) {
		f := drawField(t)
		level := rapid.SampledFrom([]float64{20, 25, 30}).Draw(t, "level")
		areas := Polygons(f, level)
		if err := polygon.Check(areas); err != nil {
			t.Fatalf("in cells: %v", err)
		}
		for _, p := range OnMap(areas, d) {
			if err := polygon.Check(p); err != nil {
				t.Fatalf("on the map: %v", err)
			}
		}
		if err := polygon.Check(Simplify(areas, 0.7, 0)); err != nil {
			t.Fatalf("simplified: %v", err)
		}
		area, _ := totals(areas)
		if more, _ := totals(Polygons(f, level+7)); more > area+1e-9 {
			t.Fatalf("%g cells at %g, but %g at %g", area, level, more, level+7)
		}
		if turned, _ := totals(Polygons(transposed(f), level)); math.Abs(turned-area) > 1e-6 {
			t.Fatalf("%g cells, but %g when rows and columns change places", area, turned)
		}
		for r := range f.Rows {
			for c := range f.Cols {
				in := planar.MultiPolygonContains(areas, orb.Point{float64(c), float64(r)})
				if in && !(float64(f.At(r, c)) >= level) {
					t.Fatalf("row %d, column %d holds %g and lies in an area at %g", r, c, f.At(r, c), level)
				}
			}
		}
	})
}

// TestCellsAboveLieInside leaves out the border, where a cell may have no area around it.
func TestCellsAboveLieInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawField(t)
		areas := Polygons(f, 25)
		for r := 1; r < f.Rows-1; r++ {
			for c := 1; c < f.Cols-1; c++ {
				in := planar.MultiPolygonContains(areas, orb.Point{float64(c), float64(r)})
				if f.At(r, c) > 25.01 && !in {
					t.Fatalf("row %d, column %d holds %g and lies outside", r, c, f.At(r, c))
				}
			}
		}
	})
}

func transposed(f *grid.Field) *grid.Field {
	g := grid.NewField(f.Cols, f.Rows)
	for r := range f.Rows {
		for c := range f.Cols {
			g.Row(c)[r] = f.At(r, c)
		}
	}
	return g
}
