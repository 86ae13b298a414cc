package quality

import (
	"math"

	"bowecho/internal/radar"
)

// view is a sweep with all that helps to judge its reflectivity, and the judgement. Rows of other moments are given on
// the gates of the reflectivity.
type view struct {
	format   string
	sweep    *radar.Sweep
	rays     int
	gates    radar.Gates
	z        []float32
	codes    []Code
	spans    []span    // of each ray
	logDB    []float32 // 20 log10 of each gate's range in km
	rho      strip
	zdr      strip
	phi      strip
	snr      strip
	ncp      strip
	flag     strip
	speed    strip // radial velocity, of this sweep or of the second half of its split cut
	width    strip
	nyquist  float32 // of speed, m/s; 0 where unknown
	above    strip   // reflectivity of the next sweep above
	aboveDeg float64 // its elevation
	again    []strip // reflectivity of other looks near the same height
}

// strip is a moment of this or another sweep, row by row on the gates of the reflectivity.
type strip struct {
	values []float32 // nil: there is none
	count  int       // gates of a ray
	shift  int       // gate of values at gate 0
	step   float64   // gates of values for a gate; 1 where they lie alike
	rays   []int32   // the ray nearest in azimuth, -1 where none is near; nil: the same ray
}

// newView looks around a sweep of a scan.
func newView(scan *radar.Scan, index int, earlier []*radar.Scan) *view {
	s := &scan.Sweeps[index]
	z := s.Moment(radar.DBZH)
	v := &view{
		format: scan.Format, sweep: s, rays: len(s.Rays), gates: z.Gates, z: z.Values, codes: make([]Code, len(z.Values)), spans: make([]span, len(s.Rays)),
		logDB: make([]float32, z.Gates.Count),
	}
	for g := range v.logDB {
		v.logDB[g] = float32(20 * math.Log10(math.Max(z.Gates.CentreM(g), z.Gates.SpacingM)/1000))
	}
	v.rho, v.zdr, v.phi = v.own(radar.RHOHV), v.own(radar.ZDR), v.own(radar.PHIDP)
	v.snr, v.ncp, v.flag = v.own(radar.SNRH), v.own(radar.NCP), v.own(flags)
	v.speed, v.width, v.nyquist = v.own(radar.VRADH), v.own(radar.WRADH), float32(s.NyquistMS)
	if !measured(v.snr.values) {
		v.snr.values = nil
	}
	v.lookAround(scan, index)
	v.lookBack(earlier)
	return v
}

// own gives a moment of the sweep itself.
func (v *view) own(name string) strip { return v.other(v.sweep, name, nil) }

// other gives a moment of another sweep of the same radar, none where it is missing or malformed.
func (v *view) other(s *radar.Sweep, name string, rays []int32) strip {
	m := s.Moment(name)
	if m == nil || m.Gates.Count == 0 || !(m.Gates.SpacingM > 0) || len(m.Values) != len(s.Rays)*m.Gates.Count {
		return strip{}
	}
	start := math.Round((v.gates.CentreM(0) - m.Gates.CentreM(0)) / m.Gates.SpacingM)
	if !(math.Abs(start) < 1e6) {
		return strip{}
	}
	return strip{values: m.Values, count: m.Gates.Count, shift: int(start), step: v.gates.SpacingM / m.Gates.SpacingM, rays: rays}
}

// lookAround finds the other half of a split cut and the sweep above.
func (v *view) lookAround(scan *radar.Scan, index int) {
	nearest := math.Inf(1)
	for i := range scan.Sweeps {
		s := &scan.Sweeps[i]
		rise := s.ElevationDeg - v.sweep.ElevationDeg
		if i == index || s.Vertical || v.sweep.Vertical || len(s.Rays) == 0 || !(math.Abs(rise) < highestRiseDeg) {
			continue
		}
		rays := nearestRays(v.sweep.Rays, s.Rays)
		if math.Abs(rise) < sameBeamDeg {
			v.again = append(v.again, v.other(s, radar.DBZH, rays))
			if i == index-1 || i == index+1 {
				v.borrow(s, rays)
			}
			continue
		}
		if rise > sameBeamDeg && rise < nearest && s.Moment(radar.DBZH) != nil {
			nearest, v.above, v.aboveDeg = rise, v.other(s, radar.DBZH, rays), s.ElevationDeg
		}
	}
}

// borrow takes what only the other half of a split cut has: the first has the polarizations, the second the velocity.
func (v *view) borrow(half *radar.Sweep, rays []int32) {
	if v.speed.values == nil && half.Moment(radar.VRADH) != nil {
		v.speed, v.width, v.nyquist = v.other(half, radar.VRADH, rays), v.other(half, radar.WRADH, rays), float32(half.NyquistMS)
	}
	if v.rho.values == nil && half.Moment(radar.RHOHV) != nil {
		v.rho, v.zdr, v.phi = v.other(half, radar.RHOHV, rays), v.other(half, radar.ZDR, rays), v.other(half, radar.PHIDP, rays)
	}
}

// lookBack adds the sweeps of earlier scans at the same elevation.
func (v *view) lookBack(earlier []*radar.Scan) {
	for _, scan := range earlier {
		for i := range scan.Sweeps {
			s := &scan.Sweeps[i]
			if !s.Vertical && len(s.Rays) > 0 && math.Abs(s.ElevationDeg-v.sweep.ElevationDeg) < sameBeamDeg {
				v.again = append(v.again, v.other(s, radar.DBZH, nearestRays(v.sweep.Rays, s.Rays)))
			}
		}
	}
}

// Sweeps that differ by less than sameBeamDeg look at the same place; one more than highestRiseDeg above sees other weather.
const (
	sameBeamDeg    = 0.25
	highestRiseDeg = 2.5
)

// row gives a ray's values on the gates of the reflectivity, good between two of them, NaN where there is none; nil without
// the moment. It may lie in spare, which is as long as a ray.
func (s strip) row(ray, from, to int, spare []float32) []float32 {
	if s.values == nil {
		return nil
	}
	if s.rays != nil {
		ray = int(s.rays[ray])
	}
	if ray >= 0 && s.step == 1 && s.shift == 0 && to <= s.count {
		return s.values[ray*s.count : (ray+1)*s.count]
	}
	for g := from; g < to; g++ {
		spare[g] = s.at(ray, g)
	}
	return spare
}

// at gives the value at a gate of the reflectivity, of the strip's own ray.
func (s strip) at(ray, gate int) float32 {
	g := s.shift + int(float64(gate)*s.step+0.5)
	if ray < 0 || g < 0 || g >= s.count {
		return radar.NoDataValue
	}
	return s.values[ray*s.count+g]
}

// measured tells whether a signal-to-noise ratio was measured: a constant one is a placeholder.
func measured(values []float32) bool {
	first, found := float32(0), false
	for _, v := range values {
		if !valid(v) {
			continue
		}
		if found && v != first {
			return true
		}
		first, found = v, true
	}
	return false
}

// valid is radar.StatusOf(v) == radar.Valid, in one comparison.
func valid(v float32) bool { return v-v == 0 }
