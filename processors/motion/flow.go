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

// trend is how the frames differ with age when each has been carried along a flow to the latest frame's time: their mean
// in dB, its change in dB a minute, and how well the change is known (the spread of the ages seen, min²).
type trend struct{ mean, slope, spread plane }

// trend fits a line through the frames in each pixel.
func (f flow) trend(frames []frame) trend {
	rows, cols := f.u.rows, f.u.cols
	out := trend{newPlane(rows, cols), newPlane(rows, cols), newPlane(rows, cols)}
	grid.Bands(rows, func(from, to int) {
		for i := from * cols; i < to*cols; i++ {
			x, y := float32(i%cols), float32(i/cols)
			var n, t, tt, e, te float32
			for k := range frames {
				age := frames[k].ageMin
				echo, seen := frames[k].at(x-f.u.v[i]*age, y-f.v.v[i]*age)
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
