package mosaic

import (
	"cmp"
	"math"
	"slices"
	"time"

	"bowecho/internal/radar"
)

// seen is one sweep that counts.
type seen struct {
	site         radar.Site
	beamWidthDeg float64
	start        time.Time // of its scan
	sweep        *radar.Sweep
}

// time gives when the sweep began.
func (s seen) time() time.Time {
	if s.sweep.Start.IsZero() {
		return s.start
	}
	return s.sweep.Start
}

// sameBeamDeg is how far two sweeps of one radar may differ and still be the same elevation at another time.
const sameBeamDeg = 0.25

func (s seen) isDopplerHalfOf(before seen) bool {
	return radar.IsDopplerHalf(s.sweep.Moment(radar.DBZH).Gates.ReachM(), before.sweep.Moment(radar.DBZH).Gates.ReachM(),
		s.time().Sub(before.time()))
}

// newest gives the sweeps that count: of one radar and elevation only the last, and no vertical cuts.
func newest(sweeps []seen, minElevationDeg float64) (list []seen) {
	inOrder(sweeps)
	for _, s := range sweeps {
		if s.sweep.Moment(radar.DBZH) == nil || len(s.sweep.Rays) == 0 || s.sweep.Vertical || s.sweep.ElevationDeg < minElevationDeg {
			continue
		}
		same := func(old seen) bool {
			return old.site.Name == s.site.Name && math.Abs(old.sweep.ElevationDeg-s.sweep.ElevationDeg) < sameBeamDeg
		}
		if i := slices.IndexFunc(list, same); i >= 0 && s.isDopplerHalfOf(list[i]) {
			continue
		}
		list = append(slices.DeleteFunc(list, same), s)
	}
	return list
}

func sweepsOf(scans []*radar.Scan) (list []seen) {
	for _, scan := range scans {
		for i := range scan.Sweeps {
			list = append(list, seen{scan.Site, scan.BeamWidthDeg, scan.Start, &scan.Sweeps[i]})
		}
	}
	return list
}

// inOrder sorts sweeps by their time, in one order however they came.
func inOrder(list []seen) {
	slices.SortStableFunc(list, func(a, b seen) int {
		return cmp.Or(a.time().Compare(b.time()), cmp.Compare(a.site.Name, b.site.Name),
			cmp.Compare(a.sweep.ElevationDeg, b.sweep.ElevationDeg), len(a.sweep.Rays)-len(b.sweep.Rays), compareValues(a.sweep, b.sweep))
	})
}

// compareValues orders two sweeps that a radar sent for the same time.
func compareValues(a, b *radar.Sweep) int {
	za, zb := a.Moment(radar.DBZH), b.Moment(radar.DBZH)
	if za == nil || zb == nil {
		return 0 // neither replaces the other
	}
	return slices.Compare(za.Values, zb.Values)
}

// byRadar gives the sweeps of each radar, the lowest first; radars by name.
func byRadar(sweeps []seen) (list [][]seen) {
	slices.SortStableFunc(sweeps, func(a, b seen) int {
		return cmp.Or(cmp.Compare(a.site.Name, b.site.Name), cmp.Compare(a.sweep.ElevationDeg, b.sweep.ElevationDeg))
	})
	for from := 0; from < len(sweeps); {
		to := from + 1
		for to < len(sweeps) && sweeps[to].site.Name == sweeps[from].site.Name {
			to++
		}
		list = append(list, sweeps[from:to])
		from = to
	}
	return list
}
