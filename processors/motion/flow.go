package motion

import "bowecho/internal/grid"

// flow is displacement a minute, in the pixels of a level. It is kept on pixels twice as wide, as it is smoother than echo.
type flow struct{ u, v plane }

// fitted brings a flow from the next coarser level, whose pixels are twice as wide, to planes of this size; if it has that
// size already, it is this level's own.
func (f flow) fitted(rows, cols int) flow {
	if f.u.rows == rows && f.u.cols == cols {
		return f
	}
	return flow{f.u.doubled(rows, cols, 2), f.v.doubled(rows, cols, 2)}
}

// onto brings a flow to the pixels of a frame of its level.
func (f flow) onto(of frame) flow { return flow{f.u.onto(of), f.v.onto(of)} }

func (p plane) onto(of frame) plane { return p.doubled(of.rows, of.cols, 1) }

// trend is how the frames differ with age when each has been carried along a flow to the latest frame's time: their mean
// in dB, its change in dB a minute, and how well the change is known (the spread of the ages seen, min²).
type trend struct{ mean, slope, spread plane }

// trend fits a line through the frames in each pixel. Where no frame has echo it is left at nothing.
func (f flow) trend(frames []frame) trend {
	rows, cols := f.u.rows, f.u.cols
	out := trend{newPlane(rows, cols), newPlane(rows, cols), newPlane(rows, cols)}
	grid.Bands(blocks(rows), func(from, to int) {
		for row := from * blockPixels; row < min(to*blockPixels, rows); row += blockPixels {
			for col := 0; col < cols; col += blockPixels {
				lastRow, lastCol := min(row+blockPixels, rows)-1, min(col+blockPixels, cols)-1
				shows := f.shown(frames, row, col, lastRow, lastCol)
				if shows&dry != 0 {
					continue
				}
				var b block
				b.begin(f, row, col, lastRow, lastCol)
				if shows&whole != 0 {
					b.addWhole(frames)
				} else {
					b.add(frames)
				}
				b.fit(out)
			}
		}
	})
	return out
}

// shown tells what all frames show on the paths to a block, as far as those to its corners tell.
func (f flow) shown(frames []frame, row, col, lastRow, lastCol int) sight {
	cols := f.u.cols
	corners := [4]path{f.backFrom(row*cols + col), f.backFrom(row*cols + lastCol), f.backFrom(lastRow*cols + col), f.backFrom(lastRow*cols + lastCol)}
	const about = 2 // pixels: one for interpolation, and one as paths in the midst bend
	all := dry | whole
	for k := range frames {
		left, top := corners[0].before(frames[k].ageMin)
		right, bottom := left, top
		for i := range corners {
			x, y := corners[i].before(frames[k].ageMin)
			left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
		}
		if all &= frames[k].between(left-about, top-about, right+about, bottom+about); all == 0 {
			break
		}
	}
	return all
}

// line is sums over frames: of weights, and weighted ones of time, time squared, echo, and time times echo.
type line struct{ n, t, tt, e, te float32 }

func (l *line) add(ageMin float32, p pixel) {
	w := p.seen
	l.n += w
	l.t -= w * ageMin
	l.tt += w * ageMin * ageMin
	l.e += w * p.echo
	l.te -= w * p.echo * ageMin
}

// fitted gives the line's mean, its slope and the spread of its times; nothing where hardly anything was observed.
func (l *line) fitted() (mean, slope, spread float32) {
	if l.n < 0.5 {
		return 0, 0, 0
	}
	spread = l.tt - l.t*l.t/l.n
	if spread <= 1e-4*l.tt { // no more than rounding
		return l.e / l.n, 0, 0
	}
	return l.e / l.n, (l.te - l.t*l.e/l.n) / spread, spread
}

// path is the way to a pixel: its place, velocity and the velocity's change along the way, in pixels and minutes.
type path struct{ x, y, u, v, turnU, turnV float32 }

// backFrom gives the path that ends in pixel i of a flow that is steady.
func (f flow) backFrom(i int) path {
	rows, cols := f.u.rows, f.u.cols
	row, col := i/cols, i%cols
	west, east := i-min(col, 1), i+min(cols-1-col, 1)
	north, south := i-cols*min(row, 1), i+cols*min(rows-1-row, 1)
	u, v := f.u.v[i], f.v.v[i]
	x, y := u/float32(max(east-west, 1)), v/float32(max((south-north)/cols, 1))
	return path{
		float32(col), float32(row), u, v,
		x*(f.u.v[east]-f.u.v[west]) + y*(f.u.v[south]-f.u.v[north]),
		x*(f.v.v[east]-f.v.v[west]) + y*(f.v.v[south]-f.v.v[north]),
	}
}

// before gives the place a while before, to second order in time.
func (p *path) before(minutes float32) (x, y float32) {
	half := minutes / 2
	return p.x - minutes*(p.u-half*p.turnU), p.y - minutes*(p.v-half*p.turnV)
}
