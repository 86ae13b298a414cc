package trigger

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawRule gives a rule with any clocks.
func drawRule(t *rapid.T) Rule {
	minutes := rapid.IntRange(0, 8)
	r := Rule{
		For: time.Duration(minutes.Draw(t, "for")) * time.Minute, KeepFor: time.Duration(minutes.Draw(t, "keep_for")) * time.Minute,
		OnNoData: rapid.SampledFrom([]NoData{"", ToUnknown, Hold}).Draw(t, "on_no_data"),
	}
	if rapid.Bool().Draw(t, "has clear_when") {
		r.ClearWhen = "x"
	}
	return r
}

func drawAnswer(t *rapid.T, r Rule) Answer {
	a := Answer{Known: rapid.IntRange(0, 4).Draw(t, "known") > 0}
	if !a.Known {
		return a
	}
	a.Holds = rapid.Bool().Draw(t, "holds")
	a.Clears = !a.Holds
	if r.ClearWhen != "" {
		a.Clears = rapid.Bool().Draw(t, "clears")
	}
	return a
}

// history is what came since something.
type history struct {
	holding time.Time // since when `when` has held without a break; zero: it does not
	called  time.Time // when there were last data that called for it to be open
	held    bool      // nothing was known since, and that holds
}

// TestTriggersDoNotFlap plays any weather, with gaps in the data and restarts in between, in virtual time. Run with
// -rapid.checks 10000 for as many seeds.
func TestTriggersDoNotFlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRule(t)
		var s State
		var past history
		now, opened := noon, time.Time{}
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "seconds")) * time.Second)
			a, before := drawAnswer(t, r), s
			changed := s.Step(r, a, now)
			past.take(r, a, before.Open, now)
			switch {
			case changed != (s.Open != before.Open || s.Unknown != before.Unknown):
				t.Fatalf("changed is %v from %+v to %+v", changed, before, s)
			case s.Unknown != (!a.Known && r.OnNoData != Hold):
				t.Fatalf("unknown is %v, and data are known: %v", s.Unknown, a.Known)
			case !a.Known && r.OnNoData == Hold && changed:
				t.Fatalf("without data from %+v to %+v, want it held", before, s)
			case !a.Known && s.Open && !before.Open:
				t.Fatal("opened without data")
			case s.Open && !before.Open && (past.holding.IsZero() || now.Sub(past.holding) < r.For):
				t.Fatalf("opened, and `when` has held since %v, want for %v", past.holding, r.For)
			case !s.Open && before.Open && now.Sub(opened) < r.KeepFor:
				t.Fatalf("closed %v after it opened, want %v at least", now.Sub(opened), r.KeepFor)
			case !s.Open && before.Open && now.Sub(past.called) < r.KeepFor:
				t.Fatalf("closed %v after data called for it, want %v at least", now.Sub(past.called), r.KeepFor)
			case s.Open && a.Known && !a.Holds && a.Clears && !past.held && now.Sub(past.called) >= r.KeepFor:
				t.Fatalf("open %v after it was clear, want %v", now.Sub(past.called), r.KeepFor)
			case !s.Open && a.Known && a.Holds && !before.Open && now.Sub(past.holding) >= r.For:
				t.Fatal("closed, and `when` has held for long enough")
			case s.Open && a.Known && r.ClearWhen == "" && r.KeepFor == 0 && !a.Holds:
				t.Fatal("open, and `when` does not hold")
			}
			if s.Open && !before.Open {
				opened = now
			}
			s = restarted(t, s)
		}
	})
}

// take notes what an answer says, given whether the trigger was open before it.
func (h *history) take(r Rule, a Answer, wasOpen bool, now time.Time) {
	switch {
	case !a.Known || !a.Holds:
		h.holding = time.Time{}
	case h.holding.IsZero():
		h.holding = now
	}
	switch {
	case a.Known && (a.Holds || wasOpen && !a.Clears):
		h.called, h.held = now, false
	case !a.Known && r.OnNoData == Hold:
		h.held = true // and the clock for closing begins anew
	}
}

// restarted gives a state as the next run of the program finds it.
func restarted(t *rapid.T, s State) (again State) {
	data, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(data, &again)
	}
	if err != nil {
		t.Fatal(err)
	}
	if again.Open != s.Open || again.Unknown != s.Unknown || !again.Held.Equal(s.Held) || !again.Pending.Equal(s.Pending) {
		t.Fatalf("stored %+v, read %+v", s, again)
	}
	return again
}
