package probability

import "bowecho/internal/grid"

// spread is the distribution of displacements at a lead time, on blocks that are small against it.
type spread struct {
	block  int
	window window
	known  plane // the share of displaced cells that have a value; empty where all have
}

// blocksInSpread is how many blocks the spread covers at least: with fewer, interpolation between them would show.
const blocksInSpread = 1.5

func newSpread(cells float64, s *strengths) *spread {
	block := max(1, int(cells/blocksInSpread))
	variance := cells * cells
	if block > 1 { // gathering into blocks and interpolating between them spread as well
		variance -= float64(block*block) / 4
	}
	side := float64(block)
	out := &spread{block: block, window: newWindow(variance / (2 * side * side))}
	if s.hasUnknown() {
		var known [bins]float32
		for b := 1; b < bins; b++ {
			known[b] = 1
		}
		out.known = out.window.blurred(out.gathered(s, known))
	}
	return out
}

// gathered gives the mean of a number that each bin has over each block.
func (d *spread) gathered(s *strengths, of [bins]float32) plane {
	p := newPlane((s.rows-1)/d.block+1, (s.cols-1)/d.block+1)
	grid.Bands(p.rows, func(from, to int) {
		for r := from; r < to; r++ {
			top, bottom := r*d.block, min((r+1)*d.block, s.rows)
			line := p.row(r)
			for row := top; row < bottom; row++ {
				d.add(line, s.bin[row*s.cols:(row+1)*s.cols], &of)
			}
			for c := range line {
				line[c] /= float32((bottom - top) * (min((c+1)*d.block, s.cols) - c*d.block))
			}
		}
	})
	return p
}

// add adds a row of cells to a row of blocks.
func (d *spread) add(line []float32, bin []uint8, of *[bins]float32) {
	if d.block == 1 {
		for c, b := range bin {
			line[c] = of[b]
		}
		return
	}
	for c := range line {
		var sum float32
		for _, b := range bin[c*d.block : min((c+1)*d.block, len(bin))] {
			sum += of[b]
		}
		line[c] += sum
	}
}

// chances gives for each cell, as codes, the mean of a chance that each bin has over where its echo may come from.
func (d *spread) chances(s *strengths, of [bins]float32) []uint8 {
	p := d.window.blurred(d.gathered(s, of))
	for i, known := range d.known.v {
		if known > 0 {
			p.v[i] /= known
		}
	}
	codes := make([]uint8, len(s.bin))
	across := newSteps(s.cols, p.cols, d.block)
	down := newSteps(s.rows, p.rows, d.block)
	grid.Bands(s.rows, func(from, to int) {
		line := make([]float32, p.cols)
		for r := from; r < to; r++ {
			above, below, share := p.row(int(down[r].left)), p.row(int(down[r].right)), down[r].share
			for c := range line {
				line[c] = certain*(above[c]+share*(below[c]-above[c])) + 0.5
			}
			out, bin := codes[r*s.cols:(r+1)*s.cols], s.bin[r*s.cols:(r+1)*s.cols]
			for c, step := range across {
				v := line[step.left]
				v += step.share * (line[step.right] - v)
				out[c] = uint8(min(max(v, 0), certain))
				if bin[c] == 0 {
					out[c] = unknown
				}
			}
		}
	})
	return codes
}

// step says between which two blocks the middle of a cell lies, and at what share of the way.
type step struct {
	left, right int32
	share       float32
}

func newSteps(cells, blocks, block int) []step {
	steps := make([]step, cells)
	for i := range steps {
		at := min(max((float32(i)+0.5)/float32(block)-0.5, 0), float32(blocks-1))
		left := int32(at)
		steps[i] = step{left, min(left+1, int32(blocks-1)), at - float32(left)}
	}
	return steps
}
