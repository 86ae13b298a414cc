package processors

import (
	"math"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/storm"
)

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
	echoes, strongest := 0, float32(grid.NoEchoDBZ)
	least := float32(s.Above[0].DBZ)
	var cores storm.Counter
	for r := range f.Rows {
		height, width := d.CellKM(r)
		for col, v := range f.Row(r) {
			if v != v {
				continue
			}
			s.Gates++
			if v > grid.NoEchoDBZ {
				echoes++
			}
			if v > strongest {
				strongest = v
			}
			if v < least { // as most are
				continue
			}
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
	s.MaxDBZ = float64(strongest)
	s.Cells = cores.Cells(false)
	if s.Gates > 0 {
		s.EchoFraction = float64(echoes) / float64(s.Gates)
	}
	return s
}
