package motion

import "bowecho/internal/grid"

// frame is one observation on one level.
type frame struct {
	rows, cols int
	echo, seen []float32 // as in pixel
	shows      []sight   // of each block of pixels
	ageMin     float32
}

// sight is what all the pixels of a block have in common: ways are shorter where that is so.
type sight uint8

const (
	dry   sight = 1 << iota // no echo
	whole                   // observed in full
)

// blockPixels is how wide a block is of which one question is asked instead of one a pixel.
const blockPixels = 8

func blocks(pixels int) int { return (pixels-1)/blockPixels + 1 }

// look tells what every block shows.
func (f *frame) look() {
	across := blocks(f.cols)
	f.shows = make([]sight, blocks(f.rows)*across)
	grid.Bands(blocks(f.rows), func(from, to int) {
		for i := from * across; i < to*across; i++ {
			f.shows[i] = f.sightOf(i/across*blockPixels, i%across*blockPixels)
		}
	})
}

// sightOf tells what the block that begins here shows.
func (f *frame) sightOf(row, col int) sight {
	shows := dry | whole
	for r := row; r < min(row+blockPixels, f.rows); r++ {
		echo, seen := f.row(r)
		for c := col; c < min(col+blockPixels, f.cols); c++ {
			if echo[c] > 0 {
				shows &^= dry
			}
			if seen[c] != 1 {
				shows &^= whole
			}
		}
	}
	return shows
}

// between tells what all the blocks between two places show, both included. Beyond the edge nothing is observed.
func (f *frame) between(left, top, right, bottom float32) sight {
	across := blocks(f.cols)
	all := dry | whole
	if left < 0 || top < 0 || right > float32(f.cols-1) || bottom > float32(f.rows-1) {
		all = dry
	}
	block := func(at float32, n int) int { return min(max(int(at)/blockPixels, 0), n-1) }
	first, last := block(left, across), block(right, across)
	for r := block(top, blocks(f.rows)); r <= block(bottom, blocks(f.rows)); r++ {
		for _, shows := range f.shows[r*across:][first : last+1] {
			all &= shows
		}
	}
	return all
}

// pixel is dB above the floor, and how much of it was observed, 0 to 1. What was observed in part is its mean.
type pixel struct{ echo, seen float32 }

func (f *frame) row(r int) (echo, seen []float32) {
	from, to := r*f.cols, (r+1)*f.cols
	return f.echo[from:to:to], f.seen[from:to:to]
}

func (f *frame) pixel(i int) pixel { return pixel{f.echo[i], f.seen[i]} }

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
		echo, seen := f.row(r)
		for c, share := range seen {
			line[c] = pixel{share * echo[c], share}
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
	pixels := halves(rows) * halves(cols)
	out := frame{rows: halves(rows), cols: halves(cols), echo: make([]float32, pixels), seen: make([]float32, pixels), ageMin: ageMin}
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
			echo, seen := out.row(r)
			mean(echo, seen, last[(2*r+3)%4], last[2*r%4], last[(2*r+1)%4], last[(2*r+2)%4])
		}
	})
	out.look()
	return out
}

// mean weighs four rows, and divides by how much was observed.
func mean(echo, seen []float32, a, b, c, d []pixel) {
	n := len(echo)
	seen, a, b, c, d = seen[:n], a[:n], b[:n], c[:n], d[:n]
	for i := range echo {
		sum := weighed(a[i], b[i], c[i], d[i])
		if sum.seen > 0 && sum.seen != 1 {
			sum.echo /= sum.seen
		}
		echo[i], seen[i] = sum.echo, sum.seen
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
	return mix(mix(f.pixel(a), f.pixel(a+right), fx), mix(f.pixel(a+down), f.pixel(a+down+right), fx), fy)
}

// echoAt is at where all was observed in full, and only the echo.
func (f *frame) echoAt(x, y float32) float32 {
	if !(x >= 0 && y >= 0 && x < float32(f.cols-1) && y < float32(f.rows-1)) {
		return f.at(x, y).echo
	}
	x0, y0 := int(x), int(y)
	fx, fy := x-float32(x0), y-float32(y0)
	i := y0*f.cols + x0
	above, below := (*[2]float32)(f.echo[i:]), (*[2]float32)(f.echo[i+f.cols:])
	a := above[0] + fx*(above[1]-above[0])
	b := below[0] + fx*(below[1]-below[0])
	return a + fy*(b-a)
}

func mix(a, b pixel, share float32) pixel {
	return pixel{a.echo + share*(b.echo-a.echo), a.seen + share*(b.seen-a.seen)}
}
