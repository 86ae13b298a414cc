// Package episode is the life of an alert: one start, updates when something really changes, and one end.
//
// All times are times in the data. A hazard has ended only when radars have seen for a while that it is gone; a place
// that they no longer see ends as "data lost", for nobody knows.
package episode

import (
	"fmt"
	"math"
	"time"

	"bowecho/alerts/match"
	"bowecho/internal/event"
)

// Rules say what is a real change.
type Rules struct {
	KeepFor          time.Duration // a hazard that is gone for less is not gone
	DataLostAfter    time.Duration // without data for so long, nothing is known any more
	ETAChange        time.Duration // an arrival that moves by less is no news
	DistanceChangeKM float64       // nor is a hazard at hand that moves by less
}

// The reasons of an end.
const (
	Ended    = "ended"     // radars see that the hazard is gone
	DataLost = "data lost" // no radar has seen the place for a while
	Expired  = "expired"   // nobody watches for it any longer
)

// Track follows one hazard at one place. It is a value: its methods give the next one.
type Track struct {
	Sight match.Sight `json:"sight"`
	Why   string      `json:"why,omitempty"` // of an unknown sight
	Seen  time.Time   `json:"seen"`          // the newest time at which it was known how it stands
	Open  *Episode    `json:"open,omitempty"`
}

// Episode is an alert that has started and not ended. It is not changed, but replaced.
type Episode struct {
	ID       string      `json:"id"`
	Notices  int         `json:"notices"` // how many changes have been told
	Reached  time.Time   `json:"reached"` // the newest time at which the hazard reached the place
	Reach    match.Reach `json:"reach"`   // at that time
	Told     Told        `json:"told"`
	Strongly time.Time   `json:"strongly"` // the newest time at which it reached at the told level
}

// Told is what people know.
type Told struct {
	ETA        time.Time `json:"eta"`
	Here       bool      `json:"here"` // the hazard is within the place's distance
	DistanceKM float64   `json:"distanceKm"`
	Level      float64   `json:"level"`
}

// Change is news: what to tell.
type Change struct {
	Episode  string
	Sequence int // of the episode's changes, from 1
	State    string
	Reason   string
	At       time.Time
	Reach    match.Reach // at an end, the last that was known
}

// ETA gives when the hazard comes within the place's distance.
func (c Change) ETA() time.Time { return eta(c.At, c.Reach) }

// ETA gives when the hazard comes, or came, within the place's distance.
func (e *Episode) ETA() time.Time { return eta(e.Reached, e.Reach) }

func eta(issued time.Time, r match.Reach) time.Time {
	return issued.Add(time.Duration(r.LeadMinutes * float64(time.Minute)))
}

// New gives the track of a hazard of which nothing is known yet.
func New() Track { return Track{Sight: match.Unknown, Why: "no data yet"} }

// See takes in what was found at an issue time. Taking it in again changes nothing.
func (t Track) See(rules Rules, issued time.Time, f match.Finding) (Track, []Change) {
	var changes []Change
	if t.lost(rules, issued) { // nothing was seen since long, and only now is this noticed
		t, changes = t.end(DataLost, t.Seen.Add(rules.DataLostAfter))
	}
	switch {
	case f.Sight == match.Reached && t.Open == nil:
		return t.start(issued, f, changes)
	case f.Sight == match.Reached:
		return t.goOn(rules, issued, f.Reach, changes)
	case f.Sight == match.Clear:
		t.Sight, t.Why, t.Seen = match.Clear, "", later(t.Seen, issued)
		if t.Open != nil && issued.Sub(t.Open.Reached) >= rules.KeepFor {
			ended, change := t.end(Ended, issued)
			return ended, append(changes, change...)
		}
	case issued.Sub(t.Seen) >= rules.KeepFor: // another domain may just have seen it
		t.Sight, t.Why = match.Unknown, f.Why
	}
	return t, changes
}

// Wait takes in that time has passed without areas.
func (t Track) Wait(rules Rules, now time.Time) (Track, []Change) {
	if now.Sub(t.Seen) < rules.DataLostAfter {
		return t, nil
	}
	if t.Sight != match.Unknown {
		t.Sight, t.Why = match.Unknown, "no data since "+t.Seen.UTC().Format("15:04Z")
	}
	if t.Open == nil {
		return t, nil
	}
	return t.end(DataLost, t.Seen.Add(rules.DataLostAfter))
}

// Drop takes in that nobody watches any longer.
func (t Track) Drop(now time.Time) (Track, []Change) {
	if t.Open == nil {
		return t, nil
	}
	return t.end(Expired, now)
}

func (t Track) lost(rules Rules, now time.Time) bool {
	return t.Open != nil && now.Sub(t.Seen) >= rules.DataLostAfter
}

func (t Track) start(issued time.Time, f match.Finding, changes []Change) (Track, []Change) {
	h := f.Hazard
	t.Sight, t.Why, t.Seen = match.Reached, "", later(t.Seen, issued)
	t.Open = &Episode{
		ID:      event.ID("episode", f.Place.Name, h.Product, fmt.Sprint(h.AtLeast), h.Units, issued.UTC().Format(time.RFC3339Nano)),
		Reached: issued, Reach: f.Reach, Strongly: issued,
	}
	reason := fmt.Sprintf("comes within %g km", f.Place.WithinKM)
	if f.Reach.LeadMinutes == 0 {
		reason = fmt.Sprintf("is within %g km", f.Place.WithinKM)
	}
	return t.tell(event.Start, reason, changes)
}

func (t Track) goOn(rules Rules, issued time.Time, r match.Reach, changes []Change) (Track, []Change) {
	t.Sight, t.Why, t.Seen = match.Reached, "", later(t.Seen, issued)
	next := *t.Open
	next.Reached, next.Reach = later(next.Reached, issued), r
	if r.Level >= next.Told.Level {
		next.Strongly = next.Reached
	}
	t.Open = &next
	if reason := next.news(rules); reason != "" {
		return t.tell(event.Update, reason, changes)
	}
	return t, changes
}

// news says what has really changed since people were told, if anything.
func (e *Episode) news(rules Rules) string {
	told, r := e.Told, e.Reach
	later := e.ETA().Sub(told.ETA)
	switch {
	case r.Level > told.Level:
		return "stronger"
	case r.Level < told.Level && e.Reached.Sub(e.Strongly) >= rules.KeepFor:
		return "weaker"
	case !told.Here && r.LeadMinutes == 0:
		return "has arrived"
	case told.Here && r.LeadMinutes >= rules.ETAChange.Minutes():
		return "has left, and comes again"
	case !told.Here && later >= rules.ETAChange:
		return fmt.Sprintf("%.0f min later than told", later.Minutes())
	case !told.Here && -later >= rules.ETAChange:
		return fmt.Sprintf("%.0f min earlier than told", -later.Minutes())
	case r.LeadMinutes > 0:
		return ""
	case r.DistanceKM == 0 && told.DistanceKM > 0:
		return "is over the place"
	case math.Abs(r.DistanceKM-told.DistanceKM) >= rules.DistanceChangeKM:
		return fmt.Sprintf("%.1f km away, told %.1f", r.DistanceKM, told.DistanceKM)
	}
	return ""
}

// tell notes that people are told of the open episode as it is.
func (t Track) tell(state, reason string, changes []Change) (Track, []Change) {
	next := *t.Open
	next.Notices++
	next.Strongly = next.Reached
	next.Told = Told{ETA: next.ETA(), Here: next.Reach.LeadMinutes == 0, DistanceKM: next.Reach.DistanceKM, Level: next.Reach.Level}
	t.Open = &next
	return t, append(changes, Change{
		Episode: next.ID, Sequence: next.Notices, State: state, Reason: reason, At: next.Reached, Reach: next.Reach,
	})
}

func (t Track) end(reason string, at time.Time) (Track, []Change) {
	e := t.Open
	t.Open = nil
	last := e.Reach
	last.LeadMinutes, last.Areas = 0, nil
	return t, []Change{{Episode: e.ID, Sequence: e.Notices + 1, State: event.End, Reason: reason, At: at, Reach: last}}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
