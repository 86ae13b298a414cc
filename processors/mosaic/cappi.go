package mosaic

// beam is one sweep above a cell.
type beam struct {
	sweep  int
	aboveM float32
}

// between works out CAPPIs: from the beams next below and above a height by their distance from it. Below the lowest and
// above the highest beam its value holds for as far as the beam is wide, so that a CAPPI goes on as the lowest sweep
// where that has risen above it. It takes the heights of the sweeps at the points around the cell.
func (s *station) between(c *cell, before, after []float32) {
	c.beams = c.beams[:0]
	top := s.levelsM[len(s.levelsM)-1]
	for i, m := range before {
		if m += c.between * (after[i] - m); m == m {
			c.beams = append(c.beams, beam{i, m})
			if m >= top {
				break // those above have no part
			}
		}
	}
	if len(c.beams) == 0 {
		return
	}
	margin := s.beamRad * c.groundM
	next := 0 // the first beam at or above the level
	for level, m := range s.levelsM {
		for next < len(c.beams) && c.beams[next].aboveM < m {
			next++
		}
		a, b := c.beams[max(0, next-1)], c.beams[min(next, len(c.beams)-1)]
		if m > b.aboveM+margin {
			return
		}
		if m >= a.aboveM-margin {
			s.mix(c, level, a, b, (m-a.aboveM)/max(1, b.aboveM-a.aboveM))
		}
	}
}

// mix sets a level to what two beams see, by the share of the upper one.
func (s *station) mix(c *cell, level int, a, b beam, share float32) {
	share = max(0, min(1, share))
	var t tally
	from := b.sweep
	if share < 1 {
		t.plus(c.look(s.views[a.sweep], a.sweep), 1-share)
	}
	if share > 0 {
		t.plus(c.look(s.views[b.sweep], b.sweep), share)
	}
	if share < 0.5 {
		from = a.sweep
	}
	c.set(level, t.value(), from)
}
