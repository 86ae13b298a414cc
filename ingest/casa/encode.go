package casa

import (
	"fmt"

	"bowecho/ingest/classic"
	"bowecho/internal/radar"
)

// missing is what is written where a gate holds no measurement.
const missing = -99900

// Encode writes the one sweep of a scan as CASA's radars do: CDF-1 with rays as records.
func Encode(scan *radar.Scan) ([]byte, error) {
	if len(scan.Sweeps) != 1 || scan.Sweeps[0].Moment(radar.DBZH) == nil {
		return nil, fmt.Errorf("scan of %s has %d sweeps, want one that has DBZH: CASA's files hold one", scan.Site.Name, len(scan.Sweeps))
	}
	sweep := &scan.Sweeps[0]
	gates := sweep.Moment(radar.DBZH).Gates
	w := &classic.Writer{
		Dimensions: []classic.Dimension{{Name: "Radial", Length: int64(len(sweep.Rays)), Record: true}, {Name: "Gate", Length: int64(gates.Count)}},
		Attributes: globals(scan),
	}
	addRays(w, scan, gates)
	for _, f := range fields {
		m := sweep.Moment(f.moment)
		if m == nil {
			continue
		}
		if m.Gates != gates {
			return nil, fmt.Errorf("%s has gates %+v and DBZH %+v: CASA's files have one geometry", m.Name, m.Gates, gates)
		}
		w.Variables = append(w.Variables, variable(f.variable, f.units, classic.Float, 0, 1))
		w.Values, w.Floats = append(w.Values, nil), append(w.Floats, withMissing(m.Values))
	}
	return w.Bytes()
}

// FileName gives the name under which CASA's radars send a scan.
func FileName(scan *radar.Scan) string {
	return scan.Site.Name + "-" + scan.Start.UTC().Format("20060102-150405") + ".netcdf"
}

func globals(scan *radar.Scan) []classic.Attribute {
	number := func(name string, v float64) classic.Attribute {
		return classic.Attribute{Name: name, Numbers: []float64{v}}
	}
	return []classic.Attribute{
		{Name: "Conventions", Text: "CASA"},
		{Name: "RadarName", Text: scan.Site.Name},
		number("Latitude", scan.Site.LatitudeDeg), number("Longitude", scan.Site.LongitudeDeg), number("Height", scan.Site.HeightM),
		number("ScanType", 2), number(beamWidths[0], scan.BeamWidthDeg),
	}
}

// addRays adds the variables with one value a ray. Times rise evenly from the scan's start to its end.
func addRays(w *classic.Writer, scan *radar.Scan, gates radar.Gates) {
	sweep := &scan.Sweeps[0]
	n := len(sweep.Rays)
	each := func(value func(i int) float64) []float64 {
		values := make([]float64, n)
		for i := range values {
			values[i] = value(i)
		}
		return values
	}
	took := scan.End.Sub(scan.Start).Seconds()
	for _, v := range []struct {
		name, units string
		kind        classic.Type
		values      []float64
	}{
		{"Azimuth", "Degrees", classic.Double, each(func(i int) float64 { return float64(sweep.Rays[i].AzimuthDeg) })},
		{"Elevation", "Degrees", classic.Double, each(func(i int) float64 { return float64(sweep.Rays[i].ElevationDeg) })},
		{"GateWidth", "Millimeters", classic.Double, each(func(int) float64 { return gates.SpacingM / millimetres })},
		{"StartRange", "Millimeters", classic.Double, each(func(int) float64 { return gates.FirstM / millimetres })},
		{"Time", "Seconds", classic.Int, each(func(i int) float64 {
			return float64(scan.Start.Unix()) + float64(int(took*float64(i)/float64(max(n-1, 1))))
		})},
		{"Nyquist", "MetersPerSecond", classic.Double, each(func(int) float64 { return sweep.NyquistMS })},
	} {
		w.Variables = append(w.Variables, variable(v.name, v.units, v.kind, 0))
		w.Values, w.Floats = append(w.Values, v.values), append(w.Floats, nil)
	}
}

func variable(name, units string, kind classic.Type, dimensions ...int) classic.Variable {
	return classic.Variable{
		Name: name, Type: kind, Dimensions: dimensions,
		Attributes: []classic.Attribute{{Name: "Units", Text: units}},
	}
}

// withMissing gives the values as the files hold them, which know only one kind of missing.
func withMissing(values []float32) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = missing
		if radar.StatusOf(v) == radar.Valid {
			out[i] = v
		}
	}
	return out
}
