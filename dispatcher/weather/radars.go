package weather

import (
	"slices"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/radar"
)

// Freshness is how far a radar keeps to its own cadence.
type Freshness string

// A radar is judged by its own cadence.
const (
	OK     Freshness = "ok"
	Late   Freshness = "late"
	Silent Freshness = "silent"
)

// unknownCadence is taken until a radar has shown its own: about what NEXRAD needs for a volume when it rains.
const unknownCadence = 5 * time.Minute

// intervals is how many of a radar's last intervals tell its cadence.
const intervals = 5

// Radar is when a radar was heard and what it saw. It may be stored and continued.
type Radar struct {
	Last      time.Time       `json:"last"`
	Intervals []time.Duration `json:"intervals"`
	Summary   event.Summary   `json:"summary"`
	Lowest    Look            `json:"lowest"` // that the summary is of
	Freshness Freshness       `json:"freshness"`
	Sky       Sky             `json:"sky,omitzero"` // the regime of what it sees
}

// Look is from where, when and how far a radar looked.
type Look struct {
	Time         time.Time `json:"time"`
	ElevationDeg float64   `json:"elevationDeg"`
	LatitudeDeg  float64   `json:"latitudeDeg"` // of the radar
	LongitudeDeg float64   `json:"longitudeDeg"`
	RangeM       float64   `json:"rangeM"`
}

// Hear takes a scan. One that is older than the last changes nothing.
func (r *Radar) Hear(m *event.Scan) {
	if !m.Time.After(r.Last) {
		return
	}
	if !r.Last.IsZero() {
		r.Intervals = append(r.Intervals, m.Time.Sub(r.Last))
		r.Intervals = r.Intervals[max(0, len(r.Intervals)-intervals):]
	}
	r.Last = m.Time
	if look := lookOf(m); r.showsMore(look) {
		r.Lowest, r.Summary = look, m.Summary
	}
}

func lookOf(m *event.Scan) Look {
	look := Look{Time: m.Time, RangeM: m.RangeM, LatitudeDeg: m.LatitudeDeg, LongitudeDeg: m.LongitudeDeg}
	if len(m.Elevations) > 0 {
		look.ElevationDeg = slices.Min(m.Elevations)
	}
	return look
}

const (
	sameElevationDeg = 0.2              // within which sweeps are at one elevation
	longestVolume    = 15 * time.Minute // after which a radar may have taken up another pattern
)

// showsMore tells whether a look tells more of the weather now than the one that is known: where sweeps come one by one,
// the higher ones and the Doppler halves of split cuts do not.
func (r *Radar) showsMore(look Look) bool {
	age := look.Time.Sub(r.Lowest.Time)
	return age > longestVolume || look.ElevationDeg < r.Lowest.ElevationDeg+sameElevationDeg &&
		!radar.IsDopplerHalf(look.RangeM, r.Lowest.RangeM, age)
}

// Next gives when the radar will be heard again by its own cadence, and whether that is known.
func (r *Radar) Next() (at time.Time, known bool) {
	return r.Last.Add(r.Cadence()), len(r.Intervals) > 0
}

// Cadence gives the median of the last intervals.
func (r *Radar) Cadence() time.Duration {
	if len(r.Intervals) == 0 {
		return unknownCadence
	}
	sorted := slices.Sorted(slices.Values(r.Intervals))
	return sorted[len(sorted)/2]
}

// Judge gives how fresh the radar is at a time of the data, and whether that has changed.
func (r *Radar) Judge(cfg Config, now time.Time) (f Freshness, changed bool) {
	age, cadence := float64(now.Sub(r.Last)), float64(r.Cadence())
	f = OK
	switch {
	case age > cfg.SilentAfter*cadence:
		f = Silent
	case age > cfg.LateAfter*cadence:
		f = Late
	}
	changed = f != r.Freshness
	r.Freshness = f
	return f, changed
}
