package trigger

import "time"

// State is whether a trigger is open. It may be stored and continued.
type State struct {
	Open    bool      `json:"open"`              // its chains are
	Unknown bool      `json:"unknown,omitempty"` // nothing is known of what it names
	Held    time.Time `json:"held"`              // when something last called for it to be open, by the data's clock
	Pending time.Time `json:"pending,omitzero"`  // since when `when` has held, while it is closed
}

// Value gives the state in one word: open, closed or unknown.
func (s State) Value() string {
	switch {
	case s.Unknown:
		return "unknown"
	case s.Open:
		return "open"
	default:
		return "closed"
	}
}

// Answer is what the expressions of a trigger say.
type Answer struct {
	Known  bool   // there were data for all that they name
	Holds  bool   // `when`
	Clears bool   // `clear_when`; without one, that `when` does not hold
	Why    string // nothing is known
}

// Step takes an answer at a time of the data, which never goes back, and gives whether the state changed.
//
// A closed trigger opens when `when` has held for so long as the rule's For says. An open one closes when it has been
// cleared, and `when` has not held, for KeepFor. Without data, hold leaves it as it is; a time in which `when` must hold
// begins anew, and one in which it must be clear too. Otherwise it is unknown: a closed one does not open, and an open
// one closes KeepFor after there were data that called for it.
func (s *State) Step(r Rule, a Answer, now time.Time) (changed bool) {
	before := *s
	switch {
	case !a.Known && r.OnNoData == Hold:
		s.Pending = time.Time{}
		if s.Open {
			s.Held = now
		}
	case !a.Known:
		s.Unknown, s.Pending = true, time.Time{}
		s.Open = s.Open && now.Sub(s.Held) < r.KeepFor
	case s.Open:
		s.Unknown = false
		called := a.Holds || !a.Clears
		if called {
			s.Held = now
		}
		s.Open = called || now.Sub(s.Held) < r.KeepFor
	default:
		s.Unknown = false
		s.wait(r, a, now)
	}
	return s.Open != before.Open || s.Unknown != before.Unknown
}

// wait opens a closed trigger when `when` has held for long enough.
func (s *State) wait(r Rule, a Answer, now time.Time) {
	if !a.Holds {
		s.Pending = time.Time{}
		return
	}
	if s.Pending.IsZero() {
		s.Pending = now
	}
	if now.Sub(s.Pending) >= r.For {
		s.Open, s.Held, s.Pending = true, now, time.Time{}
	}
}
