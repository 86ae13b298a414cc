package cfradial

import (
	"fmt"
	"math"
	"slices"

	"bowecho/internal/radar"
)

// Values that stand for nothing where a variable does not say which does: netCDF's own for floats, shorts and ints.
var defaultFills = []float64{9.969209968386869e36, -32767, -2147483647}

// maxPadding is how many times more values a ragged moment may need when all rays of a sweep are made equally long.
const maxPadding = 100

// unpacked gives a variable's values: fill as NaN, and scaled.
func unpacked(f file, name string) ([]float64, error) {
	values, err := f.numbers(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	fills := slices.Concat(f.number(name, "_FillValue"), f.number(name, "missing_value"))
	if len(fills) == 0 {
		fills = defaultFills
	}
	scale, offset := 1.0, 0.0
	if s := f.number(name, "scale_factor"); len(s) > 0 {
		scale = s[0]
	}
	if o := f.number(name, "add_offset"); len(o) > 0 {
		offset = o[0]
	}
	for i, raw := range values {
		if raw-raw != 0 || slices.ContainsFunc(fills, func(fill float64) bool { return float32(raw) == float32(fill) }) {
			values[i] = math.NaN()
			continue
		}
		values[i] = raw*scale + offset
	}
	return values, nil
}

// readMoments reads every variable that has a value for each gate, and names it.
func (v *volume) readMoments() error {
	var found []string
	for _, name := range v.file.names() {
		if v.isMoment(name) {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return fmt.Errorf("no variable has a value for each of %d rays × %d gates; there are %v", len(v.rays), v.axis.Count, some(v.file.names()))
	}
	known := named(v.file, found)
	var read []string
	values := 0
	for _, name := range found {
		size := v.size(name)
		if values += size; values > maxGates {
			return fmt.Errorf("more than %d values in the file, which no volume has", maxGates)
		}
		if held := v.file.shape(name)[0]; len(v.file.shape(name)) == 1 && size > maxPadding*held {
			return fmt.Errorf("%s holds %d values and its rays would need %d: the rays' numbers of gates cannot be true", name, held, size)
		}
		if err := v.readMoment(name, known[name]); err != nil {
			v.scan.Flaws = append(v.scan.Flaws, err.Error())
			continue
		}
		read = append(read, name)
	}
	if len(read) == 0 {
		return fmt.Errorf("none of the moments %v can be read: %s", found, v.scan.Flaws[0])
	}
	return nil
}

// size gives how many values of a moment are kept.
func (v *volume) size(name string) int {
	if len(v.file.shape(name)) == 2 {
		return len(v.rays) * v.axis.Count
	}
	n := 0
	for _, s := range v.sweeps {
		if gates, err := v.gatesOf(s); err == nil {
			n += s.rays() * gates.Count
		}
	}
	return n
}

func (v *volume) isMoment(name string) bool {
	shape := v.file.shape(name)
	switch {
	case len(shape) == 2:
		return shape[0] == len(v.rays) && shape[1] == v.axis.Count
	case len(shape) == 1 && v.ragged != nil:
		return shape[0] >= max(v.ragged.points, 1) && shape[0] != len(v.rays) && name != "range"
	default:
		return false
	}
}

// readMoment puts a variable's values to the sweeps.
func (v *volume) readMoment(variable string, as naming) error {
	values, err := unpacked(v.file, variable)
	if err != nil {
		return err
	}
	flat := len(v.file.shape(variable)) == 2
	for i, s := range v.sweeps {
		gates := v.axis
		if !flat {
			if gates, err = v.gatesOf(s); err != nil {
				return fmt.Errorf("%s: %w", variable, err)
			}
		}
		m := radar.Moment{Name: as.name, Units: as.units, Gates: gates, Values: make([]float32, s.rays()*gates.Count)}
		for ray := range s.rays() {
			from, count := (s.first+ray)*gates.Count, gates.Count
			if !flat {
				from, count = int(v.ragged.starts[s.first+ray]), int(v.ragged.counts[s.first+ray])
			}
			out := m.Ray(ray)
			for g := range out {
				out[g] = radar.NoDataValue
				if g < count {
					out[g] = float32(values[from+g])
				}
			}
		}
		v.scan.Sweeps[i].Moments = append(v.scan.Sweeps[i].Moments, m)
	}
	return nil
}
