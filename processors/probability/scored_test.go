package probability

import (
	"fmt"
	"math"
	"strings"
)

// scored is cells in ten bins of probability, and the sum of squared errors.
type scored struct {
	cells, sum, hits [10]float64
	brier            float64
}

func (s *scored) add(p float64, hit bool) {
	b := min(int(p*10), 9)
	s.cells[b]++
	s.sum[b] += p
	o := 0.0
	if hit {
		o = 1
	}
	s.hits[b] += o
	s.brier += (p - o) * (p - o)
}

func (s *scored) merge(o *scored) {
	for b := range s.cells {
		s.cells[b] += o.cells[b]
		s.sum[b] += o.sum[b]
		s.hits[b] += o.hits[b]
	}
	s.brier += o.brier
}

// total gives the cells and those above the threshold.
func (s *scored) total() (cells, hits float64) {
	for b := range s.cells {
		cells, hits = cells+s.cells[b], hits+s.hits[b]
	}
	return cells, hits
}

// skill gives the Brier score's gain over forecasting the mean frequency everywhere.
func (s *scored) skill() float64 {
	cells, hits := s.total()
	return 1 - s.brier/(hits*(1-hits/cells))
}

// table gives observed minus forecast frequency in percent per bin, and the worst of bins with enough cells.
func (s *scored) table(enough float64) (text string, worst float64) {
	var b strings.Builder
	for i, n := range s.cells {
		if n < enough {
			b.WriteString("     .")
			continue
		}
		off := 100 * (s.hits[i] - s.sum[i]) / n
		worst = max(worst, math.Abs(off))
		fmt.Fprintf(&b, " %+5.1f", off)
	}
	return b.String(), worst
}
