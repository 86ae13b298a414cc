package mosaic

import "bowecho/internal/grid"

// beam is one sweep above a cell, and what it sees once it has been looked up.
type beam struct {
	sweep  int
	aboveM float32
	looked bool
	sees   tally
}

func (b *beam) look(s *station, c *cell) *tally {
	if !b.looked {
		b.looked, b.sees = true, s.views[b.sweep].look(c.sight(b.sweep))
	}
	return &b.sees
}

// between works out CAPPIs: from the beams next below and above a height by their distance from it. Below the lowest and
// above the highest beam its value holds for as far as the beam is wide, so that a CAPPI goes on as the lowest sweep
// where that has risen above it. It takes the heights of the sweeps at the points around the cell.
func (s *station) between(c *cell, before, after []float32) {
	margin := s.beamRad * c.groundM
	level := 0 // the next
	lower := beam{sweep: -1}
	for i, m := range before {
		if m += c.between * (after[i] - m); m != m {
			continue
		}
		upper := beam{sweep: i, aboveM: m}
		if lower.sweep < 0 {
			for level < len(s.levelsM) && s.levelsM[level] < m-margin {
				level++
			}
			level = s.hold(c, level, &upper, m)
		} else {
			level = s.mix(c, level, &lower, &upper)
		}
		if level == len(s.levelsM) {
			return // beams above have no part
		}
		lower = upper
	}
	if lower.sweep >= 0 {
		s.hold(c, level, &lower, lower.aboveM+margin)
	}
}

// hold sets the levels from one on up to a height to what a beam sees, and gives the next.
func (s *station) hold(c *cell, level int, b *beam, untilM float32) int {
	if level == len(s.levelsM) || s.levelsM[level] > untilM {
		return level
	}
	value := b.look(s, c).value()
	for ; level < len(s.levelsM) && s.levelsM[level] <= untilM; level++ {
		c.set(level, value, b.sweep)
	}
	return level
}

// mix sets the levels from one on up to the upper of two beams to what both see, and gives the next.
func (s *station) mix(c *cell, level int, lower, upper *beam) int {
	if level == len(s.levelsM) || s.levelsM[level] > upper.aboveM {
		return level
	}
	perM := 1 / max(1, upper.aboveM-lower.aboveM)
	a, b := lower.look(s, c), upper.look(s, c)
	none := a.isClear() && b.isClear()
	for ; level < len(s.levelsM) && s.levelsM[level] <= upper.aboveM; level++ {
		share := min(1, (s.levelsM[level]-lower.aboveM)*perM)
		nearer := upper.sweep
		if share < 0.5 {
			nearer = lower.sweep
		}
		if none {
			c.set(level, grid.NoEchoDBZ, nearer)
		} else {
			c.set(level, a.mixed(b, share).value(), nearer)
		}
	}
	return level
}
