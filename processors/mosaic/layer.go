package mosaic

import (
	"math"
	"time"

	"bowecho/internal/grid"
)

var nan = float32(math.NaN())

// layer is what one radar says of the cells in its reach, at one height: dBZ as in a mosaic, and which sweep says it.
type layer struct {
	radar  string
	ground *ground
	values []float32
	sweeps []uint16
	times  []time.Time // of the sweeps
}

func (l *layer) rows() extent {
	return extent{l.ground.firstRow, l.ground.firstRow + len(l.ground.spans)}
}

// row gives what there is of a row, and its first column.
func (l *layer) row(i int) (values []float32, sweeps []uint16, places []place, col int) {
	if i -= l.ground.firstRow; i < 0 || i >= len(l.ground.spans) {
		return nil, nil, nil, 0
	}
	s := l.ground.spans[i]
	return l.values[s.at : s.at+s.cols], l.sweeps[s.at : s.at+s.cols], l.ground.places[s.at : s.at+s.cols], s.firstCol
}

// lay gives one layer a height, and none where no cell is in reach.
func (s *station) lay(t tile, d *drift) []*layer {
	g := groundOf(s.site, t.Domain, s.reachesM)
	if len(g.places) == 0 {
		return nil
	}
	s.fill(d != nil)
	defer s.release()
	layers := make([]*layer, max(1, len(s.levelsM)))
	times := make([]time.Time, len(s.views))
	for i, v := range s.views {
		times[i] = v.time
	}
	for i := range layers {
		layers[i] = &layer{s.site.Name, g, make([]float32, len(g.places)), make([]uint16, len(g.places)), times}
	}
	grid.Bands(len(g.spans), func(from, to int) {
		c := &cell{layers: layers, sights: make([]sight, len(s.views))}
		for i := from; i < to; i++ {
			for _, l := range layers {
				values, _, _, _ := l.row(g.firstRow + i)
				for k := range values {
					values[k] = nan
				}
			}
			for k := range g.spans[i].cols {
				c.begin(g, g.spans[i].at+k)
				if d != nil {
					c.move(t, g.firstRow+i, g.spans[i].firstCol+k, d, times)
				}
				s.at(c)
			}
		}
	})
	return layers
}

// cell is the work on one cell; its memory is used for the next.
type cell struct {
	layers []*layer
	index  int // in the layers
	place
	step    int // of the beams' paths
	between float32
	moved   bool
	sights  []sight // of each sweep
	beams   []beam  // of a CAPPI
}

// sight is a sweep's part in a cell.
type sight struct {
	place       // where the sweep saw what is in the cell now
	sees  tally // once it has been looked up
	of    int   // the cell that was looked up last, from 1
}

func (c *cell) begin(g *ground, index int) {
	c.index, c.place, c.moved = index, g.places[index], false
	c.step, c.between = stepOf(c.groundM)
}

// set says what the cell has at a height.
func (c *cell) set(height int, value float32, sweep int) {
	c.layers[height].values[c.index], c.layers[height].sweeps[c.index] = value, uint16(sweep)
}

// look looks a sweep up, at most once a cell.
func (c *cell) look(v *view, sweep int) tally {
	s := &c.sights[sweep]
	if s.of == c.index+1 {
		return s.sees
	}
	if s.of = c.index + 1; c.moved {
		step, between := stepOf(s.groundM)
		s.sees = v.look(s.place, step, between)
	} else {
		s.sees = v.look(c.place, c.step, c.between)
	}
	return s.sees
}
