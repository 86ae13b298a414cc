package motion

import (
	"math"
	"slices"

	"bowecho/internal/grid"
)

// The least squares' own numbers. Lengths are in pixels of whatever level is being solved.
const (
	refinements   = 2
	windowPixels  = 4                       // standard deviation of the window in which motion is taken as one
	widePixels    = 12                      // that of a wider one
	wideShare     = 0.2                     // how much the wider one counts, for where the window sees too little texture
	aroundPixels  = 16                      // standard deviation of the surroundings that motion leans on
	flowPixels    = 2                       // width of a pixel of the flow, which the window makes smooth
	leaning       = 6                       // how strongly, per unit of what the flow leaves unexplained: 1/(pixels a minute)²
	weakGradient  = flowPixels * flowPixels // dB²·min²/pixel² that must be exceeded before a gradient counts
	mismatchDB    = 6                       // a pixel whose frames differ so much counts half: echo grew or died there
	mostPixels    = 2                       // a refinement moves the oldest frame at most so far
	faintestShare = 1e-4                    // weight of an echo-free pixel among its surroundings, as a share of the mean weight
)

// refined improves a flow until it explains the frames as well as a few steps can, and gives what it was last made of.
func (f flow) refined(frames []frame) (better flow, e equations) {
	most := mostPixels / frames[len(frames)-1].ageMin
	for range refinements {
		e = f.onto(frames[0]).trend(frames).equations()
		eachOf([]plane{e.xx, e.xy, e.yy, e.xs, e.ys, e.ss}, plane.windowed)
		f = f.solved(e, f.surroundings(e), most)
	}
	return f, e
}

// windowed sums a plane up in the window around each pixel.
func (p plane) windowed() {
	p.smooth(windowPixels / flowPixels)
	wide := plane{p.rows, p.cols, slices.Clone(p.v)}
	wide.smooth(widePixels / flowPixels)
	for i, v := range wide.v {
		p.v[i] += wideShare * (v - p.v[i])
	}
}

// lean is how strongly the flow leans on its surroundings: the more, the less it explains.
func (e *equations) lean(i int) float32 { return weakGradient + leaning*e.ss.v[i] }

// seen is the share, 0 to 1, of a pixel's own echo in its flow, in the direction in which it is seen worst, were it to lean as
// strongly everywhere.
func (e *equations) seen(i int) float32 {
	mean, half := (e.xx.v[i]+e.yy.v[i])/2, (e.xx.v[i]-e.yy.v[i])/2
	least := max(mean-float32(math.Hypot(float64(half), float64(e.xy.v[i]))), 0) // the lesser eigenvalue of the gradients' matrix
	return least / (least + e.lean(i))
}

// quality is what is seen, in each pixel. The rest is from the surroundings.
func (e *equations) quality() plane {
	out := newPlane(e.xx.rows, e.xx.cols)
	for i := range out.v {
		out.v[i] = e.seen(i)
	}
	return out
}

// equations are the normal equations of slope = -gradient · missing motion: products of the gradient (x, y) and the slope (s).
type equations struct{ xx, xy, yy, xs, ys, ss plane }

// equations sums them over the pixels of the flow.
func (t trend) equations() equations {
	rows, cols := halves(t.mean.rows), halves(t.mean.cols)
	e := equations{newPlane(rows, cols), newPlane(rows, cols), newPlane(rows, cols), newPlane(rows, cols), newPlane(rows, cols), newPlane(rows, cols)}
	grid.Bands(rows, func(from, to int) {
		for r := from * flowPixels; r < min(to*flowPixels, t.mean.rows); r++ {
			above, here, below := t.mean.row(max(r-1, 0)), t.mean.row(r), t.mean.row(min(r+1, t.mean.rows-1))
			slopes, spreads := t.slope.row(r), t.spread.row(r)
			for c, w := range spreads {
				if w == 0 {
					continue
				}
				i := r/flowPixels*cols + c/flowPixels
				x, y, s := (here[min(c+1, len(here)-1)]-here[max(c-1, 0)])/2, (below[c]-above[c])/2, slopes[c]
				w /= 1 + w*s*s/(mismatchDB*mismatchDB)
				e.xx.v[i] += w * x * x
				e.xy.v[i] += w * x * y
				e.yy.v[i] += w * y * y
				e.xs.v[i] += w * x * s
				e.ys.v[i] += w * y * s
				e.ss.v[i] += w * s * s
			}
		}
	})
	return e
}

// surroundings gives the mean flow around each pixel, weighted by how much gradient it was seen on.
func (f flow) surroundings(e equations) flow {
	rows, cols := f.u.rows, f.u.cols
	weight, mean := newPlane(rows, cols), flow{newPlane(rows, cols), newPlane(rows, cols)}
	var total float64
	for i := range weight.v {
		weight.v[i] = e.xx.v[i] + e.yy.v[i]
		total += float64(weight.v[i])
	}
	faintest := max(float32(total/float64(rows*cols))*faintestShare, 1e-6)
	for i := range weight.v {
		weight.v[i] += faintest
		mean.u.v[i] = weight.v[i] * f.u.v[i]
		mean.v.v[i] = weight.v[i] * f.v.v[i]
	}
	eachOf([]plane{weight, mean.u, mean.v}, func(p plane) { p.smooth(aroundPixels / flowPixels) })
	for i, w := range weight.v {
		mean.u.v[i] /= w
		mean.v.v[i] /= w
	}
	return mean
}

// solved gives the flow that explains the slopes best while leaning on its surroundings. Where it is well seen it hardly leans
// on them: at the edge of a turning storm they lie to one side, and move otherwise.
func (f flow) solved(e equations, around flow, most float32) flow {
	rows, cols := f.u.rows, f.u.cols
	out := flow{newPlane(rows, cols), newPlane(rows, cols)}
	grid.Bands(rows, func(from, to int) {
		for i := from * cols; i < to*cols; i++ {
			u, v := f.u.v[i], f.v.v[i]
			seen := e.seen(i)
			lean := e.lean(i) * (1 - seen*seen)
			xx, xy, yy := e.xx.v[i]+lean, e.xy.v[i], e.yy.v[i]+lean
			x, y := lean*(around.u.v[i]-u)-e.xs.v[i], lean*(around.v.v[i]-v)-e.ys.v[i]
			det := xx*yy - xy*xy
			out.u.v[i] = u + min(max((yy*x-xy*y)/det, -most), most)
			out.v.v[i] = v + min(max((xx*y-xy*x)/det, -most), most)
		}
	})
	return out
}
