// Package match measures which places an area reaches: how far it is on the WGS84 ellipsoid, in which direction, and
// at which lead time it comes within the place's distance.
//
// A hazard of at least 40 dBZ counts areas at all levels of 40 dBZ and above, so that, where areas are drawn at 30 and
// 45 dBZ, it is told from 45 dBZ on. A hazard above all levels cannot be told: it is unknown, never clear.
package match

import (
	"fmt"
	"math"
	"strings"

	"bowecho/alerts/place"
	"bowecho/internal/event"
)

// Sight is what is known of a hazard at a place.
type Sight string

// The sights.
const (
	Unknown Sight = "unknown" // radars do not see the place, or nothing is made that tells the hazard
	Clear   Sight = "clear"   // radars see the place, and the hazard does not come within its distance
	Reached Sight = "reached" // the hazard is, or will be, within its distance
)

// Finding is what one announcement of areas says of one hazard at one place.
type Finding struct {
	Place  event.Place
	Hazard event.Hazard
	Sight  Sight
	Why    string // of Unknown
	Reach  Reach  // of Reached

	threshold float64 // in the areas' units
}

// Reach is how a hazard comes within a place's distance, at the first lead time at which it does.
type Reach struct {
	LeadMinutes float64  `json:"leadMinutes"`
	DistanceKM  float64  `json:"distanceKm"` // at that lead time; 0 inside an area
	Bearing     string   `json:"bearing"`    // from the place, one of eight points; empty inside
	Level       float64  `json:"level"`      // the highest that is within, in the hazard's units
	Areas       []string `json:"areas"`      // the ids of all features that are within
}

// Find gives a finding for each hazard of the areas' product at each place of a set, in the order of the set.
func Find(set *place.Set, a *Areas) []Finding {
	findings, first := a.asked(set)
	for i := range a.features {
		f := &a.features[i]
		set.Reach(f.outline.bound, func(p int) {
			a.measure(f, findings[first[p]:first[p+1]])
		})
	}
	for i := range findings {
		a.settle(&findings[i])
	}
	return findings
}

// asked gives a finding, still open, for each hazard of the areas' product; those of place p begin at first[p].
func (a *Areas) asked(set *place.Set) (findings []Finding, first []int) {
	places := set.All()
	first = make([]int, 1, len(places)+1)
	findings = make([]Finding, 0, len(places))
	for _, p := range places {
		for _, h := range p.Hazards {
			if h.Product != a.product {
				continue
			}
			f := Finding{Place: p, Hazard: h}
			if f.threshold, f.Why = a.threshold(h); f.Why != "" {
				f.Sight = Unknown
			}
			findings = append(findings, f)
		}
		first = append(first, len(findings))
	}
	return findings, first
}

// threshold gives a hazard's threshold in the areas' units, or why these areas cannot tell it.
func (a *Areas) threshold(h event.Hazard) (value float64, why string) {
	value, err := convert(h.AtLeast, h.Units, a.units)
	if err != nil {
		return 0, fmt.Sprintf("areas of %s come in other units: %v", h.Product, err)
	}
	value -= 1e-9 * math.Abs(value) // a level that is the threshold but for the rounding of units is it
	for _, level := range a.levels {
		if level >= value {
			return value, ""
		}
	}
	return 0, fmt.Sprintf("areas of %s are drawn at %s %s only", h.Product, listed(a.levels), a.units)
}

func listed(levels []float64) string {
	texts := make([]string, len(levels))
	for i, level := range levels {
		texts[i] = fmt.Sprintf("%g", level)
	}
	return strings.Join(texts, ", ")
}

// measure takes a feature into the findings of one place for which it counts. Features come by lead time, so that one
// which comes later than what has been found counts no more.
func (a *Areas) measure(f *feature, findings []Finding) {
	counts := func(found *Finding) bool {
		return found.Sight != Unknown && f.level >= found.threshold &&
			!(found.Sight == Reached && f.leadMinutes > found.Reach.LeadMinutes)
	}
	measured, within := false, false
	var distanceKM float64
	var bearing string
	for i := range findings {
		found := &findings[i]
		if !counts(found) {
			continue
		}
		if !measured {
			s := newStation(found.Place.At[0], found.Place.At[1])
			distanceKM, bearing, within = f.outline.nearest(&s, found.Place.WithinKM)
			measured = true
		}
		if within {
			a.reached(found, f, distanceKM, bearing)
		}
	}
}

func (a *Areas) reached(found *Finding, f *feature, distanceKM float64, bearing string) {
	r := &found.Reach
	if found.Sight != Reached {
		found.Sight = Reached
		*r = Reach{LeadMinutes: f.leadMinutes, DistanceKM: math.Inf(1)}
	}
	if distanceKM < r.DistanceKM {
		r.DistanceKM, r.Bearing = distanceKM, bearing
	}
	if level, err := convert(f.level, a.units, found.Hazard.Units); err == nil {
		r.Level = max(r.Level, level)
	}
	r.Areas = append(r.Areas, f.id)
}

// settle says clear where no area came near and radars see the place.
func (a *Areas) settle(found *Finding) {
	if found.Sight != "" {
		return
	}
	s := newStation(found.Place.At[0], found.Place.At[1])
	if found.Sight = Clear; !a.coverage.holds(&s) {
		found.Sight, found.Why = Unknown, "no radar sees it"
	}
}
