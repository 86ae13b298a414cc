package casa

import (
	"fmt"
	"math"
	"time"

	"bowecho/ingest/classic"
	"bowecho/internal/radar"
)

// sweepRays is what the variables with one value a ray say.
type sweepRays struct {
	rays         []radar.Ray
	gates        radar.Gates // all but the count
	start, end   time.Time
	elevationDeg float64 // the mean
	nyquistMS    float64
}

// millimetres is the unit of GateWidth and StartRange.
const millimetres = 1e-3

func readRays(f *classic.File, count int) (s sweepRays, err error) {
	perRay := map[string][]float64{}
	for _, name := range []string{"Azimuth", "Elevation", "GateWidth", "StartRange", "Time"} {
		if perRay[name], err = rayValues(f, name, count); err != nil {
			return s, err
		}
	}
	s.rays = make([]radar.Ray, count)
	for i := range s.rays {
		az, el := perRay["Azimuth"][i], perRay["Elevation"][i]
		if !(az >= -360 && az <= 720) || !(el >= -10 && el <= 100) {
			return s, fmt.Errorf("ray %d looks to azimuth %g°, elevation %g°, which no antenna does", i, az, el)
		}
		s.rays[i] = radar.Ray{AzimuthDeg: float32(math.Mod(az+360, 360)), ElevationDeg: float32(el)}
		s.elevationDeg += el / float64(count)
	}
	width, start := perRay["GateWidth"][0]*millimetres, perRay["StartRange"][0]*millimetres
	if !(width > 0 && width < 1e5) || !(start >= -1e4 && start < 1e6) {
		return s, fmt.Errorf("gates of %g m from %g m, which no radar has", width, start)
	}
	s.gates = radar.Gates{FirstM: start, OffsetM: width / 2, SpacingM: width}
	return s, s.readTimes(f, perRay["Time"], count)
}

// readTimes takes the first and the last of the rays' times, and the Nyquist velocity, an attribute or a value a ray.
func (s *sweepRays) readTimes(f *classic.File, times []float64, count int) error {
	first, last := times[0], times[0]
	for _, t := range times {
		first, last = min(first, t), max(last, t)
	}
	if !(first > 0 && last < 1<<33) {
		return fmt.Errorf("rays of %g to %g seconds since 1970, which is no time of a radar", first, last)
	}
	s.start, s.end = unix(first), unix(last)
	if n := global(f, "Nyquist"); n > 0 {
		s.nyquistMS = n
	} else if f.Variable("Nyquist") != nil {
		perRay, err := rayValues(f, "Nyquist", count)
		if err != nil {
			return err
		}
		s.nyquistMS = max(perRay[0], 0)
	}
	return nil
}

func rayValues(f *classic.File, name string, count int) ([]float64, error) {
	v := f.Variable(name)
	if v == nil {
		return nil, fmt.Errorf("no variable %s; is it a product instead of a sweep?", name)
	}
	if shape := f.Shape(v); len(shape) != 1 || shape[0] != int64(count) {
		return nil, fmt.Errorf("%s has shape %v, want the %d rays", name, shape, count)
	}
	return f.Float64s(v)
}
