package contour

import (
	"math"

	"github.com/paulmach/orb"

	"bowecho/internal/grid"
)

// stepsPerDegree is how finely positions are given: a millionth of a degree is 11 cm.
const stepsPerDegree = 1e6

// OnMap carries polygons from grid coordinates to longitude and latitude, with the right-hand rule of RFC 7946.
//
// Positions are rounded to a millionth of a degree. Each polygon stays valid: what rounding brings together is
// merged or parted there, and what it flattens goes.
func OnMap(mp orb.MultiPolygon, d grid.Domain) orb.MultiPolygon {
	result := make(orb.MultiPolygon, 0, len(mp))
	var seen vertexSet
	for _, p := range mp {
		onMap := make(orb.Polygon, 0, len(p))
		for _, ring := range p {
			if rounded := ringOnMap(ring, d); len(rounded) > 1 {
				onMap = append(onMap, rounded)
			}
		}
		if len(onMap) > 0 {
			result = appendSettled(result, onMap, &seen)
		}
	}
	return result
}

func ringOnMap(ring orb.Ring, d grid.Domain) orb.Ring {
	rounded := make(orb.Ring, 0, len(ring))
	for _, v := range ring {
		lat, lon := d.Position(v[1], v[0])
		p := orb.Point{math.RoundToEven(lon*stepsPerDegree) / stepsPerDegree, math.RoundToEven(lat*stepsPerDegree) / stepsPerDegree}
		if len(rounded) == 0 || rounded[len(rounded)-1] != p {
			rounded = append(rounded, p)
		}
	}
	return rounded
}
