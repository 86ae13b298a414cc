package quality

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestTextureAndMean compares with sums over every gate of the window, on rays with holes in reflectivity and in values.
func TestTextureAndMean(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, spacingM := range []float64{31.25, 100, 250, 500, 2000} {
		for _, gates := range []int{1, 2, 5, 40, 300} {
			w := newWindow(spacingM, gates)
			z, values, out := make([]float32, gates), make([]float32, gates), make([]float32, gates)
			for g := range z {
				z[g], values[g] = float32(random.IntN(40)), float32(random.IntN(360))
				if random.IntN(5) == 0 {
					z[g] = nan
				}
				if random.IntN(9) == 0 {
					values[g] = nan
				}
			}
			w.texture(out, values, z, 360)
			for g := range out {
				if want := slowTexture(w, values, z, g); valid(z[g]) && !alike(float64(out[g]), want) {
					t.Errorf("texture at gate %d of %d of %g m: %g, want %g", g, gates, spacingM, out[g], want)
				}
			}
			w.mean(out, values, z)
			for g := range out {
				if want := slowMean(w, values, z, g); valid(z[g]) && !alike(float64(out[g]), want) {
					t.Errorf("mean at gate %d of %d of %g m: %g, want %g", g, gates, spacingM, out[g], want)
				}
			}
		}
	}
}

func alike(a, b float64) bool { return math.Abs(a-b) < 1e-4*(1+math.Abs(b)) || a != a && b != b }

func slowTexture(w *window, values, z []float32, gate int) float64 {
	sum, n := 0.0, 0.0
	for p := gate - w.half - w.lag/2; p <= gate+w.half-w.lag/2; p++ {
		if p < 0 || p+w.lag >= len(values) || !valid(z[p]) || !valid(z[p+w.lag]) || !valid(values[p]) || !valid(values[p+w.lag]) {
			continue
		}
		d := math.Remainder(float64(values[p+w.lag])-float64(values[p]), 360)
		sum, n = sum+d*d, n+1
	}
	if n < leastPairs {
		return math.NaN()
	}
	return math.Sqrt(sum / n / 2)
}

func slowMean(w *window, values, z []float32, gate int) float64 {
	sum, n := 0.0, 0.0
	for g := max(0, gate-w.half); g <= min(len(values)-1, gate+w.half); g++ {
		if valid(z[g]) && valid(values[g]) {
			sum, n = sum+float64(values[g]), n+1
		}
	}
	return sum / n
}
