package match

import (
	"math"
	"testing"

	"bowecho/internal/vincenty"
)

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
				want, _ := vincenty.Inverse(-97, latDeg, lon, lat)
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
