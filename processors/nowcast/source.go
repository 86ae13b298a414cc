package nowcast

import (
	"slices"

	"bowecho/internal/grid"
)

// source is what is sampled at the origins of trajectories: the latest field, or what has become of it meanwhile.
type source struct {
	latest *grid.Field
	floor  float32
	now    plane   // values in dBZ, no less than the floor; NaN where there is none
	width  float32 // cells in a pixel of now, along a side
	whole  []bool  // whether a block of the latest field and all around it were observed
	still  []bool  // whether moreover they hold one value, which is no echo
	quiet  []bool  // whether moreover there is no echo now
	blocks int     // across

	first, lastX, lastY float32 // cells from the first of these to before the last lie among four pixels
}

func newSource(f *grid.Field, floor float32) *source {
	s := &source{latest: f, floor: floor, blocks: (f.Cols-1)/blockCells + 1}
	raised := plane{f.Rows, f.Cols, make([]float32, len(f.Values))}
	for i, v := range f.Values {
		raised.v[i] = max(v, floor) + (v - v) // NaN where the value is not finite
	}
	down := (f.Rows-1)/blockCells + 1
	s.whole, s.still, s.quiet = make([]bool, down*s.blocks), make([]bool, down*s.blocks), make([]bool, down*s.blocks)
	seen := make([]sight, down*s.blocks)
	grid.Bands(down, func(from, to int) {
		for i := from * s.blocks; i < to*s.blocks; i++ {
			seen[i] = s.look(i/s.blocks*blockCells, i%s.blocks*blockCells)
		}
	})
	for i := range seen {
		s.whole[i], s.still[i] = s.around(seen, i/s.blocks, i%s.blocks)
	}
	s.take(raised, 0)
	return s
}

// sight is what there is to see in a block of the latest field.
type sight struct {
	whole bool // all of it was observed
	still bool // and holds this value, which is no echo
	value float32
}

func (s *source) look(row, col int) sight {
	f := s.latest
	out := sight{true, f.At(row, col) <= s.floor, f.At(row, col)}
	for r := row; r < min(row+blockCells, f.Rows); r++ {
		for _, v := range f.Row(r)[col:min(col+blockCells, f.Cols)] {
			if v-v != 0 {
				return sight{}
			}
			out.still = out.still && v == out.value
		}
	}
	return out
}

// around tells whether a block and those around it were observed, and whether they hold one value, which is no echo.
func (s *source) around(seen []sight, row, col int) (whole, still bool) {
	here := seen[row*s.blocks+col]
	whole, still = here.whole, here.still
	for r := max(row-1, 0); r <= min(row+1, len(seen)/s.blocks-1); r++ {
		for c := max(col-1, 0); c <= min(col+1, s.blocks-1); c++ {
			other := seen[r*s.blocks+c]
			whole = whole && other.whole
			still = still && other == here
		}
	}
	return whole, still
}

const slack = 0.01 // of a cell, so that rounding does not lead beyond the last pixel

// take makes these values the ones to sample, whose pixels are 2^level cells wide.
func (s *source) take(now plane, level int) {
	s.now, s.width = now, float32(int(1)<<level)
	s.first = (s.width - 1) / 2
	s.lastX = min(float32(s.latest.Cols-1), float32(now.cols-1)*s.width+s.first) - slack
	s.lastY = min(float32(s.latest.Rows-1), float32(now.rows-1)*s.width+s.first) - slack
	down := len(s.still) / s.blocks
	echo := make([]bool, len(s.still))
	grid.Bands(down, func(from, to int) {
		for i := from * s.blocks; i < to*s.blocks; i++ {
			echo[i] = s.echoIn(i/s.blocks*blockCells, i%s.blocks*blockCells)
		}
	})
	reach := 1 + (1<<level+blockCells-2)/blockCells // a pixel wider than a cell is felt further away
	for i := range s.quiet {
		s.quiet[i] = s.still[i] && !s.near(echo, i/s.blocks, i%s.blocks, reach)
	}
}

// echoIn tells whether there is echo in the block that begins here.
func (s *source) echoIn(row, col int) bool {
	width := int(s.width)
	first, last := col/width, min((col+blockCells-1)/width, s.now.cols-1)
	for r := row / width; r <= min((row+blockCells-1)/width, s.now.rows-1); r++ {
		for _, v := range s.now.row(r)[first : last+1] {
			if v > s.floor {
				return true
			}
		}
	}
	return false
}

// near tells whether one of the blocks within this reach is marked.
func (s *source) near(marked []bool, row, col, reach int) bool {
	down := len(marked) / s.blocks
	for r := max(row-reach, 0); r <= min(row+reach, down-1); r++ {
		if slices.Contains(marked[r*s.blocks:][max(col-reach, 0):min(col+reach+1, s.blocks)], true) {
			return true
		}
	}
	return false
}
