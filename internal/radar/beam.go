package radar

import "math"

// EarthRadiusM is the mean radius of the earth in metres.
const EarthRadiusM = 6371000.0

// effectiveRadiusM bends the earth instead of the beam. Source: Doviak and Zrnić 1993,
// Doppler Radar and Weather Observations, eq. 2.28: 4/3 of the earth's radius in a standard atmosphere.
const effectiveRadiusM = EarthRadiusM * 4 / 3

// AboveRadarM gives the height in metres of a beam's centre above its antenna at a slant range.
// Source: Doviak and Zrnić 1993, eq. 2.28b.
func AboveRadarM(rangeM, elevationDeg float64) float64 {
	sin := math.Sin(elevationDeg * math.Pi / 180)
	return math.Sqrt(rangeM*rangeM+effectiveRadiusM*effectiveRadiusM+2*rangeM*effectiveRadiusM*sin) - effectiveRadiusM
}

// GroundRangeM gives the distance in metres along the ground below a beam at a slant range.
// Source: Doviak and Zrnić 1993, eq. 2.28c.
func GroundRangeM(rangeM, elevationDeg float64) float64 {
	cos := math.Cos(elevationDeg * math.Pi / 180)
	return effectiveRadiusM * math.Asin(rangeM*cos/(effectiveRadiusM+AboveRadarM(rangeM, elevationDeg)))
}

// SlantRangeM gives the range in metres at which a beam stands above a point at a ground distance:
// the inverse of GroundRangeM. NaN beyond the horizon of the beam.
func SlantRangeM(groundM, elevationDeg float64) float64 {
	e := elevationDeg * math.Pi / 180
	s := groundM / effectiveRadiusM
	if s+e >= math.Pi/2 {
		return math.NaN()
	}
	return effectiveRadiusM * math.Sin(s) / math.Cos(s+e)
}
