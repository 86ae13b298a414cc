// Package probability gives the chance that reflectivity reaches a threshold, from a nowcast and what it has lost.
//
// A nowcast errs in place and in strength, and more so with lead time. The chance at a cell is that of an ensemble of
// infinitely many members: the nowcast displaced at random, whose spread grows with lead time, and its strength disturbed
// at random, whose mean is drawn down so that as much area is expected above a threshold as the nowcast has.
// So what is small against the spread loses its certainty first, and what is large keeps it (the Lagrangian
// neighbourhood of Germann and Zawadzki 2004, J. Appl. Meteor. 43, 74-89, with noise as in STEPS, Bowler et al. 2006,
// Quart. J. Roy. Meteor. Soc. 132, 2127-2155). How fast the spread grows is learnt from the last frames' own hindcasts.
package probability

import (
	"fmt"
	"math"

	"bowecho/internal/grid"
)

// Config says which thresholds are asked for.
type Config struct {
	ThresholdsDBZ []float64 `yaml:"thresholds_dbz"` // rising, in whole or half dBZ
}

// DefaultConfig has the edge of rain that matters, heavy rain and hail-bearing cores.
func DefaultConfig() Config { return Config{ThresholdsDBZ: []float64{20, 35, 45}} }

const mostThresholds = 8

// Validate tells what is wrong with a config.
func (c Config) Validate() error {
	if n := len(c.ThresholdsDBZ); n < 1 || n > mostThresholds {
		return fmt.Errorf("probability: %d thresholds, want 1 to %d", n, mostThresholds)
	}
	for i, t := range c.ThresholdsDBZ {
		if !(t >= 0 && t <= 75) || t*binsPerDB != math.Floor(t*binsPerDB) || i > 0 && t <= c.ThresholdsDBZ[i-1] {
			return fmt.Errorf("probability: thresholds are %v dBZ, want them rising, from 0 to 75, whole or half", c.ThresholdsDBZ)
		}
	}
	return nil
}

// Codes of a probability: steps of 0.4 %, and one for a cell of which nothing is known.
const (
	certain = 250
	unknown = 255
)

// Field is the probability of reaching a threshold in each cell of a grid, in a byte each.
type Field struct {
	Rows, Cols   int
	ThresholdDBZ float64
	LeadMin      float64
	codes        []uint8
}

// At gives a cell's probability, 0 to 1, NaN where the nowcast knows nothing.
func (f *Field) At(row, col int) float32 { return share(f.codes[row*f.Cols+col]) }

func share(code uint8) float32 {
	if code == unknown {
		return float32(math.NaN())
	}
	return float32(code) / certain
}

// Percent gives the probabilities as a field, 0 to 100, NaN where the nowcast knows nothing.
func (f *Field) Percent() *grid.Field {
	var values [256]float32
	for code := range values {
		values[code] = 100 * share(uint8(code))
	}
	out := &grid.Field{Rows: f.Rows, Cols: f.Cols, Values: make([]float32, len(f.codes))}
	for i, code := range f.codes {
		out.Values[i] = values[code]
	}
	return out
}

// Exceedance gives a field for each threshold, lowest first, from the nowcast for a lead time. In each cell the
// probability does not rise with the threshold. A cell without a value in the nowcast has no probability.
func Exceedance(nowcast *grid.Field, leadMin, cellKM float64, loss Loss, cfg Config) ([]*Field, error) {
	if err := check(nowcast, leadMin, cellKM, loss, cfg); err != nil {
		return nil, err
	}
	return loss.exceedance(newStrengths(nowcast), leadMin, cellKM, cfg.ThresholdsDBZ), nil
}

func (l Loss) exceedance(s *strengths, leadMin, cellKM float64, thresholds []float64) []*Field {
	spread := newSpread(l.spreadKM(leadMin)/cellKM, s)
	out := make([]*Field, len(thresholds))
	lowest := math.Inf(-1)
	for i, t := range thresholds {
		middle := max(s.middle(t, l.noiseDB(leadMin)), lowest)
		lowest = middle
		out[i] = &Field{Rows: s.rows, Cols: s.cols, ThresholdDBZ: t, LeadMin: leadMin}
		out[i].codes = spread.chances(tail(middle, l.noiseDB(leadMin)))
		if i > 0 {
			out[i].capped(out[i-1])
		}
	}
	return out
}

// capped takes away what rounding has put above the probability of a lower threshold.
func (f *Field) capped(lower *Field) {
	for i, code := range lower.codes {
		f.codes[i] = min(f.codes[i], code)
	}
}

func check(f *grid.Field, leadMin, cellKM float64, loss Loss, cfg Config) error {
	switch {
	case f.Rows < 1 || f.Cols < 1 || len(f.Values) != f.Rows*f.Cols:
		return fmt.Errorf("probability: nowcast has %d × %d cells and %d values, want at least one cell and a value in each", f.Rows, f.Cols, len(f.Values))
	case !(leadMin >= 0) || math.IsInf(leadMin, 0):
		return fmt.Errorf("probability: lead of %g minutes, want 0 or more", leadMin)
	case !(cellKM > 0) || math.IsInf(cellKM, 0):
		return fmt.Errorf("probability: cells of %g km, want more than 0", cellKM)
	case !(loss.SpreadKMPerMin >= 0) || math.IsInf(loss.SpreadKMPerMin, 0):
		return fmt.Errorf("probability: spread of %g km a minute, want 0 or more", loss.SpreadKMPerMin)
	case !(loss.NoiseDBPerMin >= 0) || math.IsInf(loss.NoiseDBPerMin, 0):
		return fmt.Errorf("probability: noise of %g dB a minute, want 0 or more", loss.NoiseDBPerMin)
	}
	return cfg.Validate()
}
