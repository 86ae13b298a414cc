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

// window is textureLagM and textureHalfM in gates.
type window struct{ lag, half int }

func newWindow(spacingM float64) window {
	return window{
		lag:  max(1, int(math.Round(textureLagM/spacingM))),
		half: max(leastHalf, int(math.Round(textureHalfM/spacingM))),
	}
}

// texture writes, for each gate, the standard deviation of values about their trend: the root mean square difference of
// gates a lag apart, over √2. Only gates with an echo count; NaN where pairs are few. A turn is what the values come round
// after, 0 where they do not. spare is as long as values.
func (w window) texture(out, values, z, spare []float32, turn float32) {
	pairs := len(values) - w.lag
	for g := range pairs {
		d := values[g+w.lag] - values[g]
		if turn > 0 {
			if d > turn/2 {
				d -= turn
			} else if d < -turn/2 {
				d += turn
			}
		}
		square := d * d
		// An echo at both ends makes the difference of their reflectivity finite.
		if echo := z[g+w.lag] - z[g]; !valid(echo + square) {
			square = -1
		}
		spare[g] = square
	}
	var sum float64
	count := 0
	first, last := 0, 0 // of the pairs in the sum; last is not
	for g := range out {
		for ; last < pairs && last <= g+w.half-w.lag/2; last++ {
			if spare[last] >= 0 {
				sum += float64(spare[last])
				count++
			}
		}
		for ; first < last && first < g-w.half-w.lag/2; first++ {
			if spare[first] >= 0 {
				sum -= float64(spare[first])
				count--
			}
		}
		out[g] = nan
		if count >= leastPairs {
			out[g] = float32(math.Sqrt(math.Max(sum, 0) / float64(2*count)))
		}
	}
}

// mean writes the mean of the values of gates with an echo within half a window to each side, NaN where there are none.
func (w window) mean(out, values, z []float32) {
	half := max(1, w.half/2)
	var sum float64
	count, first, last := 0, 0, 0
	for g := range out {
		for ; last < len(values) && last <= g+half; last++ {
			if valid(values[last]) && valid(z[last]) {
				sum += float64(values[last])
				count++
			}
		}
		for ; first < g-half; first++ {
			if valid(values[first]) && valid(z[first]) {
				sum -= float64(values[first])
				count--
			}
		}
		out[g] = nan
		if count > 0 {
			out[g] = float32(sum / float64(count))
		}
	}
}

var nan = float32(math.NaN())
