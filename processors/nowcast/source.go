package nowcast

import (
	"math"

	"bowecho/internal/grid"
)

// source is the latest field, ready to be sampled.
type source struct {
	field  *grid.Field
	floor  float32
	raised []float32 // the values, no less than the floor; NaN where there is none
	plain  []bool    // whether a block and all around it hold one value, so that nothing need be interpolated
	blocks int       // blocks across
}

func newSource(f *grid.Field, floor float32) *source {
	s := &source{field: f, floor: floor, raised: make([]float32, len(f.Values)), blocks: (f.Cols-1)/blockCells + 1}
	for i, v := range f.Values {
		s.raised[i] = max(v, floor) + (v - v) // NaN where the value is not finite
	}
	down := (f.Rows-1)/blockCells + 1
	s.plain = make([]bool, down*s.blocks)
	grid.Bands(down, func(from, to int) {
		for i := from * s.blocks; i < to*s.blocks; i++ {
			s.plain[i] = s.uniform(i/s.blocks*blockCells, i%s.blocks*blockCells)
		}
	})
	return s
}

// uniform tells whether the block that begins here and its surroundings, a block wide, hold one value at or below the floor.
func (s *source) uniform(row, col int) bool {
	f := s.field
	first := f.At(row, col)
	if !(first <= s.floor) || math.IsInf(float64(first), 0) {
		return false
	}
	for r := max(row-blockCells, 0); r < min(row+2*blockCells, f.Rows); r++ {
		for _, v := range f.Row(r)[max(col-blockCells, 0):min(col+2*blockCells, f.Cols)] {
			if v != first {
				return false
			}
		}
	}
	return true
}

// arriving gives the field at the trajectories' lead time.
func (s *source) arriving(t *trajectories) *grid.Field {
	f := s.field
	out := &grid.Field{Rows: f.Rows, Cols: f.Cols, Values: make([]float32, len(f.Values))}
	grid.Bands(f.Rows, func(from, to int) {
		dx, dy := make([]float32, t.cols), make([]float32, t.cols)
		for r := from; r < to; r++ {
			t.between(r, dx, dy)
			line := out.Row(r)
			for c := 0; c < f.Cols; c += blockCells {
				b := c / blockCells
				s.stretch(line[c:min(c+blockCells, f.Cols)], float32(c)-dx[b], float32(r)-dy[b],
					1-(dx[b+1]-dx[b])/blockCells, -(dy[b+1]-dy[b])/blockCells)
			}
		}
	})
	return out
}

// stretch fills a row of a block from origins that begin at x, y and go on by stepX, stepY from cell to cell.
func (s *source) stretch(line []float32, x, y, stepX, stepY float32) {
	if v, ok := s.quiet(x, y, stepX, stepY); ok {
		for i := range line {
			line[i] = v
		}
		return
	}
	cols, lastX, lastY := s.field.Cols, float32(s.field.Cols-1), float32(s.field.Rows-1)
	for i := range line {
		x, y := x+float32(i)*stepX, y+float32(i)*stepY
		if x >= 0 && y >= 0 && x < lastX && y < lastY {
			x0, y0 := int(x), int(y)
			above := s.raised[y0*cols+x0:][:2]
			below := s.raised[y0*cols+x0+cols:][:2]
			fx, fy := x-float32(x0), y-float32(y0)
			if v := mix(mix(above[0], above[1], fx), mix(below[0], below[1], fx), fy); v > s.floor {
				line[i] = v
				continue
			}
		}
		line[i] = s.at(x, y)
	}
}

func mix(a, b, share float32) float32 { return a + share*(b-a) }

// quiet gives the one value that all origins of a row of a block have, where that is plain to see.
func (s *source) quiet(x, y, stepX, stepY float32) (float32, bool) {
	if !(x >= 0 && y >= 0 && x <= float32(s.field.Cols-1) && y <= float32(s.field.Rows-1)) {
		return 0, false
	}
	endX, endY := x+(blockCells-1)*stepX, y+(blockCells-1)*stepY
	if !(endX >= 0 && endY >= 0 && endX <= float32(s.field.Cols-1) && endY <= float32(s.field.Rows-1)) {
		return 0, false
	}
	row, col := int(y)/blockCells, int(x)/blockCells
	if !s.plain[row*s.blocks+col] || abs(endX-x) > blockCells-1 || abs(endY-y) > blockCells-1 {
		return 0, false
	}
	return s.field.At(int(y), int(x)), true
}

func abs(v float32) float32 { return max(v, -v) }

// at gives the value at any place, also where stretch's short way does not lead to one.
func (s *source) at(x, y float32) float32 {
	f := s.field
	if !(x >= -0.5 && y >= -0.5 && x < float32(f.Cols)-0.5 && y < float32(f.Rows)-0.5) {
		return float32(math.NaN())
	}
	x, y = min(max(x, 0), float32(f.Cols-1)), min(max(y, 0), float32(f.Rows-1))
	x0, y0 := int(x), int(y)
	fx, fy := x-float32(x0), y-float32(y0)
	a := y0*f.Cols + x0
	b, down := a+min(1, f.Cols-1-x0), f.Cols*min(1, f.Rows-1-y0)
	p := s.raised
	if v := mix(mix(p[a], p[b], fx), mix(p[a+down], p[b+down], fx), fy); v > s.floor {
		return v
	}
	return s.nearest(x, y, [4]int{a, b, a + down, b + down}, fx, fy)
}

// nearest decides where interpolation does not: among cells below the floor, and beside cells without a value.
func (s *source) nearest(x, y float32, cells [4]int, fx, fy float32) float32 {
	i := int(y+0.5)*s.field.Cols + int(x+0.5)
	switch near := s.raised[i]; {
	case near != near:
		return near
	case near <= s.floor:
		return s.field.Values[i]
	}
	var sum, weight float32
	for i, w := range [4]float32{(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy} {
		if e := s.raised[cells[i]]; e == e {
			sum += w * e
			weight += w
		}
	}
	return sum / weight
}
