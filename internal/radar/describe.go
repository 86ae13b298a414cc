package radar

import (
	"math"
	"time"
)

// Description is what is in a scan, as `bowecho scan --json` prints it. It tells what the file holds, before any
// quality control.
type Description struct {
	Radar     string             `json:"radar"`
	Time      time.Time          `json:"time"`
	Latitude  float64            `json:"latitude"`
	Longitude float64            `json:"longitude"`
	HeightM   float64            `json:"heightM"`
	Format    string             `json:"format"`
	Pattern   int                `json:"vcp,omitempty"`
	Flaws     []string           `json:"flaws,omitempty"`
	Sweeps    []SweepDescription `json:"sweeps"`
}

// SweepDescription is what is in one sweep. The geometry is that of its finest moment.
type SweepDescription struct {
	ElevationDeg float64                      `json:"elevationDeg"`
	NyquistMS    float64                      `json:"nyquistMS"`
	Rays         int                          `json:"rays"`
	Gates        int                          `json:"gates"`
	FirstGateM   float64                      `json:"firstGateM"`
	GateSpacingM float64                      `json:"gateSpacingM"`
	Moments      map[string]MomentDescription `json:"moments"`
}

// MomentDescription counts the gates that hold a measurement and says between what they lie; without one, nothing.
type MomentDescription struct {
	Units string   `json:"units"`
	Valid int      `json:"valid"`
	Min   *float64 `json:"min,omitempty"`
	Max   *float64 `json:"max,omitempty"`
	Mean  *float64 `json:"mean,omitempty"`
}

// Describe tells what is in a scan that has values.
func Describe(s *Scan) Description {
	d := Description{
		Radar: s.Site.Name, Time: s.Start.UTC(), Latitude: s.Site.LatitudeDeg, Longitude: s.Site.LongitudeDeg,
		HeightM: s.Site.HeightM, Format: s.Format, Pattern: s.Pattern, Flaws: s.Flaws, Sweeps: []SweepDescription{},
	}
	for i := range s.Sweeps {
		d.Sweeps = append(d.Sweeps, describeSweep(&s.Sweeps[i]))
	}
	return d
}

func describeSweep(s *Sweep) SweepDescription {
	d := SweepDescription{
		ElevationDeg: rounded(s.ElevationDeg), NyquistMS: rounded(s.NyquistMS), Rays: len(s.Rays),
		Moments: map[string]MomentDescription{},
	}
	for i := range s.Moments {
		m := &s.Moments[i]
		if m.Gates.Count > d.Gates {
			d.Gates, d.FirstGateM, d.GateSpacingM = m.Gates.Count, rounded(m.Gates.FirstM), rounded(m.Gates.SpacingM)
		}
		d.Moments[m.Name] = describeMoment(m)
	}
	return d
}

func describeMoment(m *Moment) MomentDescription {
	d := MomentDescription{Units: m.Units}
	least, most, sum := math.Inf(1), math.Inf(-1), 0.0
	for _, v := range m.Values {
		if StatusOf(v) != Valid {
			continue
		}
		w := float64(v)
		d.Valid++
		sum += w
		least, most = min(least, w), max(most, w)
	}
	if d.Valid > 0 {
		mean := sum / float64(d.Valid)
		least, most, mean = rounded(least), rounded(most), rounded(mean)
		d.Min, d.Max, d.Mean = &least, &most, &mean
	}
	return d
}

// rounded keeps four decimals: finer than any radar measures.
func rounded(v float64) float64 { return math.Round(v*1e4) / 1e4 }
