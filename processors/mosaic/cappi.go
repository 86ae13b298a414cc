package mosaic

// between works out CAPPIs: from the beams next below and above a height by their distance from it. Below the lowest and
// above the highest beam its value holds for as far as the beam is wide, so that a CAPPI goes on as the lowest sweep
// where that has risen above it.
func (s *station) between(p place, c *cell) {
	c.beams = c.beams[:0]
	for i, v := range s.views {
		if m := v.path.aboveRadarM(p.groundM); m == m {
			c.beams = append(c.beams, beam{view: i, aboveM: m})
		}
	}
	if len(c.beams) == 0 {
		return
	}
	margin := s.beamRad * p.groundM
	next := 0 // the first beam at or above the level
	for level, m := range s.levelsM {
		for next < len(c.beams) && c.beams[next].aboveM < m {
			next++
		}
		lower, upper := max(0, next-1), min(next, len(c.beams)-1)
		a, b := &c.beams[lower], &c.beams[upper]
		if m < a.aboveM-margin || m > b.aboveM+margin {
			continue
		}
		share := float32(0)
		if b.aboveM > a.aboveM {
			share = max(0, min(1, (m-a.aboveM)/(b.aboveM-a.aboveM)))
		}
		var t tally
		from := b.view
		if share < 1 {
			t.plus(s.look(a, c), 1-share)
		}
		if share > 0 {
			t.plus(s.look(b, c), share)
		}
		if share < 0.5 {
			from = a.view
		}
		c.set(level, t.value(), from)
	}
}

// beam is one sweep above a cell.
type beam struct {
	view   int
	aboveM float32
	looked bool
	sees   tally
}

// look looks at most once.
func (s *station) look(b *beam, c *cell) tally {
	if !b.looked {
		b.looked, b.sees = true, s.views[b.view].look(c.seenFrom(b.view))
	}
	return b.sees
}
