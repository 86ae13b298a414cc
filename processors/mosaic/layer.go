package mosaic

import (
	"slices"
	"time"

	"bowecho/internal/grid"
)

// layer is what one radar says of the cells in its reach, at one height: dBZ as in a mosaic, and which sweep says it.
type layer struct {
	look   Look
	ground *ground
	values []float32
	sweeps []uint16
	trust  []float32   // nil where it does not matter
	times  []time.Time // of the sweeps
	sees   bool        // any cell
}

func (l *layer) rows() extent {
	return extent{l.ground.firstRow, l.ground.firstRow + len(l.ground.spans)}
}

// row gives what there is of a row.
func (l *layer) row(i int) strip {
	s := l.ground.row(i)
	laid := strip{l.values[s.at : s.at+s.cols], l.sweeps[s.at : s.at+s.cols], nil, l.ground.places[s.at : s.at+s.cols], s.firstCol}
	if l.trust != nil {
		laid.trust = l.trust[s.at : s.at+s.cols]
	}
	return laid
}

// layer gives what the radar says of a tile, nil where no cell is in reach. It is for one height.
func (s *station) layer(t tile) *layer {
	if !s.reach(t) {
		return nil
	}
	s.fill(false)
	defer s.release()
	n := len(s.ground.places)
	l := &layer{look: s.newest(), ground: s.ground, values: make([]float32, n), sweeps: make([]uint16, n), times: s.times}
	if s.weighs {
		l.trust = make([]float32, n)
	}
	grid.Bands(len(s.ground.spans), func(from, to int) {
		c := &cell{heights: 1}
		for i := s.ground.firstRow + from; i < s.ground.firstRow+to; i++ {
			laid := l.row(i)
			c.values, c.sweeps, c.trust, c.apart = laid.values, laid.sweeps, laid.trust, len(laid.values)
			s.lay(c, t, i, nil)
		}
	})
	l.sees = slices.ContainsFunc(l.values, func(v float32) bool { return v == v })
	return l
}
