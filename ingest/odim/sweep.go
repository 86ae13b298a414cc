package odim

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"bowecho/internal/radar"
)

// readSweep reads a dataset. A data group that cannot be read becomes a flaw of the volume.
func (v *volume) readSweep(at place) (*radar.Sweep, error) {
	if malfunctioning(at) {
		return nil, errors.New("the radar says that it malfunctioned; the sweep is left out")
	}
	s := &radar.Sweep{ElevationDeg: at.number("where", "elangle"), NyquistMS: at.positive("NI")}
	if !(s.ElevationDeg >= -10 && s.ElevationDeg <= 100) {
		return nil, fmt.Errorf("elangle is missing or %g°, which no antenna has", s.ElevationDeg)
	}
	s.Start, _ = at.time("start") // without one, the volume's time holds
	gates, err := v.gatesOf(at)
	if err != nil {
		return nil, err
	}
	for _, name := range numbered(at.file.Members(at.paths[0]), "data") {
		data := at.below(name)
		m, rays, err := v.readMoment(data, gates)
		if err == nil && len(s.Rays) == 0 {
			s.Rays, err = readRays(at, rays, s.ElevationDeg)
		}
		if err == nil && rays != len(s.Rays) {
			err = fmt.Errorf("%d rays, and its neighbour has %d", rays, len(s.Rays))
		}
		if err != nil {
			v.flaw("%s: %v", strings.TrimPrefix(data.paths[0], "/"), err)
			continue
		}
		if s.NyquistMS == 0 {
			s.NyquistMS = data.positive("NI")
		}
		m.Name = free(s, m.Name)
		s.Moments = append(s.Moments, *m)
	}
	nameMoments(s)
	return s, nil
}

// malfunctioning tells whether the radar itself says that the sweep should not be used: how/malfunc.
func malfunctioning(at place) bool {
	return strings.EqualFold(at.text("how", "malfunc"), "true")
}

// gatesOf gives the sweep's gates, all but their count. Up to version 2.3 rstart is in km, from 2.4 on in metres.
func (v *volume) gatesOf(at place) (radar.Gates, error) {
	unit := 1000.0
	if number, found := strings.CutPrefix(v.version, "ODIM_H5/V2_"); found {
		if minor, err := strconv.Atoi(number); err == nil && minor >= 4 {
			unit = 1
		}
	}
	width, start := at.number("where", "rscale"), unit*or(at.number("where", "rstart"), 0)
	if !(width > 0 && width < 1e5) || !(start >= -1e4 && start < 1e6) {
		return radar.Gates{}, fmt.Errorf("gates of %g m from %g m (rscale, rstart), which no radar has", width, start)
	}
	return radar.Gates{FirstM: start, OffsetM: width / 2, SpacingM: width}, nil
}

// readRays says where the antenna looked, as how gives it per ray, else in even steps clockwise from north. The first
// row is the ray that begins at north, also where another was radiated first (a1gate).
func readRays(at place, count int, elevationDeg float64) ([]radar.Ray, error) {
	azimuths := betweens(at.numbers("how", "startazA"), at.numbers("how", "stopazA"), count)
	if azimuths == nil {
		azimuths = pairs(at.text("how", "azangles"), count)
	}
	elevations := at.numbers("how", "elangles")
	if len(elevations) != count {
		elevations = betweens(at.numbers("how", "startelA"), at.numbers("how", "stopelA"), count)
	}
	step, from := 360/float64(count), or(at.number("how", "astart"), 0)
	rays := make([]radar.Ray, count)
	for i := range rays {
		az, el := from+(float64(i)+0.5)*step, elevationDeg
		if azimuths != nil {
			az = azimuths[i]
		}
		if elevations != nil {
			el = elevations[i]
		}
		if !(az >= -720 && az <= 720) || !(el >= -20 && el <= 200) {
			return nil, fmt.Errorf("ray %d looks to azimuth %g°, elevation %g°, which no antenna does", i, az, el)
		}
		rays[i] = radar.Ray{AzimuthDeg: float32(math.Mod(az+720, 360)), ElevationDeg: float32(el)}
	}
	return rays, nil
}

// betweens gives the middles of angles that a ray starts and stops at, nil where there are not as many as rays.
func betweens(starts, stops []float64, count int) []float64 {
	if len(starts) != count || len(stops) != count {
		return nil
	}
	out := make([]float64, count)
	for i := range out {
		out[i] = starts[i] + (math.Mod(stops[i]-starts[i]+540, 360)-180)/2
	}
	return out
}

// pairs reads the angles of version 2.0: "0:1,1:2,…".
func pairs(text string, count int) []float64 {
	var starts, stops []float64
	for _, pair := range strings.Split(strings.TrimRight(text, ", "), ",") {
		first, last, _ := strings.Cut(pair, ":")
		start, err := strconv.ParseFloat(strings.TrimSpace(first), 64)
		stop, err2 := strconv.ParseFloat(strings.TrimSpace(last), 64)
		if err != nil || err2 != nil {
			return nil
		}
		starts, stops = append(starts, start), append(stops, stop)
	}
	return betweens(starts, stops, count)
}
