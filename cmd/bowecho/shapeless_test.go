package main

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"bowecho/internal/ncfile"
	"bowecho/internal/racing"
)

// shapeless writes three frames of so many cells, each with this value but for one cell in the middle.
func shapeless(t *testing.T, side int, all, middle float32) string {
	t.Helper()
	values := make([]float32, 3*side*side)
	for i := range values {
		values[i] = all
		if i%(side*side) == side/2*side+side/2 {
			values[i] = middle
		}
	}
	on := []string{"time", "y", "x"}
	path := filepath.Join(t.TempDir(), "frames.nc")
	err := ncfile.Write(path, &ncfile.Content{
		Dimensions: []ncfile.Dimension{{Name: on[0], Length: 3}, {Name: on[1], Length: side}, {Name: on[2], Length: side}},
		Attributes: []ncfile.Attribute{{Name: "dx_km", Value: 1.0}, {Name: "dt_min", Value: 5.0}},
		Variables:  []ncfile.Variable{{Name: "DBZH", Dimensions: on, Values: func() []float32 { return values }}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Frames in which nothing can be seen to move give whole products, and it is said why they stand still. No data stays no data.
func TestNowcastsOfShapelessFrames(t *testing.T) {
	racing.Skip(t, "the calculation is watched in its package")
	nan := float32(math.NaN())
	tests := map[string]struct {
		side        int
		all, middle float32
		silent      bool // something moves, or stands still for sure
	}{
		"empty":          {40, 0, 0, false},
		"constant":       {40, 30, 30, false},
		"never observed": {40, nan, nan, false},
		"one echo":       {40, 0, 50, true},
		"one observed":   {40, nan, 30, false},
		"one pixel":      {1, 30, 30, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			frames := shapeless(t, test.side, test.all, test.middle)
			for _, command := range []string{"nowcast", "probability"} {
				out := filepath.Join(t.TempDir(), "out.nc")
				_, code, said := output(t, command, "--grids", frames, "--leads", "1,6", "--out", out)
				if code != 0 {
					t.Fatalf("%s: exit code %d: %s", command, code, said)
				}
				if told := strings.Contains(said, "no echo that could be followed"); told == test.silent {
					t.Errorf("%s says %q", command, said)
				}
			}
			out := filepath.Join(t.TempDir(), "nowcast.nc")
			run(t, "nowcast", "--grids", frames, "--leads", "1,6", "--out", out)
			file, err := ncfile.Read(out, -1)
			if err != nil {
				t.Fatal(err)
			}
			for _, lead := range file.Grid.Leads {
				for i, v := range lead.Field.Values {
					was := test.all
					if i == test.side/2*test.side+test.side/2 {
						was = test.middle
					}
					if (v != v) != (was != was) {
						t.Fatalf("lead %g: cell %d is %g, and was %g", lead.Minutes, i, v, was)
					}
				}
			}
		})
	}
}
