package quality

import "math"

// Textures are judged between gates so far apart and over so much of the ray to each side, so that radars with fine and
// with coarse gates can be held to the same.
const (
	textureLagM  = 250
	textureHalfM = 1000
	leastHalf    = 3 // gates
	leastPairs   = 3
)

// window is how textures and means are taken, with memory for one ray.
type window struct {
	lag, half int // gates
	sums      []float64
	counts    []int32
}

func newWindow(spacingM float64, gates int) *window {
	return &window{
		lag:    lagGates(spacingM),
		half:   max(leastHalf, int(math.Round(textureHalfM/spacingM))),
		sums:   make([]float64, gates+1),
		counts: make([]int32, gates+1),
	}
}

// lagGates is textureLagM in gates.
func lagGates(spacingM float64) int { return max(1, int(math.Round(textureLagM/spacingM))) }

// reach is how many gates to each side a texture depends on.
func (w *window) reach() int { return w.half + w.lag }

// texture writes, for each gate with an echo, the standard deviation of values about their trend: the root mean square
// difference of gates a lag apart, over √2. Only gates with an echo count, those where z is valid; NaN where pairs are few.
// A turn is what the values come round after, +Inf where they do not.
func (w *window) texture(out, values, z []float32, turn float32) {
	pairs := max(0, len(values)-w.lag)
	sums, counts := w.sums[:pairs+1], w.counts[:pairs+1]
	sum, count := 0.0, int32(0)
	later, laterZ, half := values[len(values)-pairs:], z[len(z)-pairs:], turn/2
	for p, v := range values[:pairs] {
		d := later[p] - v
		if d > half {
			d -= turn
		} else if d < -half {
			d += turn
		}
		// With echo at both ends the difference of their reflectivity is finite.
		if echo := laterZ[p] - z[p]; valid(d) && valid(echo) {
			sum += float64(d * d)
			count++
		}
		sums[p+1], counts[p+1] = sum, count
	}
	for g := range out {
		if !valid(z[g]) {
			continue
		}
		from := min(max(g-w.half-w.lag/2, 0), pairs)
		to := min(max(g+w.half-w.lag/2+1, 0), pairs)
		out[g] = nan
		if n := counts[to] - counts[from]; n >= leastPairs {
			out[g] = float32(math.Sqrt(float64(float32(sums[to]-sums[from]) / float32(2*n))))
		}
	}
}

// mean writes, for each gate with an echo, the mean of the values of those in the window, NaN where there are none.
func (w *window) mean(out, values, z []float32) {
	sum, count := 0.0, int32(0)
	for g, v := range values {
		if valid(v) && valid(z[g]) {
			sum += float64(v)
			count++
		}
		w.sums[g+1], w.counts[g+1] = sum, count
	}
	for g := range out {
		if !valid(z[g]) {
			continue
		}
		from, to := max(g-w.half, 0), min(g+w.half+1, len(values))
		out[g] = nan
		if n := w.counts[to] - w.counts[from]; n > 0 {
			out[g] = float32(w.sums[to]-w.sums[from]) / float32(n)
		}
	}
}

var nan, endless = float32(math.NaN()), float32(math.Inf(1))
