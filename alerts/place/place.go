// Package place holds what people watch, indexed by where it is.
package place

import (
	"math"

	"bowecho/internal/event"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// Set is places that do not change. It is safe for concurrent use.
type Set struct {
	places []event.Place
	index  rtree.RTreeG[int32]
}

// NewSet indexes valid places.
func NewSet(places []event.Place) *Set {
	s := &Set{places: places}
	for i, p := range places {
		b := around(p)
		s.index.Insert(b.Min, b.Max, int32(i))
	}
	return s
}

// All gives the places. They must not be changed.
func (s *Set) All() []event.Place { return s.places }

// Reach calls use once with the index of each place that may lie within its distance of a box in degrees: all that do,
// and a few more. The box may reach beyond 180°.
func (s *Set) Reach(box orb.Bound, use func(i int)) {
	turns := [...]float64{0, -360, 360}
	for n, turn := range turns {
		b := turned(box, turn)
		s.index.Search(b.Min, b.Max, func(lo, hi [2]float64, i int32) bool {
			for _, earlier := range turns[:n] {
				if (orb.Bound{Min: lo, Max: hi}).Intersects(turned(box, earlier)) {
					return true
				}
			}
			use(int(i))
			return true
		})
	}
}

func turned(b orb.Bound, turn float64) orb.Bound {
	b.Min[0] += turn
	b.Max[0] += turn
	return b
}

// Lower bounds on the ellipsoid, so that a box is rather too large: the shortest degree of a meridian, at the equator,
// and the radius of the poles.
const (
	kmPerDegree   = 110.57
	earthRadiusKM = 6356.75
)

// around gives a box that holds all within the place's distance; around a pole it reaches round the globe.
func around(p event.Place) orb.Bound {
	lon, lat := p.At[0], p.At[1]
	height := p.WithinKM / kmPerDegree
	width := 180.0
	if sine := math.Sin(p.WithinKM/earthRadiusKM) / math.Cos(lat*math.Pi/180); sine < 1 && math.Abs(lat)+height < 90 {
		const flattening = 1.007 // a degree of a parallel differs from the sphere's by no more
		width = math.Asin(sine) * 180 / math.Pi * flattening
	}
	return orb.Bound{Min: orb.Point{lon - width, lat - height}, Max: orb.Point{lon + width, lat + height}}
}
