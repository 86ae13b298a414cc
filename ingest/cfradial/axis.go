package cfradial

import (
	"errors"
	"fmt"
	"math"

	"bowecho/internal/radar"
)

// alignedTo is how far from whole the number of steps between gates may be, over the whole ray.
const alignedTo = 0.05

// fit is how a moment's gates lie on the file's axis: its first gate begins shift steps after the axis, and each is
// repeated so many times.
type fit struct{ shift, repeat int }

// commonAxis gives one axis that holds the gates of all sweeps exactly, for CfRadial 1 has only one: that of the
// finest gates. A coarser gate is repeated over the fine ones that it covers; where gates do not nest there is no such
// axis, and nothing is interpolated.
func commonAxis(scan *radar.Scan) (axis radar.Gates, err error) {
	axis.SpacingM = math.Inf(1)
	begin := math.Inf(1)
	each(scan, func(_ int, m *radar.Moment) {
		axis.SpacingM = min(axis.SpacingM, m.Gates.SpacingM)
		begin = min(begin, edge(m.Gates))
	})
	if math.IsInf(begin, 0) || !(axis.SpacingM > 0) {
		return axis, errors.New("no moment with gates")
	}
	axis.FirstM = begin + axis.SpacingM/2
	each(scan, func(sweep int, m *radar.Moment) {
		f, fits := fitTo(axis, m.Gates)
		if !fits && err == nil {
			err = fmt.Errorf("%s of sweep %d has gates of %g m from %g m, which do not lie on those of %g m from %g m; CfRadial 1 has one range axis",
				m.Name, sweep, m.Gates.SpacingM, m.Gates.CentreM(0), axis.SpacingM, axis.FirstM)
		}
		axis.Count = max(axis.Count, f.shift+f.repeat*m.Gates.Count)
	})
	return axis, err
}

func each(scan *radar.Scan, use func(sweep int, m *radar.Moment)) {
	for i := range scan.Sweeps {
		for j := range scan.Sweeps[i].Moments {
			if m := &scan.Sweeps[i].Moments[j]; m.Gates.Count > 0 {
				use(i, m)
			}
		}
	}
}

// edge gives the range in metres at which the first gate begins.
func edge(g radar.Gates) float64 { return g.CentreM(0) - g.SpacingM/2 }

func fitTo(axis, g radar.Gates) (f fit, fits bool) {
	repeat, shift := g.SpacingM/axis.SpacingM, (edge(g)-edge(axis))/axis.SpacingM
	f = fit{int(math.Round(shift)), int(math.Round(repeat))}
	fits = math.Abs(repeat-math.Round(repeat))*float64(g.Count) <= alignedTo && math.Abs(shift-math.Round(shift)) <= alignedTo && shift*axis.SpacingM < 1e7
	return f, fits
}
