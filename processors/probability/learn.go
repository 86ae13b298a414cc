package probability

import (
	"fmt"
	"math"

	"bowecho/internal/grid"
)

// Nowcaster carries the last of some frames, which are oldest first with their times in minutes, to each lead time.
type Nowcaster func(frames []*grid.Field, minutes, leadMinutes []float64) ([]*grid.Field, error)

// Learn gives the loss that the frames' own hindcast shows: what now would have said at most ten minutes ago,
// against what has come since. It leans on the prior, and is it with fewer than LeastFrames.
func Learn(frames []*grid.Field, minutes []float64, now Nowcaster, cellKM float64, cfg Config) (Loss, error) {
	if len(frames) != len(minutes) {
		return Loss{}, fmt.Errorf("probability: %d frames but %d times", len(frames), len(minutes))
	}
	if len(frames) < LeastFrames {
		return Prior(), nil
	}
	start, last := hindcast(minutes), len(frames)-1
	lead := minutes[last] - minutes[start]
	fields, err := now(frames[:start+1], minutes[:start+1], []float64{lead})
	if err != nil {
		return Loss{}, fmt.Errorf("hindcast from %g minutes ago: %w", lead, err)
	}
	if err := check(fields[0], lead, cellKM, Prior(), cfg); err != nil {
		return Loss{}, err
	}
	if len(frames[last].Values) != len(fields[0].Values) {
		return Loss{}, fmt.Errorf("probability: the last frame has %d values, want %d as its hindcast", len(frames[last].Values), len(fields[0].Values))
	}
	past := verified{lead, newStrengths(fields[0]), frames[last].Values}
	return past.best(cellKM, cfg.ThresholdsDBZ), nil
}

// LeastFrames is how many a hindcast takes: two that show motion, and one to hold it against.
const LeastFrames = 3

// hindcastMin is long enough for errors to be seen, and not so long that the weather has changed.
const hindcastMin = 10

// jitterMin is how unevenly frames may come.
const jitterMin = 0.5

// hindcast chooses the frame that a hindcast of the last one starts from. At least half the time is left for seeing
// motion, so that the hindcast is no worse than the nowcast for having seen less.
func hindcast(minutes []float64) (start int) {
	last := len(minutes) - 1
	longest := min(hindcastMin, (minutes[last]-minutes[0])/2) + jitterMin
	start = last - 1
	for start > 1 && minutes[last]-minutes[start-1] <= longest {
		start--
	}
	return start
}

// verified is a hindcast and what was observed.
type verified struct {
	leadMin  float64
	nowcast  *strengths
	observed []float32
}

const (
	stepFactor = 1.5    // what is tried lies this factor apart,
	mostSteps  = 4      // so many at most to either side of the prior,
	stepCost   = 0.0003 // and the square of so many steps must gain as many times this in Brier skill
	rareCells  = 200    // thresholds with fewer cells above them count less
)

// best gives the loss whose probabilities have the best Brier skill, going from the prior to either side.
func (v verified) best(cellKM float64, thresholds []float64) Loss {
	found := Prior()
	least := v.cost(found, cellKM, thresholds)
	try := func(changed func(factor float64) Loss) {
		for _, side := range []float64{-1, 1} {
			for step := 1.0; step <= mostSteps; step++ {
				l := changed(math.Pow(stepFactor, side*step))
				c := v.cost(l, cellKM, thresholds) + stepCost*step*step
				if c >= least {
					break
				}
				found, least = l, c
			}
		}
	}
	prior := Prior()
	try(func(factor float64) Loss { return Loss{prior.SpreadKMPerMin * factor, prior.NoiseDBPerMin} })
	spread := found.SpreadKMPerMin
	try(func(factor float64) Loss { return Loss{spread, prior.NoiseDBPerMin * factor} })
	return found
}

// cost gives the mean of the scores over the thresholds.
func (v verified) cost(l Loss, cellKM float64, thresholds []float64) float64 {
	var sum float64
	for _, f := range l.exceedance(v.nowcast, v.leadMin, cellKM, thresholds) {
		sum += f.brier(v.observed)
	}
	return sum / float64(len(thresholds))
}

// brier gives the Brier score against that of the mean frequency of what was observed: 0 is perfect, 1 of no use.
func (f *Field) brier(observed []float32) float64 {
	var below, reached [256]float64 // cells, by code
	threshold := float32(f.ThresholdDBZ)
	for i, code := range f.codes {
		switch o := observed[i]; {
		case o >= threshold:
			reached[code]++
		case o < threshold:
			below[code]++
		}
	}
	var score, above, known float64
	for code := range certain + 1 {
		p := float64(code) / certain
		score += below[code]*p*p + reached[code]*(1-p)*(1-p)
		above += reached[code]
		known += reached[code] + below[code]
	}
	return score / (above*(1-above/max(known, 1)) + rareCells)
}
