package probability

import "bowecho/internal/grid"

// spread is the distribution of displacements at a lead time: two windows along each axis, which is near to a normal
// distribution, on blocks of cells that are small against it.
type spread struct {
	strengths *strengths
	block     int
	window    window
	first     plane // the chances, averaged along rows,
	second    plane // and along columns, once; their memory is used again for each threshold
	known     plane // the share of displaced cells that have a value; empty where all have
}

// blocksInSpread is how many blocks the spread covers at least: with fewer, interpolation between them would show.
const blocksInSpread = 1

func newSpread(cells float64, s *strengths) *spread {
	block := max(1, int(cells/blocksInSpread))
	side := float64(block)
	variance := cells * cells
	if block > 1 { // gathering into blocks and interpolating between them spread as well
		variance -= side * side / 4
	}
	rows, cols := (s.rows-1)/block+1, (s.cols-1)/block+1
	d := &spread{s, block, newWindow(variance / (2 * side * side)), newPlane(rows, cols), newPlane(rows, cols), plane{}}
	if s.cells[0] > 0 {
		known := newPlane(rows, cols)
		d.averaged(&anyValue, func(r int, line []float32) { copy(known.row(r), line) })
		d.known = known
	}
	return d
}

// anyValue is 1 for each bin but that of no value.
var anyValue = func() (known [bins]float32) {
	for b := 1; b < bins; b++ {
		known[b] = 1
	}
	return known
}()

// averaged hands on, by rows of blocks, the mean of a number that each bin has over where echo may come from.
func (d *spread) averaged(of *[bins]float32, each func(r int, line []float32)) {
	grid.Bands(d.first.rows, func(from, to int) {
		between := make([]float32, d.first.cols)
		for r := from; r < to; r++ {
			line := d.first.row(r)
			d.gather(line, r, of)
			d.window.along(between, line)
			d.window.along(line, between)
		}
	})
	d.window.across(d.first, func(r int, line []float32) { copy(d.second.row(r), line) })
	d.window.across(d.second, each)
}

// gather gives the mean over each block of a row of blocks.
func (d *spread) gather(line []float32, row int, of *[bins]float32) {
	s := d.strengths
	if d.block == 1 {
		for c, b := range s.row(row) {
			line[c] = of[b]
		}
		return
	}
	clear(line)
	top, bottom := row*d.block, min((row+1)*d.block, s.rows)
	for r := top; r < bottom; r++ {
		bin := s.row(r)
		for c := range line {
			var sum float32
			for _, b := range bin[c*d.block : min((c+1)*d.block, len(bin))] {
				sum += of[b]
			}
			line[c] += sum
		}
	}
	for c := range line {
		line[c] /= float32((bottom - top) * (min((c+1)*d.block, s.cols) - c*d.block))
	}
}

// chances gives for each cell, as codes, the mean of a chance that each bin has over where its echo may come from.
func (d *spread) chances(of [bins]float32) []uint8 {
	codes := make([]uint8, len(d.strengths.bin))
	cols := d.strengths.cols
	if d.block == 1 {
		d.averaged(&of, func(r int, line []float32) {
			d.divide(r, line)
			for c, v := range line {
				codes[r*cols+c] = code(v)
			}
		})
	} else {
		coarse := newPlane(d.first.rows, d.first.cols)
		d.averaged(&of, func(r int, line []float32) {
			d.divide(r, line)
			copy(coarse.row(r), line)
		})
		d.interpolate(codes, coarse)
	}
	if d.known.v != nil {
		for i, b := range d.strengths.bin {
			if b == 0 {
				codes[i] = unknown
			}
		}
	}
	return codes
}

// leastKnown keeps places far from any value, of which nothing is told, from dividing by zero.
const leastKnown = 1e-6

// divide makes means over all displaced cells those over the ones with a value.
func (d *spread) divide(r int, line []float32) {
	if d.known.v == nil {
		return
	}
	for c, known := range d.known.row(r) {
		line[c] /= max(known, leastKnown)
	}
}

func code(chance float32) uint8 { return uint8(min(max(int32(certain*chance+0.5), 0), certain)) }

// interpolate gives codes of cells from chances in the middles of blocks. Beyond these it is as there.
func (d *spread) interpolate(codes []uint8, p plane) {
	cols, side := d.strengths.cols, float32(d.block)
	grid.Bands(d.strengths.rows, func(from, to int) {
		line := make([]float32, p.cols)
		for r := from; r < to; r++ {
			at := max((float32(r)+0.5)/side-0.5, 0)
			above, below, share := p.row(int(at)), p.held(int(at)+1), at-float32(int(at))
			for c, v := range above {
				line[c] = v + share*(below[c]-v)
			}
			d.stretch(codes[r*cols:(r+1)*cols], line)
		}
	})
}

// stretch interpolates a row from the middles of blocks.
func (d *spread) stretch(out []uint8, line []float32) {
	side := float32(d.block)
	half := d.block / 2 // cells up to the first middle
	for i := range min(half, len(out)) {
		out[i] = code(line[0])
	}
	for c, v := range line {
		from := c*d.block + half
		if from >= len(out) {
			return
		}
		rise := (line[min(c+1, len(line)-1)] - v) / side
		v += rise * (float32(half) + 0.5 - side/2)
		for i := range out[from:min(from+d.block, len(out))] {
			out[from+i] = code(v)
			v += rise
		}
	}
}
