package weather

import (
	"slices"

	"bowecho/internal/event"
	"bowecho/internal/grid"
)

// Seen is what the radars of a domain show together, by their latest scans.
type Seen struct {
	OK, Late, Silent int           // radars of each freshness
	Summary          event.Summary // of those that are not silent; what two radars see counts twice
}

// Known tells whether any radar can be relied on.
func (s Seen) Known() bool { return s.OK+s.Late > 0 }

// Together sums up radars that have been judged.
func Together(radars []*Radar) Seen {
	s := Seen{Summary: event.Summary{MaxDBZ: grid.NoEchoDBZ}}
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
		s.Summary = Sum(s.Summary, r.Summary)
	}
	return s
}

// Sum sums up what two summaries show.
func Sum(a, b event.Summary) event.Summary {
	if gates := a.Gates + b.Gates; gates > 0 {
		a.EchoFraction = (a.EchoFraction*float64(a.Gates) + b.EchoFraction*float64(b.Gates)) / float64(gates)
	}
	a.Gates += b.Gates
	a.Cells += b.Cells
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
