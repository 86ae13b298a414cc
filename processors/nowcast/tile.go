package nowcast

import "math"

// tile is the pixels about a patch, copied to where a place is found with few steps. It is a power of two wide.
type tile [tileSide*tileSide + tileSide + 2]float32

const (
	tileBits = 4
	tileSide = 1 << tileBits
	widest   = tileSide - 2 // cells that a patch may be wide, so that all its pixels are in a tile
)

// take copies rows of pixels from a first one on.
func (t *tile) take(p plane, row, col, rows int) {
	for r := range min(rows, p.rows-row, tileSide) {
		to, from := t[r*tileSide:], p.v[(row+r)*p.cols+col:]
		if len(from) < tileSide {
			copy(to, from)
			continue
		}
		for c := 0; c < tileSide; c += 4 { // which takes a load and a store
			*(*[4]float32)(to[c:]) = *(*[4]float32)(from[c:])
		}
	}
}

// at interpolates between the four pixels about a place.
func (t *tile) at(x, y place) float32 {
	k := int(y>>(placeBits-tileBits)&((tileSide-1)*tileSide) | x>>placeBits&(tileSide-1))
	fx, fy := x.share(), y.share()
	above, below := t[k], t[k+tileSide]
	above += fx * (t[k+1] - above)
	below += fx * (t[k+tileSide+1] - below)
	return above + fy*(below-above)
}

// place is a row or column in a tile in steps of 2^-23, so that what is behind the point are the bits of a float32's fraction.
type place uint32

const placeBits = 23

func placed(pixels float32) place { return place(int32(pixels * (1 << placeBits))) }

// share is what is behind the point.
func (p place) share() float32 {
	return math.Float32frombits(math.Float32bits(1)|uint32(p)&(1<<placeBits-1)) - 1
}

// walk goes through the places that a patch's cells come from: along a row, and down to the next, as steps change as well.
type walk struct{ x, y, alongX, alongY, downX, downY, turnX, turnY place }

// walk begins at the first cell's place in a tile.
func (p patch) walk(perCell float32, row, col int) walk {
	first, below := p.first, p.below
	along := func(cells float32) place { return placed(cells * perCell) }
	down := func(cells float32) place { return placed(cells * perCell / blockCells) }
	return walk{
		placed((first.x+0.5)*perCell - 0.5 - float32(col)), placed((first.y+0.5)*perCell - 0.5 - float32(row)),
		along(first.stepX), along(first.stepY),
		down(below.x - first.x), down(below.y - first.y),
		down(below.stepX - first.stepX), down(below.stepY - first.stepY),
	}
}

func (w *walk) down() {
	w.x, w.y, w.alongX, w.alongY = w.x+w.downX, w.y+w.downY, w.alongX+w.turnX, w.alongY+w.turnY
}

// interpolate fills a block whose origins lie among observed cells. Where there is no echo it puts what stands for none.
func (t *tile) interpolate(s *source, b block, p patch, within box) {
	perCell := 1 / s.width
	row, col := int((within.top+0.5)*perCell-0.5), int((within.left+0.5)*perCell-0.5)
	t.take(s.now, row, col, int((within.bottom+0.5)*perCell-0.5)+2-row)
	w := p.walk(perCell, row, col)
	var spare [blockCells]float32
	for i := range b.rows() {
		line := b.line(i)
		whole := &spare
		if len(line) == blockCells {
			whole = (*[blockCells]float32)(line)
		}
		if t.row(whole, &w, s.floor) {
			s.leaveNone(p.row(i), whole)
		}
		if len(line) < blockCells {
			copy(line, spare[:])
		}
		w.down()
	}
}

// row interpolates a row of a block, and tells whether some of it is not above the floor.
func (t *tile) row(line *[blockCells]float32, w *walk, floor float32) bool {
	x, y, alongX, alongY := w.x, w.y, w.alongX, w.alongY
	var none uint32
	for c := range line {
		v := t.at(x, y)
		line[c] = v
		none |= math.Float32bits(v-floor) - 1 // its upper bit is set where the difference is 0, or less
		x, y = x+alongX, y+alongY
	}
	return int32(none) < 0
}

// leaveNone puts what stands for no echo where there is none.
func (s *source) leaveNone(o origins, line *[blockCells]float32) {
	none, cols := s.none.v, s.none.cols
	x, y := o.x+0.5, o.y+0.5
	for i, v := range line {
		line[i] = echoOr(v, s.floor, none[int(y)*cols+int(x)])
		x, y = x+o.stepX, y+o.stepY
	}
}

// echoOr gives v where it is above the floor, else none. It has no branch, which echo and none in turn would mislead.
func echoOr(v, floor, none float32) float32 {
	below := uint32(int32(math.Float32bits(v-floor)-1) >> 31) // all bits where the difference is 0, or less
	return math.Float32frombits(math.Float32bits(v)&^below | math.Float32bits(none)&below)
}
