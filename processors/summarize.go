package processors

import (
	"math"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/storm"
)

// summarizeLeads gives how much weather a grid holds at its first lead time and, where it has several, at each.
func summarizeLeads(g *grid.Grid) (first event.Summary, leads []event.Summary) {
	leads = make([]event.Summary, len(g.Leads))
	grid.Bands(len(leads), func(from, to int) {
		for i := from; i < to; i++ {
			leads[i] = summarize(g.Leads[i].Field, g.Domain)
		}
	})
	if len(leads) == 1 {
		return leads[0], nil
	}
	return leads[0], leads
}

// largest gives the largest value of a field; 0 where nothing is known.
func largest(f *grid.Field) float64 {
	most, known := float32(math.Inf(-1)), false
	for _, v := range f.Values {
		if v >= most { // NaN is not
			most, known = v, true
		}
	}
	if !known {
		return 0
	}
	return float64(most)
}

// summarize gives how much weather a field of reflectivity holds. Cells that no radar saw do not count as gates.
func summarize(f *grid.Field, d grid.Domain) event.Summary {
	s := event.Summary{MaxDBZ: grid.NoEchoDBZ, Above: []event.Above{{DBZ: 20}, {DBZ: 35}, {DBZ: 40}, {DBZ: 45}, {DBZ: 55}}}
	echoes := 0
	var cores storm.Counter
	for r := range f.Rows {
		height, width := d.CellKM(r)
		for col, v := range f.Row(r) {
			if v != v {
				continue
			}
			s.Gates++
			if v <= grid.NoEchoDBZ {
				continue
			}
			echoes++
			s.MaxDBZ = max(s.MaxDBZ, float64(v))
			for i := range s.Above {
				if float64(v) >= s.Above[i].DBZ {
					s.Above[i].Gates++
					s.Above[i].KM2 += height * width
				}
			}
			if v >= storm.CellDBZ {
				cores.Add(col, height*width)
			}
		}
		cores.End(true)
	}
	s.Cells = cores.Cells(false)
	if s.Gates > 0 {
		s.EchoFraction = float64(echoes) / float64(s.Gates)
	}
	return s
}
