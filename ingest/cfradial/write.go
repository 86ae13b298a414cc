package cfradial

import (
	"fmt"
	"math"
	"slices"
	"time"

	"bowecho/internal/ncfile"
	"bowecho/internal/radar"
)

// fillValue is what is written where a gate holds no measurement: CfRadial knows only one reason for that.
const fillValue = float32(-9999)

// Write writes any scan as CfRadial 1.4 in NetCDF-4, which Py-ART, LROSE and ncdump read. Values are written as they
// are, on one range axis; it is an error where the gates of the moments do not nest. That a gate was below threshold
// or range folded is lost.
func Write(path string, scan *radar.Scan) error {
	axis, err := commonAxis(scan)
	if err != nil {
		return fmt.Errorf("write %s: scan of %s: %w", path, scan.Site.Name, err)
	}
	rays := 0
	for _, s := range scan.Sweeps {
		rays += len(s.Rays)
	}
	if rays == 0 || axis.Count > maxGates/rays {
		return fmt.Errorf("write %s: scan of %s has %d rays × %d gates, want 1 to %d in all", path, scan.Site.Name, rays, axis.Count, maxGates)
	}
	c := &ncfile.Content{
		Dimensions: []ncfile.Dimension{
			{Name: "time", Length: rays}, {Name: "range", Length: axis.Count}, {Name: "sweep", Length: len(scan.Sweeps)}, {Name: "string_length", Length: textLength},
		},
		Attributes: attributes(
			"Conventions", "CF/Radial instrument_parameters radar_parameters", "version", "1.4", "title", "Radar scan of "+scan.Site.Name,
			"source", scan.Format+" file", "history", "converted by bowecho",
			"instrument_name", scan.Site.Name, "platform_is_mobile", "false", "n_gates_vary", "false",
		),
	}
	c.Variables = slices.Concat(ofVolume(scan), ofSweeps(scan), ofRays(scan, axis), ofGates(scan, axis, rays))
	for i, v := range c.Variables {
		if slices.ContainsFunc(c.Variables[:i], func(w ncfile.Variable) bool { return w.Name == v.Name }) {
			return fmt.Errorf("write %s: a moment is called %s, which CfRadial uses for something else", path, v.Name)
		}
	}
	return ncfile.Write(path, c)
}

// textLength is that of a text variable.
const textLength = 32

// attributes makes attributes of names and values in turn.
func attributes(pairs ...any) (list []ncfile.Attribute) {
	for i := 0; i+1 < len(pairs); i += 2 {
		list = append(list, ncfile.Attribute{Name: pairs[i].(string), Value: pairs[i+1]})
	}
	return list
}

func texts(list ...string) []byte {
	out := make([]byte, 0, textLength*len(list))
	for _, s := range list {
		row := make([]byte, textLength)
		copy(row, s)
		out = append(out, row...)
	}
	return out
}

func ofVolume(scan *radar.Scan) []ncfile.Variable {
	text := func(name string, t time.Time) ncfile.Variable {
		return ncfile.Variable{Name: name, Dimensions: []string{"string_length"}, Values: texts(t.UTC().Format(time.RFC3339))}
	}
	scalar := func(name, units string, value float64, more ...any) ncfile.Variable {
		return ncfile.Variable{Name: name, Values: []float64{value}, Attributes: append(attributes("units", units), attributes(more...)...)}
	}
	list := []ncfile.Variable{
		{Name: "volume_number", Values: []int32{0}},
		text("time_coverage_start", scan.Start), text("time_coverage_end", scan.End),
		scalar("latitude", "degrees_north", scan.Site.LatitudeDeg, "standard_name", "latitude"),
		scalar("longitude", "degrees_east", scan.Site.LongitudeDeg, "standard_name", "longitude"),
		scalar("altitude", "meters", scan.Site.HeightM, "standard_name", "altitude", "positive", "up"),
	}
	if scan.BeamWidthDeg > 0 {
		list = append(list, scalar("radar_beam_width_h", "degrees", scan.BeamWidthDeg, "meta_group", "radar_parameters"))
	}
	return list
}

func ofSweeps(scan *radar.Scan) []ncfile.Variable {
	var numbers, starts, ends []int32
	var angles []float64
	var modes []string
	rays := 0
	for i, s := range scan.Sweeps {
		mode := "azimuth_surveillance"
		if s.Vertical {
			mode = "rhi"
		}
		numbers, modes, angles = append(numbers, int32(i)), append(modes, mode), append(angles, s.ElevationDeg)
		starts, ends = append(starts, int32(rays)), append(ends, int32(rays+len(s.Rays)-1))
		rays += len(s.Rays)
	}
	on := []string{"sweep"}
	return []ncfile.Variable{
		{Name: "sweep_number", Dimensions: on, Values: numbers},
		{Name: "sweep_mode", Dimensions: []string{"sweep", "string_length"}, Values: texts(modes...)},
		{Name: "fixed_angle", Dimensions: on, Values: angles, Attributes: attributes("units", "degrees")},
		{Name: "sweep_start_ray_index", Dimensions: on, Values: starts},
		{Name: "sweep_end_ray_index", Dimensions: on, Values: ends},
	}
}

// ofRays gives what has a value for each ray. A scan knows when its sweeps began, and the rays are spread evenly.
func ofRays(scan *radar.Scan, axis radar.Gates) []ncfile.Variable {
	var times, azimuths, elevations, nyquists []float64
	epoch := scan.Start.UTC().Truncate(time.Second)
	for i, s := range scan.Sweeps {
		start, end := spanOf(scan, i)
		step := end.Sub(start).Seconds() / float64(max(len(s.Rays), 1))
		for r, ray := range s.Rays {
			times = append(times, start.Sub(epoch).Seconds()+float64(r)*step)
			azimuths, elevations = append(azimuths, float64(ray.AzimuthDeg)), append(elevations, float64(ray.ElevationDeg))
			nyquists = append(nyquists, s.NyquistMS)
		}
	}
	ranges := make([]float64, axis.Count)
	for i := range ranges {
		ranges[i] = axis.CentreM(i)
	}
	on := []string{"time"}
	return []ncfile.Variable{
		{Name: "time", Dimensions: on, Values: times, Attributes: attributes("units", "seconds since "+epoch.Format(time.RFC3339), "standard_name", "time", "calendar", "gregorian")},
		{Name: "range", Dimensions: []string{"range"}, Values: ranges, Attributes: attributes("units", "meters", "standard_name", "projection_range_coordinate", "axis", "radial_range_coordinate",
			"spacing_is_constant", "true", "meters_to_center_of_first_gate", axis.FirstM, "meters_between_gates", axis.SpacingM)},
		{Name: "azimuth", Dimensions: on, Values: azimuths, Attributes: attributes("units", "degrees", "standard_name", "beam_azimuth_angle", "axis", "radial_azimuth_coordinate")},
		{Name: "elevation", Dimensions: on, Values: elevations, Attributes: attributes("units", "degrees", "standard_name", "beam_elevation_angle", "axis", "radial_elevation_coordinate")},
		{Name: "nyquist_velocity", Dimensions: on, Values: nyquists, Attributes: attributes("units", "meters_per_second", "meta_group", "instrument_parameters")},
	}
}

// spanOf gives when a sweep began, and when the next in time did or the scan ended.
func spanOf(scan *radar.Scan, sweep int) (start, end time.Time) {
	start, end = scan.Sweeps[sweep].Start, scan.End
	if start.IsZero() {
		start = scan.Start
	}
	for _, s := range scan.Sweeps {
		if s.Start.After(start) && s.Start.Before(end) {
			end = s.Start
		}
	}
	if end.Before(start) {
		end = start
	}
	return start, end
}

// ofGates gives the moments, each of which may be in some sweeps only.
func ofGates(scan *radar.Scan, axis radar.Gates, rays int) (list []ncfile.Variable) {
	standard := map[string]string{}
	for _, m := range moments {
		standard[m.name] = m.standard
	}
	var known []string
	each(scan, func(_ int, m *radar.Moment) {
		if slices.Contains(known, m.Name) {
			return
		}
		known = append(known, m.Name)
		list = append(list, ncfile.Variable{
			Name: m.Name, Dimensions: []string{"time", "range"}, Values: func() []float32 { return onAxis(scan, m.Name, axis, rays) },
			Attributes: attributes("units", m.Units, "standard_name", standard[m.Name], "_FillValue", fillValue, "coordinates", "elevation azimuth range"),
		})
	})
	return list
}

// onAxis lays a moment's values on the file's rays and gates.
func onAxis(scan *radar.Scan, name string, axis radar.Gates, rays int) []float32 {
	out := slices.Repeat([]float32{fillValue}, rays*axis.Count)
	first := 0
	for i := range scan.Sweeps {
		s := &scan.Sweeps[i]
		if m := s.Moment(name); m != nil {
			f, _ := fitTo(axis, m.Gates)
			for r := range s.Rays {
				row := out[(first+r)*axis.Count:]
				for g, v := range m.Ray(r) {
					for k := range f.repeat {
						if math.Abs(float64(v)) <= math.MaxFloat32 {
							row[f.shift+g*f.repeat+k] = v
						}
					}
				}
			}
		}
		first += len(s.Rays)
	}
	return out
}
