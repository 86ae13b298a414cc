package contour

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// clearance is how near, in cells, a simplified edge may come to anything else: wider than the rounding of OnMap for
// cells from 25 m.
const clearance = 0.01

// Simplify drops vertices that lie within tolerance of the line without them (Douglas and Peucker 1973), and rings
// whose area is less than minArea, with all that they hold. Both are in grid coordinates: cells and cells².
//
// Polygons stay valid. Where a simplified edge would cross or nearly touch another, its vertices come back one by one.
func Simplify(mp orb.MultiPolygon, tolerance, minArea float64) orb.MultiPolygon {
	mp = withoutSmall(mp, minArea)
	if !(tolerance > 0) {
		return mp
	}
	var outlines []*outline
	for _, p := range mp {
		for _, ring := range p {
			outlines = append(outlines, newOutline(ring, tolerance))
		}
	}
	for restore(outlines) {
	}
	simple := make(orb.MultiPolygon, len(mp))
	for i, p := range mp {
		for range p {
			simple[i] = append(simple[i], outlines[0].kept())
			outlines = outlines[1:]
		}
	}
	return simple
}

// restore gives back one vertex to each edge that may not stay as it is, and tells whether there were any.
func restore(outlines []*outline) bool {
	some := false
	spans, firsts := newSpans(outlines), firstVertices(outlines)
	for _, s := range spans.all {
		if s.to-s.from > 1 && (spans.conflict(s) || firsts.passed(s)) {
			s.of.keep[s.of.farthest(s.from, s.to)] = true
			some = true
		}
	}
	for _, o := range outlines {
		if signedArea(o.ring)*o.keptArea() <= 0 && o.keepAll() {
			some = true
		}
	}
	return some
}

// withoutSmall gives the polygons without the rings below an area.
func withoutSmall(mp orb.MultiPolygon, minArea float64) orb.MultiPolygon {
	large := make(orb.MultiPolygon, 0, len(mp))
	for _, p := range mp {
		var q orb.Polygon
		for i, ring := range p {
			if math.Abs(signedArea(ring)) >= minArea {
				q = append(q, ring)
			} else if i == 0 {
				break
			}
		}
		if len(q) > 0 {
			large = append(large, q)
		}
	}
	return large
}

// outline is a closed ring and which of its vertices are kept.
type outline struct {
	ring orb.Ring
	keep []bool
}

func newOutline(ring orb.Ring, tolerance float64) *outline {
	o := &outline{ring, make([]bool, len(ring))}
	last := len(ring) - 1
	middle := o.farthest(0, last)
	o.keep[0], o.keep[middle], o.keep[last] = true, true, true
	third := o.thin(0, middle, tolerance)
	third = o.thin(middle, last, tolerance) || third
	if !third {
		o.keep[o.aside(middle)] = true
	}
	return o
}

// thin keeps what the line from one kept vertex to another needs, and tells whether that is anything.
func (o *outline) thin(from, to int, tolerance float64) bool {
	if to-from < 2 {
		return false
	}
	at := o.farthest(from, to)
	if distance(o.ring[at], o.ring[from], o.ring[to]) <= tolerance {
		return false
	}
	o.keep[at] = true
	o.thin(from, at, tolerance)
	o.thin(at, to, tolerance)
	return true
}

// farthest gives the vertex between two that lies farthest from the line between them.
func (o *outline) farthest(from, to int) int {
	at, most := from+1, -1.0
	for i := from + 1; i < to; i++ {
		if d := distance(o.ring[i], o.ring[from], o.ring[to]); d > most {
			at, most = i, d
		}
	}
	return at
}

// aside gives the vertex farthest from the line between the first and the middle one.
func (o *outline) aside(middle int) int {
	at, most := 0, -1.0
	for i := range o.ring {
		if d := distance(o.ring[i], o.ring[0], o.ring[middle]); d > most {
			at, most = i, d
		}
	}
	return at
}

// keepAll tells whether anything had been dropped.
func (o *outline) keepAll() bool {
	had := slices.Contains(o.keep, false)
	for i := range o.keep {
		o.keep[i] = true
	}
	return had
}

func (o *outline) kept() orb.Ring {
	var ring orb.Ring
	for i, keep := range o.keep {
		if keep {
			ring = append(ring, o.ring[i])
		}
	}
	return ring
}

// keptArea gives the signed area of what is kept.
func (o *outline) keptArea() float64 {
	var twice float64
	before := o.ring[0]
	for i, v := range o.ring {
		if o.keep[i] {
			twice += side(o.ring[0], before, v)
			before = v
		}
	}
	return twice / 2
}

// distance gives how far a point lies from a line that ends at a and b.
func distance(p, a, b orb.Point) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	px, py := p[0]-a[0], p[1]-a[1]
	if length := dx*dx + dy*dy; length > 0 {
		share := min(max((px*dx+py*dy)/length, 0), 1)
		px, py = px-share*dx, py-share*dy
	}
	return math.Sqrt(px*px + py*py)
}
