package contour

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"bowecho/internal/grid"
	"bowecho/internal/polygon"
)

// field makes a field of rows; ? is never observed and other bytes are tens: '3' is 30.
func field(rows ...string) *grid.Field {
	f := grid.NewField(len(rows), len(rows[0]))
	for r, row := range rows {
		for c := range len(row) {
			if row[c] != '?' {
				f.Row(r)[c] = 10 * float32(row[c]-'0')
			}
		}
	}
	return f
}

func TestPolygons(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name            string
		field           *grid.Field
		level           float64
		area            float64
		polygons, holes int
	}{
		{"nothing reaches the level", field("000", "020", "000"), 30, 0, 0, 0},
		{"one cell", field("000", "040", "000"), 20, 0.5, 1, 0},
		{"one cell exactly at the level has no area", field("000", "030", "000"), 30, 0, 0, 0},
		{"a line of cells exactly at the level has no area", field("00000", "03330", "00000"), 30, 0, 0, 0},
		{"a plateau exactly at the level", field("0000", "0330", "0330", "0000"), 30, 1, 1, 0},
		{"everything", field("444", "444"), 30, 2, 1, 0},
		{"everything exactly at the level", field("333", "333"), 30, 2, 1, 0},
		{"at the western border", field("000", "400", "000"), 20, 0.25, 1, 0},
		{"in a corner", field("40", "00"), 20, 0.125, 1, 0},
		{"a hole", field("444", "404", "444"), 20, 3.5, 1, 1},
		{"a hole of one cell never observed", field("444", "4?4", "444"), 20, 3.5, 1, 1},
		{"an island in a hole", field("44444", "40004", "40404", "40004", "44444"), 20, 8, 2, 1},
		{"a saddle whose middle is below", field("40", "04"), 30, 2 * 0.25 * 0.25 / 2, 2, 0},
		{"a saddle whose middle is at the level", field("40", "04"), 20, 0.25, 2, 0},
		{"a saddle whose middle is above", field("40", "04"), 10, 1 - 2*0.25*0.25/2, 1, 0},
		{"two squares that touch at a cell", field("33000", "33000", "00300", "00033", "00033"), 30, 2, 2, 0},
		{"a frame held together by two cells at the level",
			field("333333333", "333333333", "330000033", "330000033", "303000303", "330000033", "330000033", "333333333", "333333333"), 30, 28, 2, 0},
		{"never observed", field("???", "???"), 20, 0, 0, 0},
		{"echo beside never observed", field("4?", "4?"), 20, 0.5, 1, 0},
		{"a level below no echo", field("00", "??"), -10, 10.0 / 11, 1, 0},
		{"one row", field("444"), 20, 0, 0, 0},
		{"one column", field("4", "4"), 20, 0, 0, 0},
		{"infinite beyond any level", &grid.Field{Rows: 2, Cols: 3, Values: []float32{0, inf, inf, 0, inf, inf}}, 1e300, 1, 1, 0},
		{"not a level", field("444", "444"), math.NaN(), 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Polygons(c.field, c.level)
			area, holes := totals(got)
			if math.Abs(area-c.area) > 1e-9 || len(got) != c.polygons || holes != c.holes {
				t.Errorf("area %g in %d polygons with %d holes, want %g, %d, %d: %v", area, len(got), holes, c.area, c.polygons, c.holes, got)
			}
			checkRings(t, got, -1)
		})
	}
}

// checkRings fails unless polygons are valid, closed, without repeats, and their shells have a sense.
func checkRings(t testing.TB, mp orb.MultiPolygon, sense float64) {
	t.Helper()
	if err := polygon.Check(mp); err != nil {
		t.Errorf("not valid: %v", err)
	}
	for _, p := range mp {
		for i, ring := range p {
			if ring[0] != ring[len(ring)-1] {
				t.Errorf("open ring %v", ring)
			}
			if area := signedArea(ring) * sense; (area > 0) != (i == 0) {
				t.Errorf("ring %d has area %g", i, area)
			}
			seen := map[orb.Point]bool{}
			for _, v := range ring[1:] {
				if seen[v] {
					t.Errorf("vertex %v twice", v)
				}
				seen[v] = true
			}
		}
	}
}

// gaussian is a round hill of 60 with a standard deviation in cells.
func gaussian(rows, cols int, row, col, sigma float64) *grid.Field {
	f := grid.NewField(rows, cols)
	for r := range rows {
		for c := range cols {
			dr, dc := float64(r)-row, float64(c)-col
			f.Row(r)[c] = float32(60 * math.Exp(-(dr*dr+dc*dc)/(2*sigma*sigma)))
		}
	}
	return f
}

func TestGaussianArea(t *testing.T) {
	const sigma = 15
	f := gaussian(110, 160, 50.3, 80.7, sigma)
	d := grid.Centred("test", 33, -97, 110, 160, 250)
	for _, level := range []float64{10, 20, 30, 45, 55} {
		want := 2 * math.Pi * sigma * sigma * math.Log(60/level) // r² = 2 σ² ln(peak/level)
		got := Polygons(f, level)
		if len(got) != 1 || len(got[0]) != 1 {
			t.Fatalf("level %g: %v, want one polygon", level, got)
		}
		if area := AreaCells(got[0]); math.Abs(area-want) > 0.01*want {
			t.Errorf("level %g: %.2f cells, want %.2f", level, area, want)
		}
		height, width := d.CellKM(50)
		wantKM2 := want * height * width
		onMap := OnMap(got, d)
		if area := AreaKM2(onMap[0]); math.Abs(area-wantKM2) > 0.01*wantKM2 {
			t.Errorf("level %g: %.3f km², want %.3f", level, area, wantKM2)
		}
		centre, _ := planar.CentroidArea(onMap[0])
		if row, col := d.Cell(centre[1], centre[0]); math.Hypot(row-50.3, col-80.7) > 0.05 {
			t.Errorf("level %g: centre at row %.2f, column %.2f, want 50.3, 80.7", level, row, col)
		}
		checkRings(t, onMap, 1)
	}
}

func TestPlainNumbers(t *testing.T) {
	got := Polygons(field("000", "040", "000", "000"), 20)
	want := orb.MultiPolygon{{{{0.5, 1}, {1, 1.5}, {1.5, 1}, {1, 0.5}, {0.5, 1}}}} // counter-clockwise where y grows southwards
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestOrder(t *testing.T) {
	got := Polygons(field("000000", "000040", "000000", "040004", "000000"), 20)
	var first []orb.Point
	for _, p := range got {
		first = append(first, p[0].Bound().Center())
	}
	want := []orb.Point{{4, 1}, {1, 3}, {4.75, 3}}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// noise makes a field of which the values lie on a few steps: many exactly at the level, some never observed.
func noise(r *rand.Rand, rows, cols, steps int) *grid.Field {
	f := grid.NewField(rows, cols)
	for i := range f.Values {
		switch v := r.IntN(40); v {
		case 0:
		case 1:
			f.Values[i] = float32(math.Inf(1 - 2*r.IntN(2)))
		default:
			f.Values[i] = 20 + 20*float32(r.IntN(steps+1))/float32(steps)
		}
	}
	return f
}

func TestNoiseIsValid(t *testing.T) {
	d := grid.Centred("test", 33, -97, 60, 45, 250)
	r := rand.New(rand.NewPCG(1, 2))
	for _, steps := range []int{2, 4, 6, 20, 1 << 20} {
		for range 15 {
			f := noise(r, 60, 45, steps)
			got := Polygons(f, 30)
			checkRings(t, got, -1)
			for _, p := range OnMap(got, d) {
				checkRings(t, orb.MultiPolygon{p}, 1)
			}
			if t.Failed() {
				t.Fatalf("steps %d", steps)
			}
		}
	}
}
