// Package motion finds how echo moves, from the last few reflectivity fields.
//
// Every frame is carried along the flow to the time of the latest. Where a frame still differs from the others with age,
// the flow is wrong by what the echo's gradient tells (Lucas and Kanade 1981, Proc. 7th IJCAI, 674-679, with a line fitted
// through all frames in place of the difference of two). This is repeated from coarse pixels to fine ones. Where frames
// agree badly or there is no echo, the flow leans on its surroundings.
package motion

import (
	"fmt"
	"math"
	"slices"

	"bowecho/internal/grid"
)

// Config says which echo counts and how far back to look.
type Config struct {
	// LookBackMinPerKM is how far back before the latest frame others are used, but two always are: in minutes, for each km
	// that a cell is wide, but 3 minutes at least and 15.5 at most. What shows on finer cells moves across as many of them
	// sooner, and does not live as long.
	LookBackMinPerKM float64 `yaml:"look_back_min_per_km"`
	FloorDBZ         float64 `yaml:"floor_dbz"`   // below this nothing is echo
	CeilingDBZ       float64 `yaml:"ceiling_dbz"` // above this all echo is alike, so that a core's growth does not outweigh a storm's motion
}

// DefaultConfig looks back 12.5 minutes on a composite of 1 km, and 3 on one radar's cells of 250 m, which is best on both.
func DefaultConfig() Config { return Config{LookBackMinPerKM: 12.5, FloorDBZ: 5, CeilingDBZ: 50} }

// Validate tells what is wrong with a config.
func (c Config) Validate() error {
	switch {
	case !(c.LookBackMinPerKM > 0) || math.IsInf(c.LookBackMinPerKM, 0):
		return fmt.Errorf("motion: look-back of %g minutes a km, want more than 0", c.LookBackMinPerKM)
	case !(c.CeilingDBZ-c.FloorDBZ > 0) || math.IsInf(c.CeilingDBZ-c.FloorDBZ, 0):
		return fmt.Errorf("motion: echo from %g to %g dBZ, want the floor below the ceiling", c.FloorDBZ, c.CeilingDBZ)
	}
	return nil
}

// Field is motion in cells per minute: U towards the east (increasing column), V towards the south (increasing row).
// It has a value in every cell. Quality tells how much of that was seen in the cell's own echo, from 0 (nothing: it is the motion
// of the surroundings, or zero without any) to 1.
type Field struct {
	Rows, Cols    int
	U, V, Quality []float32
}

// Tracked tells whether there was any echo whose motion could be seen. Without it all motion is zero.
func (f *Field) Tracked() bool {
	return slices.ContainsFunc(f.Quality, func(q float32) bool { return q > leastQuality })
}

const (
	mostFrames                        = 6       // frames used, spread evenly over the look-back
	leastLookBackMin, mostLookBackMin = 3, 15.5 // minutes, on fine cells and on wide ones
	firstFrames                       = 3       // of these, the newest that lead the way on coarse pixels, where long spans would confuse cells
	firstLevel                        = 2       // the finest level (pixels of 4 cells) of the newest frames, and the coarsest of all frames
	finestLevel                       = 1       // pixels of 2 cells, as frames come
	coarsestSide                      = 24      // a level is halved again while its sides are at least this long
)

// With less quality nowhere, nothing was tracked. In two frames a minute apart, where little is seen of any motion, real
// storms reach 0.05 at least, and noise 0.02 at most.
const leastQuality = 0.03

// Estimate gives the motion at the time of the latest frame. Frames come oldest first, with their times in minutes.
// cellSizeM is how wide a cell is. Fewer than two frames are an error; frames without echo give a field of zeros.
func Estimate(frames []*grid.Field, minutes []float64, cellSizeM float64, cfg Config) (*Field, error) {
	if len(frames) < 2 {
		return nil, fmt.Errorf("motion: %d frames, want at least 2 to see anything move", len(frames))
	}
	if err := CheckFrames(frames, minutes); err != nil {
		return nil, fmt.Errorf("motion: %w", err)
	}
	if !(cellSizeM > 0) || math.IsInf(cellSizeM, 0) {
		return nil, fmt.Errorf("motion: cells of %g m, want more than 0", cellSizeM)
	}
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	levels := pyramid(recent(frames, minutes, cellSizeM, cfg))
	coarsest := levels[len(levels)-1][0]
	rows, cols := halves(coarsest.rows), halves(coarsest.cols)
	f := flow{newPlane(rows, cols), newPlane(rows, cols)}
	var e equations
	for i, all := range slices.Backward(levels) {
		level := finestLevel + i
		f = f.fitted(halves(all[0].rows), halves(all[0].cols))
		if level >= firstLevel {
			f, e = f.refined(all[:min(firstFrames, len(all))])
		}
		if level <= firstLevel {
			f, e = f.refined(all)
		}
	}
	rows, cols = frames[0].Rows, frames[0].Cols
	f = f.onto(levels[0][0]).fitted(rows, cols)
	quality := e.quality().onto(levels[0][0]).doubled(rows, cols, 1)
	return &Field{Rows: f.u.rows, Cols: f.u.cols, U: f.u.v, V: f.v.v, Quality: quality.v}, nil
}

// CheckFrames tells what is wrong with a sequence of frames: their sizes must be the same, and their times increase.
func CheckFrames(frames []*grid.Field, minutes []float64) error {
	if len(minutes) != len(frames) {
		return fmt.Errorf("%d frames but %d times", len(frames), len(minutes))
	}
	rows, cols := frames[0].Rows, frames[0].Cols
	for i, f := range frames {
		if f.Rows != rows || f.Cols != cols || rows < 1 || cols < 1 || len(f.Values) != rows*cols {
			return fmt.Errorf("frame %d has %d × %d cells and %d values, want %d × %d as the first, at least one", i, f.Rows, f.Cols, len(f.Values), rows, cols)
		}
		if math.IsNaN(minutes[i]) || math.IsInf(minutes[i], 0) || i > 0 && minutes[i] <= minutes[i-1] {
			return fmt.Errorf("frame %d is at minute %g, want times that increase", i, minutes[i])
		}
	}
	return nil
}

// recent gives the frames within the look-back, newest first: at most mostFrames of them, and always two.
func recent(frames []*grid.Field, minutes []float64, cellSizeM float64, cfg Config) []frame {
	lookBackMin := min(max(cfg.LookBackMinPerKM*cellSizeM/1000, leastLookBackMin), mostLookBackMin)
	last := len(frames) - 1
	n := 2
	for n < len(frames) && minutes[last]-minutes[last-n] <= lookBackMin {
		n++
	}
	used := min(n, mostFrames)
	out := make([]frame, used)
	for i := range out {
		k := last - i*(n-1)/(used-1)
		out[i] = newFrame(frames[k], minutes[last]-minutes[k], cfg)
	}
	return out
}

// pyramid gives the frames at every resolution from the finest level on, each half as fine as the one before.
func pyramid(frames []frame) [][]frame {
	levels := [][]frame{frames}
	for {
		last := levels[len(levels)-1]
		if min(last[0].rows, last[0].cols) < coarsestSide {
			return levels
		}
		next := make([]frame, len(last))
		for i, f := range last {
			next[i] = f.halved()
		}
		levels = append(levels, next)
	}
}
