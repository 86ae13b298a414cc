package contour

import (
	"math"

	"github.com/paulmach/orb"
)

// polygons gathers the lines to rings, and the rings to polygons.
//
// From west to east along a row, crossings enter and leave areas by turns. The first crossing of a ring tells what it
// is: one that enters begins a shell; one that leaves begins a hole in the polygon of the crossing before it.
func (t *tracer) polygons() orb.MultiPolygon {
	rings := make([]int32, len(t.points)) // by crossing: which polygon its ring belongs to, from 1
	all := make([]orb.Point, 0, len(t.points)+len(t.onRows)/2)
	var found []orb.Polygon
	for k, first := range t.onRows {
		if rings[first] != 0 {
			continue
		}
		leaves := k%2 == 1
		polygon := int32(len(found) + 1)
		if leaves {
			polygon = rings[t.onRows[k-1]]
		} else {
			found = append(found, nil)
		}
		start := len(all)
		all = t.follow(first, polygon, rings, all)
		ring := orb.Ring(all[start:len(all):len(all)])
		found[polygon-1] = append(found[polygon-1], ring)
	}
	result := make(orb.MultiPolygon, 0, len(found))
	var seen vertexSet
	for _, p := range found {
		if meetsAtCells(p) {
			result = appendSettled(result, p, &seen)
		} else {
			result = append(result, p)
		}
	}
	return result
}

// follow appends the closed ring from a crossing, without repeats in a row, and notes its polygon.
func (t *tracer) follow(first, polygon int32, rings []int32, ring []orb.Point) []orb.Point {
	start := len(ring)
	for at := first; rings[at] == 0; at = t.next[at] {
		rings[at] = polygon
		if p := t.points[at]; len(ring) == start || ring[len(ring)-1] != p {
			ring = append(ring, p)
		}
	}
	if len(ring)-1 > start && ring[len(ring)-1] == ring[start] {
		return ring
	}
	return append(ring, ring[start])
}

// meetsAtCells tells whether a ring passes through the centre of a cell: only there can rings meet.
func meetsAtCells(p orb.Polygon) bool {
	for _, ring := range p {
		for _, v := range ring {
			if v[0] == math.Trunc(v[0]) && v[1] == math.Trunc(v[1]) {
				return true
			}
		}
	}
	return false
}
