package nowcast

import (
	"math"

	"bowecho/internal/grid"
)

const (
	mostStep    = 0.3         // variance, in pixels², of one step of diffusion; from 0.5 on it would not be stable
	widestBlur  = 2           // variance, in pixels², beyond which pixels twice as wide say as much
	halvingBlur = 0.25 * 0.25 // what halving itself adds: the variance of two points, in pixels of the halved plane
)

// spreading is rain that spreads with lead time.
type spreading struct {
	rate, scratch plane
	was           *distribution
	edges         *[bins]float32
	level         int     // pixels are 2^level cells wide
	floor         float32 // dBZ
	perMin        float64 // cells² by which the variance grows
	owed          float64 // pixels² of variance that is not in rate yet
	has           float64 // pixels² that is
	leadMin       float64
}

func newSpreading(latest *grid.Field, cfg Config, cellSizeM float64) *spreading {
	s := &spreading{floor: float32(cfg.FloorDBZ), perMin: 2 * 60 * cfg.SpreadM2PerS / (cellSizeM * cellSizeM)}
	if s.perMin > 0 {
		s.rate = rainRate(latest, s.floor)
		s.was, s.edges = distributed(s.rate), lowerEdges(s.floor)
	}
	return s
}

// advance spreads the rain to a later lead time, and tells whether that changed it.
func (s *spreading) advance(leadMin float64) bool {
	width := float64(int(1) << s.level)
	s.owed += (leadMin - s.leadMin) * s.perMin / (width * width)
	s.leadMin = leadMin
	if s.owed == 0 {
		return false
	}
	for s.has+s.owed > widestBlur {
		s.halve()
	}
	if len(s.scratch.v) != len(s.rate.v) {
		s.scratch = plane{s.rate.rows, s.rate.cols, make([]float32, len(s.rate.v))}
	}
	s.has += s.owed
	steps := math.Ceil(s.owed / mostStep)
	for range int(steps) {
		s.rate.diffused(s.scratch, float32(s.owed/steps))
		s.rate, s.scratch = s.scratch, s.rate
	}
	s.owed = 0
	return true
}

// halve goes on with pixels twice as wide.
func (s *spreading) halve() {
	s.rate = s.rate.halved()
	s.level++
	s.owed = max(s.owed/4-halvingBlur, 0)
	s.has = s.has/4 + halvingBlur
}

// field gives the spread rain in dBZ, distributed as at the beginning, the floor where there is none, and the level of its
// pixels. It holds until the next step.
func (s *spreading) field() (plane, int) {
	table := s.was.matching(distributed(s.rate), s.edges)
	out := s.scratch
	grid.Bands(out.rows, func(from, to int) {
		for i := from * out.cols; i < to*out.cols; i++ {
			v := s.rate.v[i]
			if v == v {
				b, share := bin(v)
				v = mix(table[b], table[min(b+1, bins-1)], share)
			}
			out.v[i] = v
		}
	})
	return out, s.level
}
