package board

import (
	"slices"
	"time"

	"bowecho/internal/event"
)

// Decision takes in what was decided, and where it says how something stands now, changes that.
func (b *Board) Decision(m *event.Decision) []Change {
	var changes []Change
	switch m.Kind {
	case event.FleetStatus:
		return b.load(m) // comes every few seconds: a state, not a decision to read
	case event.RegimeChange:
		if m.Domain == "" {
			break // of what one radar sees
		}
		r := Regime{Domain: m.Subj, Value: m.Value, Was: m.Was, Reason: m.Reason, Since: happened(m), Inputs: m.Inputs}
		b.regimes[m.Subj] = r
		changes = []Change{{"regime", r}}
	case event.TriggerChange:
		t := Trigger{Name: m.Subj, Domain: m.Domain, Open: m.Value == "open", Value: m.Value, Reason: m.Reason, Since: happened(m)}
		b.triggers[m.Subj+" "+m.Domain] = t
		changes = []Change{{"trigger", t}}
	case event.FreshnessChange:
		s := b.site(m.Subj)
		s.Freshness, s.Reason = m.Value, m.Reason
		changes = []Change{{"radar", s.view()}}
	case event.Scaling:
		c := b.chain(m.Subj)
		c.Reason = m.Reason
		changes = []Change{{"chain", c.view()}}
	case event.OrderDropped:
		c := b.chain(m.Subj)
		c.Dropped++
		changes = []Change{{"chain", c.view()}}
	case event.LineChange:
		l := Line{Source: m.Subj, Value: m.Value, Reason: m.Reason, Since: m.Time}
		b.lines[m.Subj] = l
		changes = []Change{{"line", l}}
	case event.SourceDone:
		b.clock.Ended = true
		changes = []Change{{"clock", b.clock}}
	}
	b.decisions = appendBounded(b.decisions, m, keepDecided)
	if m.Kind == event.EpisodeChange {
		return nil // people read it as a notice
	}
	return append(changes, Change{"decision", m})
}

// happened gives the time in the data where it is known, else the wall clock.
func happened(m *event.Decision) time.Time {
	if m.DataTime.IsZero() {
		return m.Time
	}
	return m.DataTime
}

func (b *Board) chain(name string) *Chain {
	if b.chains[name] == nil {
		b.chains[name] = &Chain{Name: name, History: []Load{}}
	}
	return b.chains[name]
}

func (b *Board) load(m *event.Decision) []Change {
	c := b.chain(m.Subj)
	c.Now = Load{m.Time, number(m, "workers"), number(m, "target"), number(m, "waiting"), number(m, "running")}
	c.History = appendBounded(c.History, c.Now, keepLoads)
	return []Change{{"load", struct {
		Name string `json:"name"`
		Load Load   `json:"load"`
	}{c.Name, c.Now}}}
}

func number(m *event.Decision, key string) float64 {
	v, _ := m.Inputs[key].(float64)
	return v
}

func (c *Chain) view() Chain {
	v := *c
	v.History = slices.Clone(c.History)
	return v
}

// Notice takes in what people were told.
func (b *Board) Notice(m event.Notice) []Change {
	if slices.ContainsFunc(b.notices, func(n event.Notice) bool { return n.ID == m.ID }) {
		return nil
	}
	b.notices = appendBounded(b.notices, m, keepNotices)
	return []Change{{"notice", m}}
}
