package mosaic

import (
	"math"
	"time"

	"bowecho/internal/grid"
	"bowecho/processors/motion"
)

var nan = float32(math.NaN())

// layer is what one radar says of the cells in its reach, at one height: dBZ as in a mosaic, and the sweep that says it.
type layer struct {
	radar  string
	ground *ground
	values []float32
	from   []uint16
	times  []time.Time // of the sweeps
}

func (l *layer) rows() extent {
	return extent{l.ground.firstRow, l.ground.firstRow + len(l.ground.spans)}
}

// drift is how echo has moved since a sweep: its place then is looked up, not that of now.
type drift struct {
	motion *motion.Field
	at     time.Time
}

// driftOf gives nil without a motion field.
func driftOf(moving *motion.Field, at time.Time) *drift {
	if moving == nil {
		return nil
	}
	return &drift{moving, at}
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
		c := newCell(s, len(layers))
		for i := from; i < to; i++ {
			for k := range g.spans[i].cols {
				at := g.spans[i].at + k
				c.begin(g.places[at])
				if d != nil {
					c.move(t, g.firstRow+i, g.spans[i].firstCol+k, d, times)
				}
				s.at(g.places[at], c)
				for l := range layers {
					layers[l].values[at], layers[l].from[at] = c.values[l], c.from[l]
				}
			}
		}
	})
	return layers
}

// cell is the work on one cell; its memory is used for the next.
type cell struct {
	values []float32 // of each height
	from   []uint16
	places []place // where each sweep saw what is in the cell now
	still  place
	moved  bool
	beams  []beam
}

func newCell(s *station, heights int) *cell {
	return &cell{values: make([]float32, heights), from: make([]uint16, heights), places: make([]place, len(s.views))}
}

func (c *cell) begin(p place) {
	for i := range c.values {
		c.values[i] = nan
	}
	c.still, c.moved = p, false
}

func (c *cell) set(height int, value float32, view int) {
	c.values[height], c.from[height] = value, uint16(view)
}

func (c *cell) seenFrom(view int) (azimuthDeg, groundM float32) {
	p := c.still
	if c.moved {
		p = c.places[view]
	}
	return p.azimuthDeg, p.groundM
}

// move works out where each sweep saw what has come to the cell since.
func (c *cell) move(t tile, row, col int, d *drift, times []time.Time) {
	heightKM, widthKM := t.CellKM(row)
	at := (t.row+row)*d.motion.Cols + t.col + col
	eastMS := float64(d.motion.U[at]) * widthKM * 1000 / 60
	southMS := float64(d.motion.V[at]) * heightKM * 1000 / 60
	sin, cos := math.Sincos(float64(c.still.azimuthDeg) * math.Pi / 180)
	c.moved = true
	for i, when := range times {
		age := d.at.Sub(when).Seconds()
		east, north := float64(c.still.groundM)*sin-eastMS*age, float64(c.still.groundM)*cos+southMS*age
		azimuth := math.Atan2(east, north) * 180 / math.Pi
		if azimuth < 0 {
			azimuth += 360
		}
		c.places[i] = place{float32(azimuth), float32(math.Hypot(east, north))}
	}
}
