package probability

import (
	"math"
	"sync"

	"bowecho/internal/grid"
)

// Reflectivity is counted in bins of half a dB from leastDBZ on: finer than any noise that it is given. Bin 0 is no value.
const (
	binsPerDB = 2
	leastDBZ  = -30
	bins      = 256
)

// strengths is a nowcast's reflectivity in bins, a byte a cell, and how many cells each bin has.
type strengths struct {
	rows, cols int
	bin        []uint8
	cells      [bins]int
}

func newStrengths(f *grid.Field) *strengths {
	s := &strengths{rows: f.Rows, cols: f.Cols, bin: make([]uint8, len(f.Values))}
	var all sync.Mutex
	grid.Bands(f.Rows, func(from, to int) {
		var cells [bins]int
		for i := from * f.Cols; i < to*f.Cols; i++ {
			b := binOf(f.Values[i])
			s.bin[i] = b
			cells[b]++
		}
		all.Lock()
		defer all.Unlock()
		for b, n := range cells {
			s.cells[b] += n
		}
	})
	return s
}

// binOf puts what is not finite into the bin of no value, and what is off the scale at its ends.
func binOf(v float32) uint8 {
	if v-v != 0 {
		return 0
	}
	return uint8(max(1, min(bins-1, (v-leastDBZ)*binsPerDB+1)))
}

// binDBZ gives the reflectivity in the middle of a bin.
func binDBZ(bin int) float64 { return leastDBZ + (float64(bin)-0.5)/binsPerDB }

func (s *strengths) row(r int) []uint8 { return s.bin[r*s.cols : (r+1)*s.cols] }

// farthest is how many noise deviations the middle of a tail may lie from its threshold. Where nothing, or all, is above
// the threshold no middle conserves area; here what is one deviation below still has a chance of some percent.
const farthest = 1.5

// middle gives the reflectivity that has an even chance to reach the threshold, so that the area expected above it is
// the nowcast's area there.
func (s *strengths) middle(thresholdDBZ, noiseDB float64) float64 {
	var area float64
	for b := int((thresholdDBZ-leastDBZ)*binsPerDB) + 1; b < bins; b++ {
		area += float64(s.cells[b])
	}
	low, high := thresholdDBZ-farthest*noiseDB, thresholdDBZ+farthest*noiseDB
	for high-low > 0.01 {
		half := (low + high) / 2
		if s.expected(half, noiseDB) > area {
			low = half
		} else {
			high = half
		}
	}
	return (low + high) / 2
}

// expected gives the number of cells above the threshold that a tail leads to.
func (s *strengths) expected(middleDBZ, noiseDB float64) float64 {
	var sum float64
	for b, chance := range tail(middleDBZ, noiseDB) {
		sum += float64(chance) * float64(s.cells[b])
	}
	return sum
}

// tail gives for each bin the chance that noise of a normal distribution lifts it above the threshold; no value has none.
func tail(middleDBZ, noiseDB float64) (chance [bins]float32) {
	for b := 1; b < bins; b++ {
		d := binDBZ(b) - middleDBZ
		if noiseDB == 0 {
			if d > 0 {
				chance[b] = 1
			}
			continue
		}
		chance[b] = float32(0.5 * math.Erfc(-d/(noiseDB*math.Sqrt2)))
	}
	return chance
}
