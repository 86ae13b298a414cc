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
	points, rings := room(mp)
	var seen vertexSet
	for _, p := range mp {
		firstRing := len(rings)
		for _, ring := range p {
			start := len(points)
			points = appendOnMap(points, ring, d)
			if rounded := points[start:len(points):len(points)]; len(rounded) > 1 {
				rings = append(rings, rounded)
			}
		}
		if onMap := orb.Polygon(rings[firstRing:len(rings):len(rings)]); len(onMap) > 0 {
			result = appendSettled(result, onMap, &seen)
		}
	}
	return result
}

// room gives space for as many points and rings as polygons have.
func room(mp orb.MultiPolygon) ([]orb.Point, []orb.Ring) {
	points, rings := 0, 0
	for _, p := range mp {
		rings += len(p)
		for _, ring := range p {
			points += len(ring)
		}
	}
	return make([]orb.Point, 0, points), make([]orb.Ring, 0, rings)
}

// appendOnMap appends the positions of a ring, without repeats in a row.
func appendOnMap(points []orb.Point, ring orb.Ring, d grid.Domain) []orb.Point {
	start := len(points)
	for _, v := range ring {
		lat, lon := d.Position(v[1], v[0])
		p := orb.Point{math.RoundToEven(lon*stepsPerDegree) / stepsPerDegree, math.RoundToEven(lat*stepsPerDegree) / stepsPerDegree}
		if len(points) == start || points[len(points)-1] != p {
			points = append(points, p)
		}
	}
	return points
}
