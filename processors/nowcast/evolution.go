package nowcast

import (
	"math"

	"bowecho/internal/grid"
)

// evolution is what becomes of rain along its way: it spreads, and it grows or decays.
type evolution struct {
	rain    blurred
	growth  blurred // of the rain rate, a minute
	was     *distribution
	edges   *[bins]float32
	floor   float32 // dBZ
	perMin  float64 // cells² by which the variance of the spread grows at first
	cfg     Config
	leadMin float64
}

func newEvolution(s sequence, cfg Config) (*evolution, error) {
	e := &evolution{floor: float32(cfg.FloorDBZ), perMin: 2 * 60 * cfg.SpreadM2PerS / (s.cellSizeM * s.cellSizeM), cfg: cfg}
	if cfg.SpreadM2PerS == 0 && cfg.GrowthMin == 0 {
		return e, nil
	}
	e.rain.plane = rainRate(s.latest(), e.floor)
	e.was, e.edges = distributed(e.rain.plane), lowerEdges(e.floor)
	if cfg.GrowthMin == 0 {
		return e, nil
	}
	var err error
	e.growth, err = s.growth(e.rain.plane, e.floor)
	return e, err
}

// How long rain is left as it is, in minutes and as a share of the lead time: it changes little meanwhile.
const (
	unchangedMin   = 2.5
	unchangedShare = 1. / 12
)

const spreadingMin = 5 // the time, in minutes, in which the spread slows down by a factor e: the smallest features are lost by then

// advance lets the rain evolve to a later lead time, and tells whether that changed it.
func (e *evolution) advance(leadMin float64) bool {
	from, to := e.leadMin, leadMin
	if to-from < unchangedMin+unchangedShare*from || e.was == nil {
		return false
	}
	e.leadMin = leadMin
	e.rain.by((slowing(to, spreadingMin) - slowing(from, spreadingMin)) * e.perMin)
	if e.growth.v != nil {
		e.grow(float32(e.cfg.lasting(to) - e.cfg.lasting(from)))
	}
	return true
}

// lasting gives for how many minutes of lead a trend has gone on as it was seen.
func (c Config) lasting(leadMin float64) float64 { return trueShare * slowing(leadMin, c.GrowthMin) }

// slowing gives for how many minutes at its first pace something has gone on that slows down by a factor e in scaleMin.
func slowing(minutes, scaleMin float64) float64 { return scaleMin * -math.Expm1(-minutes/scaleMin) }

// grow adds so many minutes of growth to the rain.
func (e *evolution) grow(minutes float32) {
	for e.growth.level < e.rain.level {
		e.growth.halve()
	}
	rain, growth := e.rain.plane, e.growth.plane
	grid.Bands(rain.rows, func(from, to int) {
		for r := from; r < to; r++ {
			line := rain.row(r)
			for c, v := range growth.row(r) {
				if v != 0 {
					line[c] = max(line[c]+minutes*v, 0)
				}
			}
		}
	})
}

// field gives the rain in dBZ, distributed as at the beginning, the floor where there is none, and the level of its pixels.
// It holds until the next step.
func (e *evolution) field() (plane, int) {
	table := e.was.matching(distributed(e.rain.plane), e.edges)
	rate, out := e.rain.plane, e.rain.scratch
	grid.Bands(out.rows, func(from, to int) {
		for i := from * out.cols; i < to*out.cols; i++ {
			v := rate.v[i]
			if v == v {
				b, share := bin(v)
				v = mix(table[b], table[min(b+1, bins-1)], share)
			}
			out.v[i] = v
		}
	})
	return out, e.rain.level
}
