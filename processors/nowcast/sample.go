package nowcast

import (
	"math"

	"bowecho/internal/grid"
)

// arriving gives the field at the trajectories' lead time.
func (s *source) arriving(t *trajectories) *grid.Field {
	f := s.latest
	out := grid.Unset(f.Rows, f.Cols)
	grid.Bands(t.rows-1, func(from, to int) {
		var near tile
		for row := from; row < to; row++ {
			for col := range t.cols - 1 {
				s.fill(block{out, row * blockCells, col * blockCells}, t.patch(row, col), &near)
			}
		}
	})
	return out
}

// block is the cells of a field from a first one on, blockCells wide and high, or as many as there are.
type block struct {
	of       *grid.Field
	row, col int
}

func (b block) rows() int { return min(blockCells, b.of.Rows-b.row) }

func (b block) line(i int) []float32 {
	return b.of.Row(b.row + i)[b.col:min(b.col+blockCells, b.of.Cols)]
}

func (b block) set(v float32) {
	for i := range b.rows() {
		line := b.line(i)
		for c := range line {
			line[c] = v
		}
	}
}

// each writes in every cell the value at its origin.
func (b block) each(p patch, at func(x, y float32) float32) {
	for i := range b.rows() {
		o := p.row(i)
		line := b.line(i)
		for c := range line {
			line[c] = at(o.of(c))
		}
	}
}

// fill gives a block its values. What the short ways do not decide is left to at.
func (s *source) fill(b block, p patch, near *tile) {
	within := p.box()
	switch shows, value := s.shows(within); {
	case shows&blank != 0:
		b.set(float32(math.NaN()))
	case shows&even != 0 && shows&dry != 0:
		b.set(value)
	case shows&observed == 0:
		b.each(p, s.at)
	default:
		near.interpolate(s, b, p, within)
	}
}

// shows tells what there is in a box, and of what value. Where it reaches beyond the edge that is nothing in common.
func (s *source) shows(b box) (sight, float32) {
	if b.right < -0.5 || b.bottom < -0.5 || b.left >= float32(s.latest.Cols)-0.5 || b.top >= float32(s.latest.Rows)-0.5 {
		return blank, 0
	}
	if !(b.left >= s.first && b.top >= s.first && b.right < s.lastX && b.bottom < s.lastY && b.right-b.left < widest && b.bottom-b.top < widest) {
		return 0, 0
	}
	return s.around(int(b.top), int(b.bottom)+1, int(b.left), int(b.right)+1)
}

// at gives the value at any place among cells.
func (s *source) at(x, y float32) float32 {
	f := s.latest
	if !(x >= -0.5 && y >= -0.5 && x < float32(f.Cols)-0.5 && y < float32(f.Rows)-0.5) {
		return float32(math.NaN())
	}
	near := int(y+0.5)*f.Cols + int(x+0.5)
	if v := f.Values[near]; v-v != 0 {
		return float32(math.NaN())
	}
	if v := s.now.at(pixel(x, s.width), pixel(y, s.width)); v > s.floor {
		return v
	}
	return s.none.v[near]
}
