package nowcast

import "bowecho/internal/grid"

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
}

func newSource(f *grid.Field, floor float32) *source {
	s := &source{latest: f, floor: floor, blocks: (f.Cols-1)/blockCells + 1}
	raised := plane{f.Rows, f.Cols, make([]float32, len(f.Values))}
	for i, v := range f.Values {
		raised.v[i] = max(v, floor) + (v - v) // NaN where the value is not finite
	}
	down := (f.Rows-1)/blockCells + 1
	s.whole, s.still, s.quiet = make([]bool, down*s.blocks), make([]bool, down*s.blocks), make([]bool, down*s.blocks)
	grid.Bands(down, func(from, to int) {
		for i := from * s.blocks; i < to*s.blocks; i++ {
			s.whole[i], s.still[i] = s.look(i/s.blocks*blockCells, i%s.blocks*blockCells)
		}
	})
	s.take(raised, 0)
	return s
}

// look tells whether the block that begins here and its surroundings, a block wide, were observed and whether nothing was seen.
func (s *source) look(row, col int) (whole, still bool) {
	f := s.latest
	first := f.At(row, col)
	still = first <= s.floor
	for r := max(row-blockCells, 0); r < min(row+2*blockCells, f.Rows); r++ {
		for _, v := range f.Row(r)[max(col-blockCells, 0):min(col+2*blockCells, f.Cols)] {
			if v-v != 0 {
				return false, false
			}
			still = still && v == first
		}
	}
	return true, still
}

// take makes these values the ones to sample, whose pixels are 2^level cells wide.
func (s *source) take(now plane, level int) {
	s.now, s.width = now, float32(int(1)<<level)
	down := len(s.still) / s.blocks
	grid.Bands(down, func(from, to int) {
		for i := from * s.blocks; i < to*s.blocks; i++ {
			s.quiet[i] = s.still[i] && !s.echoAround(i/s.blocks*blockCells, i%s.blocks*blockCells)
		}
	})
}

// echoAround tells whether there is echo in the block that begins here or less than a block from it.
func (s *source) echoAround(row, col int) bool {
	width := int(s.width)
	first, last := max(col-blockCells-width, 0)/width, min((col+2*blockCells+width)/width, s.now.cols-1)
	for r := max(row-blockCells-width, 0) / width; r <= min((row+2*blockCells+width)/width, s.now.rows-1); r++ {
		for _, v := range s.now.row(r)[first : last+1] {
			if v > s.floor {
				return true
			}
		}
	}
	return false
}
