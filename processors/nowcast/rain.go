package nowcast

import (
	"math"

	"bowecho/internal/grid"
)

// Rain rate is Z = 200 R^1.6 (Marshall and Palmer 1948, J. Meteor. 5, 165-166), here as a multiple of the rate at the floor
// and less that rate, so that no echo is 0.
const (
	dBPerFactorE = 1.6 * 10 / math.Ln10
	mostDB       = 140 // above the floor: more than any echo, and still a number when it is a rain rate
)

// rates holds the rain rate every eighth of a dB above the floor. Between them a line is within 0.0003 dB.
var rates = func() (at [mostDB*ratesPerDB + 2]float32) {
	for i := range at {
		at[i] = float32(math.Expm1(float64(i) / ratesPerDB / dBPerFactorE))
	}
	return at
}()

const ratesPerDB = 8

// rainRate gives the rain rate of a field; NaN where nothing was observed.
func rainRate(f *grid.Field, floor float32) plane {
	out := plane{f.Rows, f.Cols, make([]float32, len(f.Values))}
	grid.Bands(f.Rows, func(from, to int) {
		for i := from * f.Cols; i < to*f.Cols; i++ {
			switch v := f.Values[i]; {
			case v-v != 0:
				out.v[i] = float32(math.NaN())
			case v > floor:
				at := min(v-floor, mostDB) * ratesPerDB
				k := int(at)
				out.v[i] = mix(rates[k], rates[k+1], at-float32(k))
			}
		}
	})
	return out
}

// reflectivity is the inverse of rainRate, in dBZ.
func reflectivity(rate, floor float32) float32 {
	return floor + float32(math.Log1p(float64(rate))*dBPerFactorE)
}
