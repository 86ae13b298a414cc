// Package quality parts weather from what is not: it marks each gate with what it holds, and gives back what rain and the
// ground took from the beam.
package quality

import (
	"cmp"
	"fmt"
	"slices"

	"bowecho/internal/radar"
)

// flags is the moment in which decoders hand on a radar's own marks.
const flags = "FLAGS"

// Moments is what Mark and Clean look at.
var Moments = []string{
	radar.DBZH, radar.RHOHV, radar.SNRH, radar.ZDR, radar.PHIDP, radar.VRADH, radar.WRADH, radar.NCP, flags,
}

// Marked is a scan of which each gate of reflectivity says what it holds. Nothing is deleted.
type Marked struct {
	Scan  *radar.Scan // the sweeps with reflectivity; DBZH and ZDR are corrected, what does not change is shared with the scan given
	Codes [][]Code    // of each of these sweeps: Codes[sweep][ray*gates+gate], on the gates of DBZH
	Index [][]float32 // of each of these sweeps, on the same gates, how far a value is to be trusted; nil: 1 everywhere
	Notes []string    // what could not be done, in words
}

// Mark tells of each gate what it holds. Earlier scans of the same radar, where there are any, tell masts and wind turbines,
// which recur, from small showers. The scans are not changed.
func Mark(scan *radar.Scan, p Profile, earlier ...*radar.Scan) *Marked {
	out := *scan
	out.Sweeps = nil
	m := &Marked{Scan: &out}
	for i := range scan.Sweeps {
		sweep := &scan.Sweeps[i]
		z := sweep.Moment(radar.DBZH)
		switch {
		case z == nil || len(sweep.Rays) == 0 || z.Gates.Count == 0:
		case len(z.Values) != len(sweep.Rays)*z.Gates.Count || !(z.Gates.SpacingM > 0):
			m.Notes = append(m.Notes, fmt.Sprintf("sweep %d is left out: %d values for %d rays × %d gates of %g m",
				i, len(z.Values), len(sweep.Rays), z.Gates.Count, z.Gates.SpacingM))
		default:
			m.add(newView(scan, i, earlier), p)
		}
	}
	return m
}

// add marks one sweep and corrects it.
func (m *Marked) add(v *view, p Profile) {
	v.markEmpty(p)
	v.markSpikes()
	v.markEchoes()
	v.markPoints()
	v.markSpeckle(p.SpeckleGates)
	corrected := *v.sweep
	corrected.Moments = slices.Clone(v.sweep.Moments)
	notes := v.restore(&corrected, p)
	for _, note := range notes {
		if !slices.Contains(m.Notes, note) {
			m.Notes = append(m.Notes, note)
		}
	}
	m.Scan.Sweeps = append(m.Scan.Sweeps, corrected)
	m.Codes = append(m.Codes, v.codes)
	m.Index = append(m.Index, v.index(corrected.Moment(radar.DBZH).Values))
}

// Clean gives a scan that holds reflectivity only, and only where it is weather. What is not weather becomes below
// threshold, since the radar looked; gates that tell nothing become no data. Where something was given back the quality
// index goes with it. What could not be done is among the flaws. The scan itself is not changed.
func Clean(scan *radar.Scan, p Profile, earlier ...*radar.Scan) *radar.Scan {
	return Mark(scan, p, earlier...).Clean()
}

// Clean gives the scan as the function of that name does.
func (m *Marked) Clean() *radar.Scan {
	out := *m.Scan
	out.Flaws = slices.Concat(m.Scan.Flaws, m.Notes)
	out.Sweeps = slices.Clone(m.Scan.Sweeps)
	for i := range out.Sweeps {
		z := *out.Sweeps[i].Moment(radar.DBZH)
		z.Values = slices.Clone(z.Values)
		for j, code := range m.Codes[i] {
			switch {
			case code.IsBlind():
				z.Values[j] = radar.NoDataValue
			case !code.IsWeather():
				z.Values[j] = radar.BelowThresholdValue
			}
		}
		out.Sweeps[i].Moments = append([]radar.Moment{z}, m.index(i)...)
	}
	return &out
}

// MarkAll marks scans, each beside those of the same radar before it, of which there may be earlier ones, too. It gives
// them in the order of their times.
func (c Config) MarkAll(scans []*radar.Scan, earlier ...*radar.Scan) (list []*Marked) {
	before := map[string][]*radar.Scan{}
	for _, scan := range earlier {
		before[scan.Site.Name] = append(before[scan.Site.Name], scan)
	}
	for _, scan := range slices.SortedStableFunc(slices.Values(scans), inTime) {
		name := scan.Site.Name
		list = append(list, Mark(scan, c.ProfileFor(name), before[name]...))
		before[name] = append(before[name], scan)
	}
	return list
}

// CleanAll cleans scans as MarkAll marks them.
func (c Config) CleanAll(scans []*radar.Scan, earlier ...*radar.Scan) []*radar.Scan {
	var clean []*radar.Scan
	for _, m := range c.MarkAll(scans, earlier...) {
		clean = append(clean, m.Clean())
	}
	return clean
}

// inTime orders scans by their time, in one order however they came.
func inTime(a, b *radar.Scan) int {
	elevation := func(s *radar.Scan) float64 {
		if len(s.Sweeps) == 0 {
			return 0
		}
		return s.Sweeps[0].ElevationDeg
	}
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Site.Name, b.Site.Name), a.End.Compare(b.End), cmp.Compare(elevation(a), elevation(b)))
}
