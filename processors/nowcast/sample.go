package nowcast

import (
	"math"

	"bowecho/internal/grid"
)

// arriving gives the field at the trajectories' lead time.
func (s *source) arriving(t *trajectories) *grid.Field {
	f := s.latest
	out := &grid.Field{Rows: f.Rows, Cols: f.Cols, Values: make([]float32, len(f.Values))}
	grid.Bands(f.Rows, func(from, to int) {
		dx, dy := make([]float32, t.cols), make([]float32, t.cols)
		for r := from; r < to; r++ {
			t.between(r, dx, dy)
			line := out.Row(r)
			for c := 0; c < f.Cols; c += blockCells {
				b := c / blockCells
				o := origins{float32(c) - dx[b], float32(r) - dy[b], 1 - (dx[b+1]-dx[b])/blockCells, -(dy[b+1] - dy[b]) / blockCells}
				s.sample(o, line[c:min(c+blockCells, f.Cols)])
			}
		}
	})
	return out
}

// origins are where a row of a block comes from: from a place, in cells, on by a step for each cell.
type origins struct{ x, y, stepX, stepY float32 }

func (o origins) of(i int) (x, y float32) { return o.x + float32(i)*o.stepX, o.y + float32(i)*o.stepY }

// sample fills a row of a block. What the short ways do not decide is left to at.
func (s *source) sample(o origins, line []float32) {
	block := s.block(o)
	switch {
	case block >= 0 && s.quiet[block]:
		v := s.latest.At(int(o.y), int(o.x))
		for i := range line {
			line[i] = v
		}
	case block >= 0 && s.whole[block]:
		s.interpolate(o, line)
	default:
		for i := range line {
			line[i] = s.at(o.of(i))
		}
	}
}

// interpolate is at for origins around which all is observed.
func (s *source) interpolate(o origins, line []float32) {
	cols, values := s.now.cols, s.now.v
	p := origins{pixel(o.x, s.width), pixel(o.y, s.width), o.stepX / s.width, o.stepY / s.width}
	for i := range line {
		x, y := p.of(i)
		x0, y0 := int(x), int(y)
		k := y0*cols + x0
		above, below := values[k:k+2], values[k+cols:k+cols+2]
		fx, fy := x-float32(x0), y-float32(y0)
		a, b := above[0]+fx*(above[1]-above[0]), below[0]+fx*(below[1]-below[0])
		v := a + fy*(b-a)
		if v <= s.floor {
			v = s.none(o.of(i))
		}
		line[i] = v
	}
}

// none is what stands for no echo at a place where the latest field holds a value.
func (s *source) none(x, y float32) float32 {
	if near := s.latest.At(int(y+0.5), int(x+0.5)); near <= s.floor {
		return near
	}
	return grid.NoEchoDBZ
}

// block gives the block in which origins begin, if all of them and the cells about them lie in it or in those around it; else -1.
func (s *source) block(o origins) int {
	endX, endY := o.of(blockCells - 1)
	if !(o.x >= s.first && o.y >= s.first && o.x < s.lastX && o.y < s.lastY && endX >= s.first && endY >= s.first && endX < s.lastX && endY < s.lastY) {
		return -1
	}
	row, col := int(o.y)/blockCells, int(o.x)/blockCells
	endX -= float32(col * blockCells)
	endY -= float32(row * blockCells)
	if endX < -blockCells || endX >= 2*blockCells-1 || endY < -blockCells || endY >= 2*blockCells-1 {
		return -1
	}
	return row*s.blocks + col
}

// at gives the value at any place among cells.
func (s *source) at(x, y float32) float32 {
	f := s.latest
	if !(x >= -0.5 && y >= -0.5 && x < float32(f.Cols)-0.5 && y < float32(f.Rows)-0.5) {
		return float32(math.NaN())
	}
	near := f.At(int(y+0.5), int(x+0.5))
	if near-near != 0 {
		return float32(math.NaN())
	}
	v := s.now.at(pixel(x, s.width), pixel(y, s.width))
	switch {
	case v > s.floor:
		return v
	case near <= s.floor:
		return near
	}
	return grid.NoEchoDBZ
}
