package nowcast

import (
	"fmt"

	"bowecho/internal/grid"
	"bowecho/processors/motion"
)

// How growth is seen, as scored best on storms of four networks; it hardly depends on any of them.
const (
	growthAgeMin  = 6.1  // age of the frame that the latest is compared with: the oldest within this,
	oldestAgeMin  = 20.1 // or else the last before the latest, unless that is older than this
	growthSpreadM = 3000 // standard deviation of what the difference is smoothed with, as small features come and go
	trueShare     = 0.7  // of what is seen: the rest is noise
)

// sequence is frames, oldest first, and how echo moves.
type sequence struct {
	frames    []*grid.Field
	minutes   []float64
	motion    *motion.Field
	cellSizeM float64
}

func (s sequence) latest() *grid.Field { return s.frames[len(s.frames)-1] }

// before gives an earlier frame to compare the latest with, and its age.
func (s sequence) before() (frame *grid.Field, ageMin float64) {
	last := len(s.frames) - 1
	for i := last - 1; i >= 0; i-- {
		age := s.minutes[last] - s.minutes[i]
		if age > growthAgeMin && frame != nil || age > oldestAgeMin {
			break
		}
		frame, ageMin = s.frames[i], age
	}
	return frame, ageMin
}

// growth gives how much the latest rain rate exceeds an earlier one that has been carried to its time, a minute. Where the
// earlier or the latest one was not observed it is 0; without an earlier frame it is empty.
func (s sequence) growth(latest plane, floor float32) (blurred, error) {
	frame, ageMin := s.before()
	if frame == nil {
		return blurred{}, nil
	}
	carried, err := Extrapolate([]*grid.Field{frame}, []float64{0}, s.motion, s.cellSizeM, []float64{ageMin}, Config{FloorDBZ: float64(floor)})
	if err != nil {
		return blurred{}, fmt.Errorf("growth over %g minutes: %w", ageMin, err)
	}
	change := blurred{plane: rainRate(carried[0], floor)}
	carried[0].Release()
	for i, was := range change.v {
		switch is := latest.v[i]; {
		case is != is:
			change.v[i] = is
		case was != was:
			change.v[i] = 0
		default:
			change.v[i] = (is - was) / float32(ageMin)
		}
	}
	change.by(growthSpreadM * growthSpreadM / (s.cellSizeM * s.cellSizeM))
	for i, v := range change.v {
		if v != v {
			change.v[i] = 0
		}
	}
	return blurred{plane: change.sampled(change.level, latest.rows, latest.cols)}, nil
}
