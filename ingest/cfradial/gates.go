package cfradial

import (
	"fmt"
	"math"
	"strings"

	"bowecho/internal/radar"
)

// unevenAllowed is how far a gate may lie from where even spacing puts it, in parts of the spacing. Ranges are often
// rounded to a metre.
const unevenAllowed = 0.1

// ragged says where the rays' values lie in a file of which every ray has gates of its own number (n_gates_vary).
type ragged struct {
	starts, counts []float64
	points         int
}

// readGates reads the axis, and whether rays have fewer gates than it.
func (v *volume) readGates() error {
	shape := v.file.shape("range")
	if len(shape) != 1 || shape[0] < 1 || shape[0] > maxGates {
		return fmt.Errorf("range has shape %v, want one axis of 1 to %d gates for all rays", shape, maxGates)
	}
	ranges, err := unpacked(v.file, "range")
	if err != nil {
		return err
	}
	unit := 1.0
	if said := v.file.text("range", "units"); strings.HasPrefix(strings.ToLower(said), "k") {
		unit = 1000
	}
	n := len(ranges)
	v.axis = radar.Gates{Count: n, FirstM: ranges[0] * unit}
	if n > 1 {
		v.axis.SpacingM = (ranges[n-1] - ranges[0]) / float64(n-1) * unit
	} else if said := v.file.number("range", "meters_between_gates"); len(said) > 0 {
		v.axis.SpacingM = said[0]
	}
	if !(v.axis.SpacingM > 0 && v.axis.SpacingM < 1e5) || !(v.axis.FirstM > -1e4 && v.axis.FirstM < 1e6) {
		return fmt.Errorf("gates of %g m from %g m, which no radar has", v.axis.SpacingM, v.axis.FirstM)
	}
	for i, r := range ranges {
		if even := v.axis.CentreM(i); !(math.Abs(r*unit-even) <= unevenAllowed*v.axis.SpacingM) {
			return fmt.Errorf("gates are not evenly spaced: gate %d lies at %g m, even spacing of %g m puts it at %g m; resample the file to even gates",
				i, r*unit, v.axis.SpacingM, even)
		}
	}
	return v.readRagged()
}

func (v *volume) readRagged() error {
	starts, counts := v.perRay("ray_start_index"), v.perRay("ray_n_gates")
	if starts == nil || counts == nil {
		return nil
	}
	r := &ragged{starts: starts, counts: counts}
	for i := range v.rays {
		if !(starts[i] >= 0 && starts[i] < maxGates) || !(counts[i] >= 0 && counts[i] <= float64(v.axis.Count)) {
			return fmt.Errorf("ray %d has %g gates from value %g on, and the axis has %d", i, counts[i], starts[i], v.axis.Count)
		}
		r.points = max(r.points, int(starts[i]+counts[i]))
	}
	v.ragged = r
	return nil
}

// gatesOf gives the gates of a sweep: as many as its longest ray has, laid as ray_start_range and ray_gate_spacing say
// where they are given. A field of fixed width has the whole axis.
func (v *volume) gatesOf(s span) (radar.Gates, error) {
	gates := v.axis
	if v.ragged == nil {
		return gates, nil
	}
	gates.Count = 0
	for ray := s.first; ray <= s.last; ray++ {
		gates.Count = max(gates.Count, int(v.ragged.counts[ray]))
	}
	first, spacing := v.perRay("ray_start_range"), v.perRay("ray_gate_spacing")
	if first == nil || spacing == nil || !(spacing[s.first] > 0 && spacing[s.first] < 1e5) || !(math.Abs(first[s.first]) < 1e6) {
		return gates, nil
	}
	gates.FirstM, gates.SpacingM = first[s.first], spacing[s.first]
	for ray := s.first; ray <= s.last; ray++ {
		if first[ray] != gates.FirstM || spacing[ray] != gates.SpacingM {
			return gates, fmt.Errorf("ray %d has gates of %g m from %g m, and ray %d of its sweep of %g m from %g m; split the sweep",
				ray, spacing[ray], first[ray], s.first, gates.SpacingM, gates.FirstM)
		}
	}
	return gates, nil
}
