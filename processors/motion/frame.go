package motion

import "bowecho/internal/grid"

// frame is one observation on one level.
type frame struct {
	rows, cols int
	v          []pixel
	echoes     []bool // whether there is any in each block of pixels
	ageMin     float32
}

// blockPixels is how wide a block is of which one question is asked instead of one a pixel.
const blockPixels = 8

func blocks(pixels int) int { return (pixels-1)/blockPixels + 1 }

// look finds the blocks with echo.
func (f *frame) look() {
	across := blocks(f.cols)
	f.echoes = make([]bool, blocks(f.rows)*across)
	for r := range f.rows {
		in := f.echoes[r/blockPixels*across:]
		for c, p := range f.row(r) {
			if p.echo > 0 {
				in[c/blockPixels] = true
			}
		}
	}
}

// dry tells whether there is no echo in the blocks between two places, both included. There is none beyond the edge.
func (f *frame) dry(left, top, right, bottom float32) bool {
	across := blocks(f.cols)
	block := func(at float32, n int) int { return min(max(int(at)/blockPixels, 0), n-1) }
	for r := block(top, blocks(f.rows)); r <= block(bottom, blocks(f.rows)); r++ {
		for c := block(left, across); c <= block(right, across); c++ {
			if f.echoes[r*across+c] {
				return false
			}
		}
	}
	return true
}

// pixel is dB above the floor, and how much of it was observed, 0 to 1. What was observed in part is its mean.
type pixel struct{ echo, seen float32 }

func (f *frame) row(r int) []pixel { return f.v[r*f.cols : (r+1)*f.cols] }

// newFrame gives a field on pixels of two cells: finer than that nothing is looked at.
func newFrame(f *grid.Field, ageMin float64, cfg Config) frame {
	low, high := float32(cfg.FloorDBZ), float32(cfg.CeilingDBZ)
	return halved(f.Rows, f.Cols, float32(ageMin), func(r int, line []pixel) {
		for c, v := range f.Row(r) {
			if v-v == 0 { // neither NaN nor infinite
				line[c] = pixel{min(max(v, low), high) - low, 1}
			} else {
				line[c] = pixel{}
			}
		}
	})
}

// halved gives the frame at half the resolution.
func (f frame) halved() frame {
	return halved(f.rows, f.cols, f.ageMin, func(r int, line []pixel) {
		for c, p := range f.row(r) {
			line[c] = pixel{p.seen * p.echo, p.seen}
		}
	})
}

// The weights of four neighbours in a pixel twice as wide; wider than the pixel, against aliasing.
const outer, inner = 1. / 8, 3. / 8

// weighed gives a pixel's weighted sum.
func weighed(a, b, c, d pixel) pixel {
	return pixel{outer*(a.echo+d.echo) + inner*(b.echo+c.echo), outer*(a.seen+d.seen) + inner*(b.seen+c.seen)}
}

// halved gives the weighted mean of what was observed on pixels twice as wide. Rows are read with echo times seen for echo;
// beyond the edge they are as at it.
func halved(rows, cols int, ageMin float32, read func(r int, line []pixel)) frame {
	out := frame{rows: halves(rows), cols: halves(cols), v: make([]pixel, halves(rows)*halves(cols)), ageMin: ageMin}
	grid.Bands(out.rows, func(from, to int) {
		line := make([]pixel, 2*out.cols+2) // one more at the first edge, and two at the last
		var last [4][]pixel                 // the rows before, already halved
		for i := range last {
			last[i] = make([]pixel, out.cols)
		}
		next := func(r int) {
			read(min(max(r, 0), rows-1), line[1:cols+1])
			line[0] = line[1]
			for i := cols + 1; i < len(line); i++ {
				line[i] = line[cols]
			}
			into := last[(r+4)%4]
			for c := range into {
				four := (*[4]pixel)(line[2*c:])
				into[c] = weighed(four[0], four[1], four[2], four[3])
			}
		}
		next(2*from - 1)
		next(2 * from)
		for r := from; r < to; r++ {
			next(2*r + 1)
			next(2*r + 2)
			mean(out.row(r), last[(2*r+3)%4], last[2*r%4], last[(2*r+1)%4], last[(2*r+2)%4])
		}
	})
	out.look()
	return out
}

// mean weighs four rows, and divides by how much was observed.
func mean(out, a, b, c, d []pixel) {
	a, b, c, d = a[:len(out)], b[:len(out)], c[:len(out)], d[:len(out)]
	for i := range out {
		sum := weighed(a[i], b[i], c[i], d[i])
		if sum.seen > 0 && sum.seen != 1 {
			sum.echo /= sum.seen
		}
		out[i] = sum
	}
}

// at interpolates between pixels; outside the grid nothing was observed.
func (f *frame) at(x, y float32) pixel {
	if !(x >= 0 && y >= 0 && x <= float32(f.cols-1) && y <= float32(f.rows-1)) {
		return pixel{}
	}
	x0, y0 := int(x), int(y)
	fx, fy := x-float32(x0), y-float32(y0)
	a := y0*f.cols + x0
	right, down := min(1, f.cols-1-x0), f.cols*min(1, f.rows-1-y0)
	return between(between(f.v[a], f.v[a+right], fx), between(f.v[a+down], f.v[a+down+right], fx), fy)
}

func between(a, b pixel, share float32) pixel {
	return pixel{a.echo + share*(b.echo-a.echo), a.seen + share*(b.seen-a.seen)}
}
