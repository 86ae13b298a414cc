package nowcast

import "bowecho/internal/grid"

// source is what is sampled at the origins of trajectories: the latest field, or what has become of it meanwhile.
type source struct {
	latest *grid.Field
	floor  float32
	none   plane   // what stands for no echo in each cell: the latest value, if it is none
	now    plane   // values in dBZ, no less than the floor; NaN where there is none
	width  float32 // cells in a pixel of now, along a side

	across int       // blocks in a row of blocks
	field  []sight   // what each block of the latest field shows
	sights []sight   // and now, as far as a cell's pixels reach
	value  []float32 // of the first cell of a block of the latest field

	first, lastX, lastY float32 // cells from the first of these to before the last lie among four pixels
}

// sight is what a block shows, and all its neighbours as far as they matter: the shorter ways are for what is alike.
type sight uint8

const (
	observed sight = 1 << iota // every cell of the latest field holds a value
	blank                      // none does
	even                       // all hold the same one, which is no echo
	dry                        // there is no echo now
	wet                        // or everywhere
)

func newSource(f *grid.Field, floor float32) *source {
	s := &source{latest: f, floor: floor, across: (f.Cols-1)/blockCells + 1}
	blocks := s.across * ((f.Rows-1)/blockCells + 1)
	s.field, s.sights, s.value = make([]sight, blocks), make([]sight, blocks), make([]float32, blocks)
	raised := plane{f.Rows, f.Cols, make([]float32, len(f.Values))}
	s.none = plane{f.Rows, f.Cols, make([]float32, len(f.Values))}
	grid.Bands(blocks/s.across, func(from, to int) {
		for r := from * blockCells; r < min(to*blockCells, f.Rows); r++ {
			line, none := raised.row(r), s.none.row(r)
			for c, v := range f.Row(r) {
				line[c] = max(v, floor) + (v - v) // NaN where the value is not finite
				if none[c] = v; v > floor {
					none[c] = grid.NoEchoDBZ
				}
			}
		}
		for i := from * s.across; i < to*s.across; i++ {
			s.field[i], s.value[i] = s.look(i/s.across*blockCells, i%s.across*blockCells)
		}
	})
	s.take(raised, 0)
	return s
}

// look tells what the block that begins here shows of the latest field, and its first value.
func (s *source) look(row, col int) (sight, float32) {
	f := s.latest
	value := f.At(row, col)
	known, alike, cells := 0, 0, 0
	for r := row; r < min(row+blockCells, f.Rows); r++ {
		for _, v := range f.Row(r)[col:min(col+blockCells, f.Cols)] {
			cells++
			if v-v == 0 {
				known++
			}
			if v == value {
				alike++
			}
		}
	}
	var shows sight
	if known == cells {
		shows |= observed
	}
	if known == 0 {
		shows |= blank
	}
	if known == cells && alike == cells && value <= s.floor {
		shows |= even
	}
	return shows, value
}

const slack = 0.01 // of a cell, so that rounding does not lead beyond the last pixel

// take makes these values the ones to sample, whose pixels are 2^level cells wide.
func (s *source) take(now plane, level int) {
	s.now, s.width = now, float32(int(1)<<level)
	s.first = (s.width - 1) / 2
	s.lastX = min(float32(s.latest.Cols-1), float32(now.cols-1)*s.width+s.first) - slack
	s.lastY = min(float32(s.latest.Rows-1), float32(now.rows-1)*s.width+s.first) - slack
	grid.Bands(len(s.field)/s.across, func(from, to int) {
		for i := from * s.across; i < to*s.across; i++ {
			s.sights[i] = s.field[i] | s.echo(i/s.across*blockCells, i%s.across*blockCells)
		}
	})
	if level > 0 {
		s.widen(1 + (1<<level-1)/blockCells)
	}
}

// echo tells whether the block that begins here is dry, or wet.
func (s *source) echo(row, col int) sight {
	width := int(s.width)
	first, last := col/width, min((col+blockCells-1)/width, s.now.cols-1)
	echo, pixels := 0, 0
	for r := row / width; r <= min((row+blockCells-1)/width, s.now.rows-1); r++ {
		line := s.now.row(r)[first : last+1]
		pixels += len(line)
		for _, v := range line {
			if v > s.floor {
				echo++
			}
		}
	}
	switch echo {
	case 0:
		return dry
	case pixels:
		return wet
	}
	return 0
}

// widen lets a block show only what those do that its cells' pixels reach into: so many around it.
func (s *source) widen(reach int) {
	own := append([]sight(nil), s.sights...)
	down := len(own) / s.across
	for i := range own {
		row, col := i/s.across, i%s.across
		for r := max(row-reach, 0); r <= min(row+reach, down-1); r++ {
			for _, other := range own[r*s.across:][max(col-reach, 0):min(col+reach+1, s.across)] {
				s.sights[i] &= other | blank | even
			}
		}
	}
}

// around tells what all the blocks show in which these cells lie, and the value of the first.
func (s *source) around(top, bottom, left, right int) (sight, float32) {
	top, bottom, left, right = top/blockCells, bottom/blockCells, left/blockCells, right/blockCells
	all, value := observed|blank|even|dry|wet, s.value[top*s.across+left]
	for r := top; r <= bottom; r++ {
		values := s.value[r*s.across : (r+1)*s.across]
		for c, shows := range s.sights[r*s.across:][left : right+1] {
			if values[left+c] != value {
				shows &^= even
			}
			all &= shows
		}
	}
	return all, value
}
