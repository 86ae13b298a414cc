package contour

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// appendSettled appends a polygon, settled if it must be.
func appendSettled(mp orb.MultiPolygon, p orb.Polygon, seen *vertexSet) orb.MultiPolygon {
	if seen.repeats(p) {
		return append(mp, settle(p)...)
	}
	return append(mp, p)
}

// settle makes valid polygons of one whose rings do not cross, but may meet themselves or each other at vertices or
// run to and fro between the same two. Its shell gives the sense of all shells.
func settle(p orb.Polygon) []orb.Polygon {
	sense := math.Copysign(1, signedArea(p[0]))
	w := newWeb(p)
	w.connect(sense)
	var shells []orb.Polygon
	var holes []orb.Ring
	for _, ring := range w.loops() {
		switch area := signedArea(ring) * sense; {
		case area > 0:
			shells = append(shells, orb.Polygon{ring})
		case area < 0:
			holes = append(holes, ring)
		}
	}
	fill(shells, holes)
	return shells
}

// fill puts each hole into the smallest shell around it. One of the shells is.
func fill(shells []orb.Polygon, holes []orb.Ring) {
	type candidate struct {
		shell int
		bound orb.Bound
		area  float64
	}
	bySize := make([]candidate, len(shells))
	for i, s := range shells {
		bySize[i] = candidate{i, s[0].Bound(), math.Abs(signedArea(s[0]))}
	}
	slices.SortStableFunc(bySize, func(a, b candidate) int { return cmp.Compare(a.area, b.area) })
	for _, hole := range holes {
		bound, area := hole.Bound(), math.Abs(signedArea(hole))
		var around []int
		for _, c := range bySize {
			if c.area > area && c.bound.Contains(bound.Min) && c.bound.Contains(bound.Max) {
				around = append(around, c.shell)
			}
		}
		middle := orb.Point{(hole[0][0] + hole[1][0]) / 2, (hole[0][1] + hole[1][1]) / 2}
		for k, i := range around {
			if k == len(around)-1 || planar.RingContains(shells[i][0], middle) {
				shells[i] = append(shells[i], hole)
				break
			}
		}
	}
}

// vertexSet finds vertices that a polygon has twice, one polygon after the other.
type vertexSet struct{ table []*orb.Point }

// repeats tells whether a polygon has a vertex twice, or a ring of fewer than three.
func (s *vertexSet) repeats(p orb.Polygon) bool {
	total := 0
	for _, ring := range p {
		if len(ring) < 4 {
			return true
		}
		total += len(ring)
	}
	size := 1 << bits.Len(uint(2*total))
	if size > len(s.table) {
		s.table = make([]*orb.Point, size)
	}
	table := s.table[:size]
	clear(table)
	for _, ring := range p {
		for i := range ring[1:] {
			v := &ring[i]
			h := (math.Float64bits(v[0])*0x9e3779b97f4a7c15 ^ math.Float64bits(v[1])) * 0xd6e8feb86659fd93
			at := int(h>>32) & (size - 1)
			for ; table[at] != nil; at = (at + 1) & (size - 1) {
				if *table[at] == *v {
					return true
				}
			}
			table[at] = v
		}
	}
	return false
}

// signedArea gives the area of a closed ring, positive where it runs from x towards y.
func signedArea(r orb.Ring) float64 {
	var twice float64
	o := r[0]
	for i := 1; i < len(r); i++ {
		twice += (r[i-1][0]-o[0])*(r[i][1]-o[1]) - (r[i][0]-o[0])*(r[i-1][1]-o[1])
	}
	return twice / 2
}
