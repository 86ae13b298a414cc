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
	out := flow{f.u.doubled(rows, cols), f.v.doubled(rows, cols)}
	for i := range out.u.v {
		out.u.v[i] *= 2
		out.v.v[i] *= 2
	}
	return out
}

// onto brings a flow to the pixels of a frame of its level.
func (f flow) onto(of frame) flow { return flow{f.u.onto(of), f.v.onto(of)} }

func (p plane) onto(of frame) plane { return p.doubled(of.echo.rows, of.echo.cols) }

// trend is how the frames differ with age when each has been carried along a flow to the latest frame's time: their mean
// in dB, its change in dB a minute, and how well the change is known (the spread of the ages seen, min²).
type trend struct{ mean, slope, spread plane }

// trend fits a line through the frames in each pixel.
func (f flow) trend(frames []frame) trend {
	rows, cols := f.u.rows, f.u.cols
	out := trend{newPlane(rows, cols), newPlane(rows, cols), newPlane(rows, cols)}
	grid.Bands(rows, func(from, to int) {
		for i := from * cols; i < to*cols; i++ {
			path := f.backFrom(i)
			var n, t, tt, e, te float32
			for k := range frames {
				age := frames[k].ageMin
				echo, seen := frames[k].at(path.before(age))
				n += seen
				t -= seen * age
				tt += seen * age * age
				e += seen * echo
				te -= seen * echo * age
			}
			if n < 0.5 { // hardly observed at all
				continue
			}
			out.mean.v[i] = e / n
			if spread := tt - t*t/n; spread > 1e-4*tt { // more than rounding
				out.slope.v[i] = (te - t*e/n) / spread
				out.spread.v[i] = spread
			}
		}
	})
	return out
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
