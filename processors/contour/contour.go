// Package contour turns a field into the areas where it reaches a level, as polygons with holes.
//
// Grid coordinates are x = column and y = row, with cell centres at whole numbers; y grows southwards. Shells run
// counter-clockwise and holes clockwise as seen on a map with north up, in grid coordinates as on the earth, so that
// a ring keeps its sense when it is carried from one to the other.
package contour

import (
	"math"

	"github.com/paulmach/orb"

	"bowecho/internal/grid"
)

// Polygons gives the areas at or above a level, in grid coordinates, ordered by their northernmost row, then westernmost column.
//
// Marching squares with linear interpolation between cell centres; a saddle is joined where the mean of its four
// corners is above the level. Areas end at the outermost cell centres. A cell that was never observed counts as no
// echo. Polygons are valid in the OGC sense: an area that hangs together at a point only is several polygons, and
// what has no area is none. The level is finite.
func Polygons(f *grid.Field, level float64) orb.MultiPolygon {
	if f.Rows < 2 || f.Cols < 2 || math.IsNaN(level) || math.IsInf(level, 0) {
		return nil
	}
	t := newTracer(f, level)
	t.scan()
	return t.polygons()
}
