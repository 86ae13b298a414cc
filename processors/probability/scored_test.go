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

// reliability is scores, and what each bin forecast too little in each square.
type reliability struct {
	scored
	short [10]map[square]float64
}

func (r *reliability) add(p float64, hit bool, in square) {
	r.scored.add(p, hit)
	b := min(int(p*10), 9)
	if r.short[b] == nil {
		r.short[b] = map[square]float64{}
	}
	r.short[b][in] -= p
	if hit {
		r.short[b][in]++
	}
}

func (r *reliability) merge(o *reliability) {
	r.scored.merge(&o.scored)
	for b, squares := range o.short {
		if r.short[b] == nil {
			r.short[b] = map[square]float64{}
		}
		for in, short := range squares {
			r.short[b][in] += short
		}
	}
}

// off gives observed minus forecast frequency of a bin, in percent, and thrice its standard error when only squares are independent of
// each other, not the cells in them.
func (r *reliability) off(b int) (percent, thriceError float64) {
	var sum, squares float64
	for _, short := range r.short[b] {
		sum += short
		squares += short * short
	}
	return 100 * sum / r.cells[b], 300 * math.Sqrt(squares) / r.cells[b]
}

// table gives by how much each bin is off, and the worst of those that hold data: enough cells, in so many squares that a bin which is
// right is off by worstPercent once in 370 times. There are 120 bins, so that with less some would be by chance. What the others are
// off by is in parentheses.
func (r *reliability) table() (text string, worst float64) {
	var b strings.Builder
	for i, n := range r.cells {
		if n < enoughCells {
			b.WriteString("       .")
			continue
		}
		off, thriceError := r.off(i)
		if thriceError > worstPercent {
			fmt.Fprintf(&b, " (%+.1f±%.0f)", off, thriceError)
			continue
		}
		worst = max(worst, math.Abs(off))
		fmt.Fprintf(&b, " %+.1f±%.0f", off, thriceError)
	}
	return b.String(), worst
}
