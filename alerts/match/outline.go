package match

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// outline is the edges of polygons with holes, ready to be measured from many places.
type outline struct {
	bound orb.Bound
	runs  []run
}

// run is some edges one after the other, with bounds by which most places can pass over them.
type run struct {
	south, north, east float64 // degrees
	centre             vector
	radiusM            float64
	points             []orb.Point // degrees; one more than edges
	at                 []vector    // the same
}

// runEdges is how many edges share a bound.
const runEdges = 32

// longestEdgeDeg is how long an edge may be. GeoJSON's edges are straight in longitude and latitude; over this length
// they differ from straight lines on the ground by no more than some 20 m at 50°.
const longestEdgeDeg = 0.25

// edgeM is how near to an edge counts as inside: positions are given to a tenth of it.
const edgeM = 1

func newOutline(polygons ...orb.Polygon) (*outline, error) {
	o := &outline{}
	for _, polygon := range polygons {
		for _, ring := range polygon {
			if err := check(ring); err != nil {
				return nil, err
			}
			o.add(divided(ring))
		}
	}
	o.bound = orb.MultiPolygon(polygons).Bound()
	return o, nil
}

func check(ring orb.Ring) error {
	if len(ring) < 4 || !ring.Closed() {
		return fmt.Errorf("a ring of %d positions, want 4 or more of which the last is the first (RFC 7946)", len(ring))
	}
	for _, p := range ring {
		if !(math.Abs(p[0]) <= 540 && math.Abs(p[1]) <= 90) {
			return fmt.Errorf("position [%g, %g], want [longitude, latitude]", p[0], p[1])
		}
	}
	return nil
}

// divided gives a ring with its long edges cut to pieces.
func divided(ring orb.Ring) []orb.Point {
	points := []orb.Point{ring[0]}
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		pieces := math.Ceil(max(math.Abs(b[0]-a[0]), math.Abs(b[1]-a[1])) / longestEdgeDeg)
		for k := 1.0; k < pieces; k++ {
			points = append(points, orb.Point{a[0] + (b[0]-a[0])*k/pieces, a[1] + (b[1]-a[1])*k/pieces})
		}
		points = append(points, b)
	}
	return points
}

func (o *outline) add(points []orb.Point) {
	for first := 0; first < len(points)-1; first += runEdges {
		last := min(first+runEdges, len(points)-1)
		o.runs = append(o.runs, newRun(points[first:last+1]))
	}
}

func newRun(points []orb.Point) run {
	b := orb.MultiPoint(points).Bound()
	r := run{south: b.Min[1], north: b.Max[1], east: b.Max[0], points: points, at: make([]vector, len(points))}
	for i, p := range points {
		r.at[i] = onEllipsoid(p[0], p[1])
		for k := range r.centre {
			r.centre[k] += r.at[i][k] / float64(len(points))
		}
	}
	for _, v := range r.at {
		r.radiusM = max(r.radiusM, v.minus(r.centre).length())
	}
	return r
}

// holds tells whether a place lies in the polygons and in no hole.
func (o *outline) holds(s *station) bool {
	for _, turn := range [...]float64{0, -360, 360} {
		if p := (orb.Point{s.lonDeg + turn, s.latDeg}); o.bound.Contains(p) && o.encloses(p) {
			return true
		}
	}
	return false
}

// encloses counts the edges east of a position: inside, they are odd.
func (o *outline) encloses(p orb.Point) bool {
	odd := false
	for i := range o.runs {
		r := &o.runs[i]
		if p[1] < r.south || p[1] > r.north || p[0] > r.east {
			continue
		}
		for k := 1; k < len(r.points); k++ {
			a, b := r.points[k-1], r.points[k]
			if (a[1] > p[1]) != (b[1] > p[1]) && p[0] < a[0]+(b[0]-a[0])*(p[1]-a[1])/(b[1]-a[1]) {
				odd = !odd
			}
		}
	}
	return odd
}

// nearest gives the distance in kilometres over ground from a place to the polygons, if it is within a limit, and
// the direction: 0 and none inside.
func (o *outline) nearest(s *station, withinKM float64) (distanceKM float64, bearing string, within bool) {
	if o.holds(s) {
		return 0, "", true
	}
	limitM := withinKM * 1000
	least, east, north := math.Inf(1), 0.0, 0.0
	for i := range o.runs {
		r := &o.runs[i]
		// A straight line through the earth is never longer than the way over ground.
		if r.centre.minus(s.at).length()-r.radiusM > limitM {
			continue
		}
		x0, y0 := s.onPlane(r.at[0])
		for _, v := range r.at[1:] {
			x1, y1 := s.onPlane(v)
			if x, y := nearestOn(x0, y0, x1, y1); x*x+y*y < least {
				least, east, north = x*x+y*y, x, y
			}
			x0, y0 = x1, y1
		}
	}
	distanceM := s.alongGround(math.Sqrt(least))
	if !(distanceM <= limitM) {
		return 0, "", false
	}
	if distanceM < edgeM {
		return 0, "", true
	}
	return distanceM / 1000, compass(east, north), true
}

// nearestOn gives the point of an edge that is nearest to the origin.
func nearestOn(x0, y0, x1, y1 float64) (x, y float64) {
	dx, dy := x1-x0, y1-y0
	length2 := dx*dx + dy*dy
	if length2 == 0 {
		return x0, y0
	}
	t := min(max(-(x0*dx+y0*dy)/length2, 0), 1)
	return x0 + t*dx, y0 + t*dy
}
