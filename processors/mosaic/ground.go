package mosaic

import (
	"math"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

// The WGS84 ellipsoid. Source: NIMA 2000, Technical Report 8350.2, table 3.1.
const (
	semiMajorM    = 6378137.0
	eccentricity2 = 0.00669437999014
)

// leastMPerDeg is less than any degree of latitude is long, or one of longitude at the equator: on a sphere of that
// measure places lie no further apart than they do.
const leastMPerDeg = 110_500.0

// ground says where the cells of a domain lie as seen from a radar: all that depends on neither beam nor time.
type ground struct {
	firstRow int
	spans    []span // of each row from the first on
	places   []place
}

// span is the cells of a row that may lie within reach.
type span struct{ firstCol, cols, at int }

// place is a cell's centre seen from the radar: clockwise from north, and along the ground.
type place struct{ azimuthDeg, groundM float32 }

// row gives the cells of a row that may lie within reach.
func (g *ground) row(i int) span {
	if i -= g.firstRow; i < 0 || i >= len(g.spans) {
		return span{}
	}
	return g.spans[i]
}

func (g *ground) bytes() int { return 8*len(g.places) + 24*len(g.spans) }

// newGround works out the cells within reach of a radar.
func newGround(site radar.Site, d grid.Domain, reachM float64) *ground {
	reachDeg := reachM / leastMPerDeg
	top, _ := d.Cell(site.LatitudeDeg+reachDeg, 0)
	bottom, _ := d.Cell(site.LatitudeDeg-reachDeg, 0)
	first, end := max(0, int(math.Floor(top))), min(d.Rows, int(math.Ceil(bottom))+1)
	g := &ground{firstRow: first}
	for row := first; row < end; row++ {
		s := g.span(site, d, row, reachDeg)
		s.at = len(g.places)
		g.spans = append(g.spans, s)
		g.places = append(g.places, make([]place, s.cols)...)
	}
	east := make([]sinCos, d.Cols)
	for col := range east {
		_, lon := d.Position(0, float64(col))
		east[col].sin, east[col].cos = math.Sincos((lon - site.LongitudeDeg) * math.Pi / 180)
	}
	antenna := newSurface(site.LatitudeDeg)
	grid.Bands(len(g.spans), func(from, to int) {
		for i := from; i < to; i++ {
			lat, _ := d.Position(float64(first+i), 0)
			row, s := newSurface(lat), g.spans[i]
			for k := range s.cols {
				g.places[s.at+k] = antenna.toward(row, east[s.firstCol+k])
			}
		}
	})
	return g
}

// span gives the columns of a row within reach. By the spherical law of cosines.
func (g *ground) span(site radar.Site, d grid.Domain, row int, reachDeg float64) span {
	lat, _ := d.Position(float64(row), 0)
	sin, cos := math.Sincos(lat * math.Pi / 180)
	sinRadar, cosRadar := math.Sincos(site.LatitudeDeg * math.Pi / 180)
	turn := (math.Cos(reachDeg*math.Pi/180) - sin*sinRadar) / math.Max(cos*cosRadar, 1e-9)
	half := math.Acos(math.Max(-1, math.Min(1, turn))) * 180 / math.Pi
	if !(half <= 90) || d.EastDeg()-d.WestDeg > 180 {
		return span{0, d.Cols, 0}
	}
	middle := (d.WestDeg + d.EastDeg()) / 2
	_, west := d.Cell(0, middle+math.Remainder(site.LongitudeDeg-middle, 360)-half)
	first := max(0, int(math.Floor(west)))
	end := min(d.Cols, int(math.Ceil(west+2*half/d.LonSpacingDeg))+1)
	if first >= end {
		return span{}
	}
	return span{first, end - first, 0}
}

type sinCos struct{ sin, cos float64 }

// surface is a parallel of the ellipsoid, in metres from the earth's axis and from the equator's plane.
type surface struct {
	sinCos          // of its latitude
	axisM, equatorM float64
	radiusM         float64 // mean radius of curvature
}

func newSurface(latDeg float64) surface {
	sin, cos := math.Sincos(latDeg * math.Pi / 180)
	w := math.Sqrt(1 - eccentricity2*sin*sin)
	n := semiMajorM / w
	return surface{sinCos{sin, cos}, n * cos, n * (1 - eccentricity2) * sin, semiMajorM * math.Sqrt(1-eccentricity2) / (w * w)}
}

// toward gives where a point of another parallel, so far to the east, is seen: the direction in the horizon's plane, and
// the chord bent to the ellipsoid. It errs by less than a metre and 0.0003° within 500 km.
func (s surface) toward(to surface, east sinCos) place {
	x, y, z := to.axisM*east.cos-s.axisM, to.axisM*east.sin, to.equatorM-s.equatorM
	chord2 := x*x + y*y + z*z
	azimuth := math.Atan2(y, s.cos*z-s.sin*x) * 180 / math.Pi
	if azimuth < 0 {
		azimuth += 360
	}
	return place{float32(azimuth), float32(math.Sqrt(chord2) * (1 + chord2/(24*s.radiusM*s.radiusM)))}
}
