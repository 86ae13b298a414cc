package match

import (
	"math"
	"testing"
)

// vincenty gives the geodesic distance in metres and the azimuth in degrees from one position to another.
// Source: Vincenty 1975, Survey Review 23 (176), 88-93, the inverse formula.
func vincenty(lon1, lat1, lon2, lat2 float64) (distanceM, azimuthDeg float64) {
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

// TestVincenty holds the reference itself against a line that was surveyed: Flinders Peak to Buninyong, 54972.271 m at
// 306°52'05.37" (Geoscience Australia, Geodetic Calculations, GDA94; its ellipsoid differs from WGS84 by 0.1 mm).
func TestVincenty(t *testing.T) {
	dms := func(d, m, s float64) float64 { return d + m/60 + s/3600 }
	distanceM, azimuth := vincenty(dms(144, 25, 29.52440), -dms(37, 57, 3.72030), dms(143, 55, 35.38390), -dms(37, 39, 10.15610))
	if math.Abs(distanceM-54972.271) > 0.002 || math.Abs(azimuth+360-dms(306, 52, 5.37)) > 1e-5 {
		t.Errorf("%.3f m at %.6f°, want 54972.271 m at %.6f°", distanceM, azimuth+360, dms(306, 52, 5.37))
	}
}

// TestDistanceOverGround holds the plane against the geodesic, in all directions.
func TestDistanceOverGround(t *testing.T) {
	for _, latDeg := range []float64{0, 32.8, 45, -60, 75, 89.5, -90} {
		s := newStation(-97, latDeg)
		worst100, worst500 := 0.0, 0.0
		for lon := -180.0; lon < 180; lon += 0.37 {
			for d := -4.4; d <= 4.4; d += 0.2 {
				lat := latDeg + d
				if math.Abs(lat) > 90 {
					continue
				}
				want, _ := vincenty(-97, latDeg, lon, lat)
				if !(want > 1000 && want < 500e3) {
					continue
				}
				x, y := s.onPlane(onEllipsoid(lon, lat))
				off := math.Abs(s.alongGround(math.Hypot(x, y))/want - 1)
				worst500 = max(worst500, off)
				if want < 100e3 {
					worst100 = max(worst100, off)
				}
			}
		}
		t.Logf("at %g°: off by up to %.2g within 100 km, %.2g within 500 km", latDeg, worst100, worst500)
		if worst100 == 0 || worst100 > 1e-5 || worst500 > 3e-4 {
			t.Errorf("at %g°: off by %.2g within 100 km and %.2g within 500 km, want at most 1e-5 and 3e-4", latDeg, worst100, worst500)
		}
	}
}

func TestCompass(t *testing.T) {
	for want, d := range map[string][2]float64{
		"N": {0, 1}, "NE": {1, 1}, "E": {1, 0}, "SE": {1, -1}, "S": {-0.1, -1}, "SW": {-1, -1}, "W": {-1, 0.3}, "NW": {-1, 0.5},
	} {
		if got := compass(d[0], d[1]); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
