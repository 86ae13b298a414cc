package warning

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
	"github.com/paulmach/orb/geojson"
)

// maxVertices bounds the polygons of one warning: those of coasts and rivers have some thousands.
const maxVertices = 100_000

// areaOf gives polygons as one geometry; nil where there are none.
func areaOf(polygons orb.MultiPolygon) *geojson.Geometry {
	switch len(polygons) {
	case 0:
		return nil
	case 1:
		return geojson.NewGeometry(polygons[0])
	default:
		return geojson.NewGeometry(polygons)
	}
}

// ringOf closes a ring and tells what is wrong with it.
func ringOf(ring orb.Ring) (orb.Ring, error) {
	if len(ring) > 0 && ring[0] != ring[len(ring)-1] {
		ring = append(ring, ring[0])
	}
	if len(ring) < 4 || len(ring) > maxVertices {
		return nil, fmt.Errorf("a polygon with %d points, want 4 to %d", len(ring), maxVertices)
	}
	for _, p := range ring {
		if !(math.Abs(p.Lat()) <= 90) || !(math.Abs(p.Lon()) <= 360) {
			return nil, fmt.Errorf("a polygon reaches %g°N %g°E, which is not on the globe", p.Lat(), p.Lon())
		}
	}
	return ring, nil
}

// polygonOf reads a polygon of CAP: "38.47,-120.14 38.34,-119.95 …".
func polygonOf(text string) (orb.Polygon, error) {
	if len(text) > 40*maxVertices {
		return nil, fmt.Errorf("a polygon of %d bytes", len(text))
	}
	var ring orb.Ring
	for _, pair := range strings.Fields(text) {
		p, err := pointOf(pair)
		if err != nil {
			return nil, err
		}
		ring = append(ring, p)
	}
	ring, err := ringOf(ring)
	if err != nil {
		return nil, err
	}
	return orb.Polygon{ring}, nil
}

func pointOf(pair string) (orb.Point, error) {
	lat, lon, _ := strings.Cut(pair, ",")
	y, err := strconv.ParseFloat(lat, 64)
	if err != nil {
		return orb.Point{}, fmt.Errorf("a place is %.40q, want latitude,longitude", pair)
	}
	x, err := strconv.ParseFloat(lon, 64)
	if err != nil || !(math.Abs(y) <= 90) || !(math.Abs(x) <= 180) {
		return orb.Point{}, fmt.Errorf("a place is %.40q, want latitude,longitude", pair)
	}
	return orb.Point{x, y}, nil
}

const (
	corners      = 48    // that make a circle, which is within 0.2 % of its radius then
	leastCircle  = 100.0 // metres: a circle of no radius is a point
	farthestAway = 1e6   // metres: what no circle is wider than
)

// circleOf reads a circle of CAP: "32.9525,-115.5527 25", its radius in kilometres.
func circleOf(text string) (orb.Polygon, error) {
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return nil, fmt.Errorf("a circle is %.60q, want latitude,longitude radius", text)
	}
	centre, err := pointOf(fields[0])
	if err != nil {
		return nil, err
	}
	km, err := strconv.ParseFloat(fields[1], 64)
	if err != nil || !(km >= 0 && km*1000 <= farthestAway) || math.Abs(centre.Lat()) > 80 {
		return nil, fmt.Errorf("a circle is %.60q, want one of 0 to %g km that does not hold a pole", text, farthestAway/1000)
	}
	ring := make(orb.Ring, 0, corners+1)
	for i := range corners {
		ring = append(ring, geo.PointAtBearingAndDistance(centre, -360*float64(i)/corners, max(km*1000, leastCircle)))
	}
	return orb.Polygon{append(ring, ring[0])}, nil
}
