package weather

import (
	"math"
	"slices"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

// Seen is what the radars of a domain show together, by their latest scans, and what is warned of.
type Seen struct {
	OK, Late, Silent int             // radars of each freshness
	Convective       int             // radars that see convective weather
	Summary          event.Summary   // of those that are not silent, as Together says
	Warnings         []event.Warning // in force
}

// Known tells whether any radar can be relied on.
func (s Seen) Known() bool { return s.OK+s.Late > 0 }

// Together sums up radars that have been judged. Of areas and cells each radar gives the share that nobody else covers, and
// its part of what several do, as if the weather were spread evenly over its circle; what the largest of them sees is there
// in any case.
func Together(radars []*Radar) Seen {
	s := Seen{Summary: event.Summary{MaxDBZ: grid.NoEchoDBZ}}
	var heard []*Radar
	for _, r := range radars {
		switch r.Freshness {
		case Silent:
			s.Silent++
			continue
		case Late:
			s.Late++
		default:
			s.OK++
		}
		if r.Sky.Regime == Convective {
			s.Convective++
		}
		heard = append(heard, r)
	}
	cells, most := 0.0, 0
	largest := map[float64]event.Above{}
	for i, r := range heard {
		share := shareOf(heard, i)
		s.Summary = Sum(s.Summary, scaled(r.Summary, share))
		cells, most = cells+share*float64(r.Summary.Cells), max(most, r.Summary.Cells)
		for _, a := range r.Summary.Above {
			if a.KM2 > largest[a.DBZ].KM2 {
				largest[a.DBZ] = a
			}
		}
	}
	s.Summary.Cells = max(int(math.Round(cells)), most)
	for i, a := range s.Summary.Above {
		if l := largest[a.DBZ]; l.KM2 > a.KM2 {
			s.Summary.Above[i] = l
		}
	}
	return s
}

// The points of a circle at which its share is measured: rings of equal area, and as many on each.
const (
	shareRings  = 6
	sharePoints = 16
)

// shareOf gives which part of what radar i covers is to be counted as its own: where n radars look, each has one nth.
func shareOf(radars []*Radar, i int) (share float64) {
	at := radars[i].Lowest
	if len(radars) == 1 || at.RangeM <= 0 {
		return 1
	}
	for ring := range shareRings {
		out := at.RangeM * math.Sqrt((float64(ring)+0.5)/shareRings)
		for point := range sharePoints {
			sin, cos := math.Sincos(2 * math.Pi * float64(point) / sharePoints)
			lookers := 1
			for j, other := range radars {
				if j != i && covers(other.Lowest, at, out*sin, out*cos) {
					lookers++
				}
			}
			share += 1 / float64(lookers)
		}
	}
	return share / (shareRings * sharePoints)
}

// covers tells whether a radar covers the point that lies so many metres east and north of another's site.
func covers(look, from Look, eastM, northM float64) bool {
	const metresPerDegree = radar.EarthRadiusM * math.Pi / 180
	perLon := metresPerDegree * math.Cos(from.LatitudeDeg*math.Pi/180)
	apartLon := math.Remainder(look.LongitudeDeg-from.LongitudeDeg, 360)
	return math.Hypot(apartLon*perLon-eastM, (look.LatitudeDeg-from.LatitudeDeg)*metresPerDegree-northM) <= look.RangeM
}

// scaled gives a share of the areas of a summary.
func scaled(s event.Summary, share float64) event.Summary {
	s.Above = slices.Clone(s.Above)
	for i := range s.Above {
		s.Above[i].Gates = int(math.Round(share * float64(s.Above[i].Gates)))
		s.Above[i].KM2 *= share
	}
	return s
}

// Sum sums up what two summaries show.
func Sum(a, b event.Summary) event.Summary {
	if gates := a.Gates + b.Gates; gates > 0 {
		a.EchoFraction = (a.EchoFraction*float64(a.Gates) + b.EchoFraction*float64(b.Gates)) / float64(gates)
	}
	a.Gates += b.Gates
	a.MaxDBZ = max(a.MaxDBZ, b.MaxDBZ)
	above := slices.Clone(a.Above)
	for _, more := range b.Above {
		i := slices.IndexFunc(above, func(x event.Above) bool { return x.DBZ == more.DBZ })
		if i < 0 {
			above = append(above, more)
			continue
		}
		above[i].Gates += more.Gates
		above[i].KM2 += more.KM2
	}
	a.Above = above
	return a
}
