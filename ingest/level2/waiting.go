package level2

import (
	"time"

	"bowecho/internal/radar"
)

// volume is one of which parts are still to come.
type volume struct {
	key   volumeKey
	parts map[int]*content // by number; nil for what is not needed any more
	last  int              // the number of the part that ends it, 0 while that is not there
	until time.Time        // of its newest data
	heard time.Time        // by the wall clock: when its last part came
	names []string         // of the parts that came
	cuts  [256]span        // by the number of the cut
}

// span is where a cut lies in the volume's parts, by their numbers; 0 is not known.
type span struct {
	seen         bool
	first, last  int // parts that hold radials of it
	starts, ends int // parts that hold its first and its last radial
	given        bool
}

func (v *volume) has(number int) bool {
	_, ok := v.parts[number]
	return ok
}

// add takes a part and says how many bytes it holds.
func (v *volume) add(l label, c *content) (bytes int) {
	v.parts[l.number] = c
	if l.last {
		v.last = l.number
	}
	if v.until.Before(l.start) {
		v.until = l.start
	}
	for i := range c.radials {
		r := &c.radials[i]
		bytes += len(r.body)
		if at := timeOf(r.ms); at.After(v.until) {
			v.until = at
		}
		s := &v.cuts[r.cut]
		if !s.seen {
			*s = span{seen: true, first: l.number, last: l.number}
		}
		s.first, s.last = min(s.first, l.number), max(s.last, l.number)
		if r.starts() && (s.starts == 0 || l.number < s.starts) {
			s.starts = l.number
		}
		if r.ends() {
			s.ends = max(s.ends, l.number)
		}
	}
	return bytes
}

// complete gives the cuts of which now all radials are there: the first, the last, and every part between. A cut without
// a last radial is over where the next begins, if no part is missing up to there. With the part that ends the volume
// and all before it, whatever is left is complete.
func (v *volume) complete() (done []*radar.Scan) {
	whole := v.last > 0 && v.unbroken(1, v.last)
	for number := range v.cuts {
		s := &v.cuts[number]
		if !s.seen || s.given {
			continue
		}
		from, to := s.starts, s.ends
		if from == 0 {
			from = v.neighbour(number, -1)
		}
		if to == 0 {
			to = v.neighbour(number, 1)
		}
		if whole || from > 0 && from <= to && v.unbroken(from, to) {
			done = append(done, v.give(number, nil)...)
		}
	}
	return done
}

// neighbour gives the part in which the cut before (-1) ends or the one after (1) begins, 0 where that is not known.
func (v *volume) neighbour(number, step int) int {
	next := number + step
	if next < 1 || next >= len(v.cuts) || !v.cuts[next].seen {
		return 0
	}
	if step < 0 {
		return v.cuts[next].last
	}
	return v.cuts[next].first
}

// unbroken tells whether all parts from one to another are there.
func (v *volume) unbroken(from, to int) bool {
	for number := from; number <= to; number++ {
		if !v.has(number) {
			return false
		}
	}
	return true
}

// give makes a cut's scan, none where its radials hold no moment.
func (v *volume) give(number int, flaw []string) []*radar.Scan {
	s := &v.cuts[number]
	s.given = true
	c := &content{station: v.key.station}
	for part := s.first; part <= s.last; part++ {
		p := v.parts[part]
		if p == nil {
			continue
		}
		for i := range p.radials {
			if p.radials[i].cut == uint8(number) {
				c.radials = append(c.radials, p.radials[i])
			}
		}
		c.flaws.join(p.flaws)
	}
	for _, p := range v.parts {
		if p != nil && p.pattern != 0 {
			c.pattern = p.pattern
		}
	}
	for _, f := range flaw {
		c.flaws.add(f)
	}
	scan, err := c.scan("")
	if err != nil {
		return nil
	}
	return []*radar.Scan{scan}
}

// rest gives the cuts that were not complete, each with what it lacks.
func (v *volume) rest() (left []*radar.Scan) {
	for number := range v.cuts {
		s := &v.cuts[number]
		if s.seen && !s.given {
			left = append(left, v.give(number, v.lacks(s))...)
		}
	}
	return left
}

// lacks says which of a cut's parts never came.
func (v *volume) lacks(s *span) (flaws []string) {
	if s.starts == 0 {
		flaws = append(flaws, "the sweep's first radial never came")
	}
	for part := s.first; part <= s.last; part++ {
		if !v.has(part) {
			from := part
			for !v.has(part + 1) {
				part++
			}
			flaws = append(flaws, partsMissing(from, part))
		}
	}
	if s.ends == 0 {
		flaws = append(flaws, "the sweep's last radial never came")
	}
	return flaws
}

// finished tells whether every part came and every cut was given.
func (v *volume) finished() bool {
	if v.last == 0 || !v.unbroken(1, v.last) {
		return false
	}
	for i := range v.cuts {
		if v.cuts[i].seen && !v.cuts[i].given {
			return false
		}
	}
	return true
}

// forget lets go of the radials of parts whose cuts were all given, and says how many bytes that were.
func (v *volume) forget() (bytes int) {
	for number, c := range v.parts {
		if c == nil || len(c.radials) == 0 {
			continue
		}
		needed := false
		for i := range c.radials {
			needed = needed || !v.cuts[c.radials[i].cut].given
		}
		if !needed {
			bytes += c.bytes()
			v.parts[number].radials = nil
		}
	}
	return bytes
}

// drop lets go of all radials, and says how many bytes that were.
func (v *volume) drop() (bytes int) {
	for number, c := range v.parts {
		if c != nil {
			bytes += c.bytes()
		}
		v.parts[number] = nil
	}
	return bytes
}

func (c *content) bytes() (n int) {
	for i := range c.radials {
		n += len(c.radials[i].body)
	}
	return n
}
