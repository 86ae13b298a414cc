// Package vincenty is a reference for tests: distances and directions on the WGS84 ellipsoid to less than a millimetre.
package vincenty

import "math"

// WGS84. Source: NIMA 2000, Technical Report 8350.2, table 3.1.
const (
	equatorM   = 6378137.0
	flattening = 1 / 298.257223563
	degree     = math.Pi / 180
)

// Inverse gives the geodesic distance in metres and the azimuth in degrees from one position to another.
// Source: Vincenty 1975, Survey Review 23 (176), 88-93, the inverse formula.
func Inverse(lon1, lat1, lon2, lat2 float64) (distanceM, azimuthDeg float64) {
	const f = flattening
	b := equatorM * (1 - f)
	difference := (lon2 - lon1) * degree
	sinU1, cosU1 := math.Sincos(math.Atan((1 - f) * math.Tan(lat1*degree)))
	sinU2, cosU2 := math.Sincos(math.Atan((1 - f) * math.Tan(lat2*degree)))
	lambda := difference
	for range 200 {
		sinL, cosL := math.Sincos(lambda)
		sinSigma := math.Hypot(cosU2*sinL, cosU1*sinU2-sinU1*cosU2*cosL)
		if sinSigma == 0 {
			return 0, 0
		}
		cosSigma := sinU1*sinU2 + cosU1*cosU2*cosL
		sigma := math.Atan2(sinSigma, cosSigma)
		sinAlpha := cosU1 * cosU2 * sinL / sinSigma
		cos2Alpha := 1 - sinAlpha*sinAlpha
		cos2M := 0.0
		if cos2Alpha != 0 {
			cos2M = cosSigma - 2*sinU1*sinU2/cos2Alpha
		}
		c := f / 16 * cos2Alpha * (4 + f*(4-3*cos2Alpha))
		before := lambda
		lambda = difference + (1-c)*f*sinAlpha*(sigma+c*sinSigma*(cos2M+c*cosSigma*(2*cos2M*cos2M-1)))
		if math.Abs(lambda-before) > 1e-12 {
			continue
		}
		u2 := cos2Alpha * (equatorM*equatorM - b*b) / (b * b)
		bigA := 1 + u2/16384*(4096+u2*(-768+u2*(320-175*u2)))
		bigB := u2 / 1024 * (256 + u2*(-128+u2*(74-47*u2)))
		rest := bigB * sinSigma * (cos2M + bigB/4*(cosSigma*(2*cos2M*cos2M-1)-
			bigB/6*cos2M*(4*sinSigma*sinSigma-3)*(4*cos2M*cos2M-3)))
		return b * bigA * (sigma - rest), math.Atan2(cosU2*sinL, cosU1*sinU2-sinU1*cosU2*cosL) / degree
	}
	return math.NaN(), math.NaN()
}
