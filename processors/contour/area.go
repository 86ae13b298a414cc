package contour

import (
	"math"

	"github.com/paulmach/orb"
)

// earthRadiusKM is the mean radius, on which grid.Domain measures its cells, too.
const earthRadiusKM = 6371.0

// AreaKM2 gives the area of a polygon in longitude and latitude, without its holes, on the sphere.
// Source: Chamberlain and Duquette 2007, JPL Publication 07-03, eq. for the area under a segment.
func AreaKM2(p orb.Polygon) float64 {
	return withoutHoles(p, func(r orb.Ring) float64 {
		const radians = math.Pi / 180
		var sum float64
		before := math.Sin(r[0][1] * radians)
		for i := 1; i < len(r); i++ {
			sine := math.Sin(r[i][1] * radians)
			sum += (r[i][0] - r[i-1][0]) * radians * (before + sine)
			before = sine
		}
		return sum / 2 * earthRadiusKM * earthRadiusKM
	})
}

// AreaCells gives the area of a polygon in grid coordinates, without its holes, in cells.
func AreaCells(p orb.Polygon) float64 { return withoutHoles(p, signedArea) }

func withoutHoles(p orb.Polygon, area func(orb.Ring) float64) float64 {
	var sum float64
	for i, ring := range p {
		switch {
		case len(ring) == 0:
		case i == 0:
			sum += math.Abs(area(ring))
		default:
			sum -= math.Abs(area(ring))
		}
	}
	return sum
}
