package match

import "math"

// WGS84, NIMA TR8350.2: the equator's radius in metres, and the flattening.
const (
	equatorM   = 6378137.0
	flattening = 1 / 298.257223563
	eccentric2 = flattening * (2 - flattening) // the eccentricity, squared
)

const degree = math.Pi / 180

// vector is a position in metres from the earth's centre: towards 0°N 0°E, 0°N 90°E and the north pole.
type vector [3]float64

func (v vector) minus(w vector) vector { return vector{v[0] - w[0], v[1] - w[1], v[2] - w[2]} }
func (v vector) dot(w vector) float64  { return v[0]*w[0] + v[1]*w[1] + v[2]*w[2] }
func (v vector) length() float64       { return math.Sqrt(v.dot(v)) }

// onEllipsoid gives where a longitude and latitude in degrees are.
func onEllipsoid(lonDeg, latDeg float64) vector {
	sinLon, cosLon := math.Sincos(lonDeg * degree)
	sinLat, cosLat := math.Sincos(latDeg * degree)
	across := equatorM / math.Sqrt(1-eccentric2*sinLat*sinLat)
	return vector{across * cosLat * cosLon, across * cosLat * sinLon, across * (1 - eccentric2) * sinLat}
}

// station looks around from a place: it lays what lies within some hundred kilometres on the plane that touches the
// ellipsoid there. Seen on that plane a distance is too short, by 4e-5 at 100 km; alongGround makes up for it. There is
// no singular place on the globe.
type station struct {
	lonDeg, latDeg float64
	at             vector
	east, north    vector
	radiusM        float64 // of the sphere that fits best here
}

func newStation(lonDeg, latDeg float64) station {
	sinLon, cosLon := math.Sincos(lonDeg * degree)
	sinLat, cosLat := math.Sincos(latDeg * degree)
	return station{
		lonDeg: lonDeg, latDeg: latDeg,
		at:      onEllipsoid(lonDeg, latDeg),
		east:    vector{-sinLon, cosLon, 0},
		north:   vector{-sinLat * cosLon, -sinLat * sinLon, cosLat},
		radiusM: equatorM * math.Sqrt(1-eccentric2) / (1 - eccentric2*sinLat*sinLat),
	}
}

// onPlane gives metres east and north.
func (s *station) onPlane(v vector) (x, y float64) {
	d := v.minus(s.at)
	return d.dot(s.east), d.dot(s.north)
}

// alongGround gives the distance over ground in metres of what is seen at a distance on the plane.
func (s *station) alongGround(onPlaneM float64) float64 {
	return s.radiusM * math.Asin(min(onPlaneM/s.radiusM, 1))
}

// compass gives the point of the compass of a direction.
func compass(east, north float64) string {
	points := [...]string{"N", "NE", "E", "SE", "S", "SW", "W", "NW"}
	eighth := math.Round(math.Atan2(east, north) / (math.Pi / 4))
	return points[(int(eighth)+8)%8]
}
