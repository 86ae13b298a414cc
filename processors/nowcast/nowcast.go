// Package nowcast carries the latest field along a motion field to each lead time.
//
// A cell's value is that of the place from which its air comes: trajectories run backward through a steady motion field
// (semi-Lagrangian, midpoint rule; Germann and Zawadzki 2002, Mon. Wea. Rev. 130, 2859-2873), and each lead time
// continues the trajectories of the one before.
//
// Small features live shorter than large ones, and whoever draws them where they will not be is wrong twice. So the rain
// rate spreads while it moves, most in the first minutes, in which the smallest are lost, and then takes on the latest field's
// distribution again: rain that is likely to be there still is kept as strong as it was, and cores stay as many as they were.
// Where the last minutes show that it grows or decays along its way, it goes on to do so for a while.
package nowcast

import (
	"errors"
	"fmt"
	"math"

	"bowecho/internal/grid"
	"bowecho/processors/motion"
)

// Config says what counts as echo, and how fast small features are lost.
type Config struct {
	// FloorDBZ is the least echo. Values below it interpolate as if they were the floor, so that the edge of
	// a storm does not depend on which number stands for no echo; where all are below, the nearest one is kept.
	FloorDBZ float64 `yaml:"floor_dbz"`
	// SpreadM2PerS is how fast rain spreads at first: half of the growth with time of its variance along an axis. It slows
	// down by a factor e in 5 minutes. 0 moves the latest field as it is.
	SpreadM2PerS float64 `yaml:"spread_m2_per_s"`
	// GrowthMin is how long, in minutes, the growth or decay that the last frames show goes on: it slows down by a factor
	// e in this time. 0 is no growth.
	GrowthMin float64 `yaml:"growth_min"`
}

// DefaultConfig takes everything from 5 dBZ on as echo, as the motion does, and spreads rain by 0.4 km in 5 minutes and 0.55 km in
// the end. On storms of four networks rain that spread three times as fast, and went on so, hit more cells still, but was drawn
// together into fewer places than there were: at 45 dBZ and in neighbourhoods of 15 km it was as much as 17 % worse than
// moving the field as it is. Rain that does not spread hits fewer cells than what others move.
func DefaultConfig() Config { return Config{FloorDBZ: 5, SpreadM2PerS: 500, GrowthMin: 20} }

// Unspread lets rain grow and decay as by default, and does not spread it: for what knows how uncertain its place is in another way.
func Unspread() Config {
	c := DefaultConfig()
	c.SpreadM2PerS = 0
	return c
}

// Validate tells what is wrong with a config.
func (c Config) Validate() error {
	if math.IsNaN(c.FloorDBZ) || math.IsInf(c.FloorDBZ, 0) {
		return fmt.Errorf("nowcast: least echo of %g dBZ, want a finite value", c.FloorDBZ)
	}
	if !(c.SpreadM2PerS >= 0 && c.SpreadM2PerS <= mostSpreadM2PerS) {
		return fmt.Errorf("nowcast: spread of %g m²/s, want 0 to %g", c.SpreadM2PerS, float64(mostSpreadM2PerS))
	}
	if !(c.GrowthMin >= 0 && c.GrowthMin <= mostLeadMin) {
		return fmt.Errorf("nowcast: growth for %g minutes, want 0 to %d", c.GrowthMin, mostLeadMin)
	}
	return nil
}

const mostSpreadM2PerS = 1e6 // 24 km in the end: beyond this nothing of a storm is left

// Extrapolate gives the field at each lead time, in the order of leadMinutes, which must not decrease; lead 0 is the latest.
// Frames come oldest first, with their times in minutes; one is enough, but shows no growth. cellSizeM is how wide a cell is.
// A cell whose value comes from beyond the grid or from a cell that was never observed is NaN.
func Extrapolate(frames []*grid.Field, minutes []float64, m *motion.Field, cellSizeM float64, leadMinutes []float64, cfg Config) ([]*grid.Field, error) {
	var out []*grid.Field
	err := EachLead(frames, minutes, m, cellSizeM, leadMinutes, cfg, func(_ int, f *grid.Field) error {
		out = append(out, f)
		return nil
	})
	return out, err
}

// EachLead is Extrapolate for those who need one lead time after the other: use takes each as soon as it is made, and may release
// it when it is used. An error of use ends it.
func EachLead(
	frames []*grid.Field, minutes []float64, m *motion.Field, cellSizeM float64, leadMinutes []float64, cfg Config, use func(i int, f *grid.Field) error,
) error {
	s := sequence{frames, minutes, m, cellSizeM}
	if err := s.check(leadMinutes, cfg); err != nil {
		return err
	}
	from := newSource(s.latest(), float32(cfg.FloorDBZ))
	rain, err := newEvolution(s, cfg)
	if err != nil {
		return err
	}
	path := newTrajectories(m)
	for i, lead := range leadMinutes {
		path.advance(lead)
		if rain.advance(lead) {
			from.take(rain.field())
		}
		if err := use(i, from.arriving(path)); err != nil {
			return err
		}
	}
	return nil
}

func (s sequence) check(leadMinutes []float64, cfg Config) error {
	if len(s.frames) == 0 {
		return errors.New("nowcast: no frame, want at least the latest")
	}
	if err := motion.CheckFrames(s.frames, s.minutes); err != nil {
		return fmt.Errorf("nowcast: %w", err)
	}
	m, latest, cellSizeM := s.motion, s.latest(), s.cellSizeM
	cells := latest.Rows * latest.Cols
	if m.Rows != latest.Rows || m.Cols != latest.Cols || len(m.U) != cells || len(m.V) != cells {
		return fmt.Errorf("nowcast: motion on %d × %d cells, want the %d × %d of the latest field", m.Rows, m.Cols, latest.Rows, latest.Cols)
	}
	if !(cellSizeM > 0) || math.IsInf(cellSizeM, 0) {
		return fmt.Errorf("nowcast: cells of %g m, want more than 0", cellSizeM)
	}
	for i, u := range m.U {
		if v := m.V[i]; u-u != 0 || v-v != 0 {
			return fmt.Errorf("nowcast: motion of %g, %g at row %d, column %d, want a finite motion in every cell", u, v, i/m.Cols, i%m.Cols)
		}
	}
	for i, lead := range leadMinutes {
		if !(lead >= 0) || lead > mostLeadMin || i > 0 && lead < leadMinutes[i-1] {
			return fmt.Errorf("nowcast: lead %d is %g minutes, want 0 to %d and not before the one ahead of it", i, lead, mostLeadMin)
		}
	}
	return cfg.Validate()
}
