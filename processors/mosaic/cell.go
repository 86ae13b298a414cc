package mosaic

import "math"

var nan = float32(math.NaN())

// strip is what a radar says of cells side by side.
type strip struct {
	values []float32
	sweeps []uint16  // that say it
	trust  []float32 // how far, 0 to 1; nil: all of it
	places []place
	col    int // of the first
}

// cell is the work on one cell of a row; its memory is used for the next.
type cell struct {
	heights int
	values  []float32 // of the row, one height after the other
	sweeps  []uint16
	trust   []float32 // nil where it does not matter
	apart   int       // one height from the next
	index   int       // in the row
	place
	step    int // of the beams' paths
	between float32
	moved   bool
	sights  []place // where each sweep saw what is in the cell now
}

// newCell has room for rows of so many cells, and for how far they are to be trusted where that weighs.
func newCell(heights, cols int, weighs bool) *cell {
	// Heights lie so far apart that they do not fall on the same lines of the processor's cache.
	apart := cols + 48
	c := &cell{heights: heights, values: make([]float32, heights*apart), sweeps: make([]uint16, heights*apart), apart: apart}
	if weighs {
		c.trust = make([]float32, heights*apart)
	}
	return c
}

// lay works out what the radar says of a row of a tile.
func (s *station) lay(c *cell, t tile, row int, d *drift) {
	span := s.ground.row(row)
	for h := range c.heights {
		fill(c.values[h*c.apart:][:span.cols], nan)
	}
	moving := d.row(t, row, s.times)
	for k, p := range s.ground.places[span.at : span.at+span.cols] {
		c.index, c.place, c.moved = k, p, false
		c.step, c.between = stepOf(p.groundM)
		if moving != nil {
			c.move(span.firstCol+k, moving)
		}
		s.at(c)
		if s.weighs {
			s.trust(c)
		}
	}
}

// trust says how far the sweeps that say what the cell has are to be trusted.
func (s *station) trust(c *cell) {
	for at := c.index; at < len(c.values); at += c.apart {
		if v := c.values[at]; v == v {
			sweep := int(c.sweeps[at])
			p, step, between := c.sight(sweep)
			c.trust[at] = s.views[sweep].trust(p, step, between)
		}
	}
}

// strip gives what was worked out at a height.
func (c *cell) strip(height int, s span, places []place) strip {
	from := height * c.apart
	made := strip{c.values[from : from+s.cols], c.sweeps[from : from+s.cols], nil, places[s.at : s.at+s.cols], s.firstCol}
	if c.trust != nil {
		made.trust = c.trust[from : from+s.cols]
	}
	return made
}

// set says what the cell has at a height.
func (c *cell) set(height int, value float32, sweep int) {
	at := height*c.apart + c.index
	c.values[at], c.sweeps[at] = value, uint16(sweep)
}

// sight gives where a sweep saw what is in the cell now, and between which points of its path.
func (c *cell) sight(sweep int) (p place, step int, between float32) {
	if !c.moved {
		return c.place, c.step, c.between
	}
	p = c.sights[sweep]
	step, between = stepOf(p.groundM)
	return p, step, between
}

// fill sets all of a list.
func fill[T any](list []T, v T) {
	if len(list) == 0 {
		return
	}
	list[0] = v
	for done := 1; done < len(list); done *= 2 {
		copy(list[done:], list[:done])
	}
}
