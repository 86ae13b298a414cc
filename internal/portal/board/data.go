package board

import (
	"slices"
	"time"

	"bowecho/internal/event"
)

// site is a radar with the times that tell its cadence.
type site struct {
	Radar
	intervals []float64
}

func (s *site) view() Radar {
	s.CadenceS = median(s.intervals)
	return s.Radar
}

// site gives the entry of a radar, made where there is none. Subjects and messages may spell its name differently.
func (b *Board) site(name string) *site {
	key := event.Token(name)
	if b.radars[key] == nil {
		b.radars[key] = &site{Radar: Radar{Name: name}}
	}
	return b.radars[key]
}

// Scan takes in that a radar has sent something. A recording that begins again begins a new board.
func (b *Board) Scan(m *event.Scan) []Change {
	anew := m.Pace != 1 && b.clock.DataTime.Sub(m.Time) > loopLength
	if anew {
		b.forget()
	}
	s := b.site(m.Radar)
	if step := m.Time.Sub(s.LastScan).Seconds(); step > 0 && !s.LastScan.IsZero() {
		s.intervals = appendBounded(s.intervals, step, keepScans)
	}
	if !m.Time.Before(s.LastScan) {
		s.Name, s.LastScan, s.MaxDBZ = m.Radar, m.Time, m.Summary.MaxDBZ
		s.LatitudeDeg, s.LongitudeDeg, s.HeightM, s.RangeM = m.LatitudeDeg, m.LongitudeDeg, m.HeightM, m.RangeM
	}
	s.Scans++
	b.tick(m)
	if anew {
		return []Change{{"reload", nil}}
	}
	return []Change{{"radar", s.view()}, {"clock", b.clock}}
}

// tick sets the data's clock by the newest scan. Where two share a time, the first to be announced was in time.
func (b *Board) tick(m *event.Scan) {
	if !m.Time.After(b.clock.DataTime) {
		return
	}
	wall := m.Trail.Scan
	if wall.IsZero() {
		wall = time.Now().UTC()
	}
	b.clock = Clock{DataTime: m.Time, WallTime: wall, Pace: m.Pace}
}

// Pictures takes in the frames of an issue: the newest gives the nowcast, older ones their analysis only.
func (b *Board) Pictures(m *event.Pictures) []Change {
	if len(m.Frames) == 0 {
		return nil
	}
	key := m.Domain.Name + "\x00" + m.Product
	loop, known := b.loops[key]
	if !known {
		loop = Loop{Domain: m.Domain.Name, Product: m.Product, Past: []event.Frame{}}
	}
	switch {
	case m.IssueTime.Before(loop.IssueTime):
		loop.Past = inserted(loop.Past, analysis(m.Frames), loop.IssueTime)
	case m.IssueTime.After(loop.IssueTime) && len(loop.Nowcast) > 0:
		loop.Past = inserted(loop.Past, analysis(loop.Nowcast), m.IssueTime)
		fallthrough
	default:
		loop.IssueTime, loop.Radars, loop.Nowcast = m.IssueTime, m.Radars, m.Frames
		loop.Units, loop.Legend = m.Units, m.Legend
	}
	b.loops[key] = loop
	return []Change{{"loop", loop}}
}

// Mosaic takes in that a mosaic is there, of which cells may be asked for.
func (b *Board) Mosaic(m *event.Grid) {
	if old := b.mosaics[m.Domain.Name]; old == nil || !m.IssueTime.Before(old.IssueTime) {
		b.mosaics[m.Domain.Name] = m
	}
}

// NewestMosaic gives the newest mosaic of a domain, nil where there is none yet.
func (b *Board) NewestMosaic(domain string) *event.Grid { return b.mosaics[domain] }

// analysis gives the frame of the least lead time.
func analysis(frames []event.Frame) event.Frame {
	return slices.MinFunc(frames, func(a, b event.Frame) int { return int(a.LeadMinutes - b.LeadMinutes) })
}

// inserted gives the past with a frame in its place, without what is too old for the loop.
func inserted(past []event.Frame, f event.Frame, now time.Time) []event.Frame {
	kept := []event.Frame{}
	for _, p := range past {
		if !p.ValidTime.Equal(f.ValidTime) {
			kept = append(kept, p)
		}
	}
	kept = append(kept, f)
	slices.SortFunc(kept, func(a, b event.Frame) int { return a.ValidTime.Compare(b.ValidTime) })
	return slices.DeleteFunc(kept, func(f event.Frame) bool { return now.Sub(f.ValidTime) > loopLength })
}
