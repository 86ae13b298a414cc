package vincenty

import (
	"math"
	"testing"
)

// TestSurveyedLine holds it against a line that was surveyed: Flinders Peak to Buninyong, 54972.271 m at
// 306°52'05.37" (Geoscience Australia, Geodetic Calculations, GDA94; its ellipsoid differs from WGS84 by 0.1 mm).
func TestSurveyedLine(t *testing.T) {
	dms := func(d, m, s float64) float64 { return d + m/60 + s/3600 }
	distanceM, azimuth := Inverse(dms(144, 25, 29.52440), -dms(37, 57, 3.72030), dms(143, 55, 35.38390), -dms(37, 39, 10.15610))
	if math.Abs(distanceM-54972.271) > 0.002 || math.Abs(azimuth+360-dms(306, 52, 5.37)) > 1e-5 {
		t.Errorf("%.3f m at %.6f°, want 54972.271 m at %.6f°", distanceM, azimuth+360, dms(306, 52, 5.37))
	}
}
