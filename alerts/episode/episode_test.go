package episode

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bowecho/alerts/match"
	"bowecho/internal/event"

	"github.com/google/go-cmp/cmp"
)

var (
	rules = Rules{KeepFor: 2 * time.Minute, DataLostAfter: 10 * time.Minute, ETAChange: 5 * time.Minute, DistanceChangeKM: 2}
	noon  = time.Date(2017, 3, 29, 12, 0, 0, 0, time.UTC)
	home  = event.Place{Name: "Home", WithinKM: 5}
	hail  = event.Hazard{Product: "reflectivity", AtLeast: 30, Units: "dBZ"}
)

func minute(n float64) time.Time { return noon.Add(time.Duration(n * float64(time.Minute))) }

func finding(s match.Sight, r match.Reach) match.Finding {
	return match.Finding{Place: home, Hazard: hail, Sight: s, Reach: r}
}

func reached(lead, distanceKM, level float64) match.Finding {
	return finding(match.Reached, match.Reach{LeadMinutes: lead, DistanceKM: distanceKM, Level: level, Bearing: "SW", Areas: []string{"a"}})
}

var (
	clear   = finding(match.Clear, match.Reach{})
	unknown = finding(match.Unknown, match.Reach{})
)

// step is one thing that happens: at a minute, a finding, or nothing but the time.
type step struct {
	minute float64
	found  *match.Finding
}

func sees(minute float64, f match.Finding) step { return step{minute, &f} }
func waits(minute float64) step                 { return step{minute, nil} }

// play gives what is told, as "minute state: reason".
func play(steps []step) (told []string, t Track) {
	t = New()
	for _, s := range steps {
		var changes []Change
		if s.found == nil {
			t, changes = t.Wait(rules, minute(s.minute))
		} else {
			t, changes = t.See(rules, minute(s.minute), *s.found)
		}
		for _, c := range changes {
			told = append(told, fmt.Sprintf("%g %s: %s", c.At.Sub(noon).Minutes(), c.State, c.Reason))
		}
	}
	return told, t
}

func TestWhatIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		steps []step
		want  string
	}{
		"a storm passes": {
			[]step{sees(0, clear), sees(1, reached(9, 4.8, 30)), sees(2, reached(8, 4.9, 30)), sees(6, reached(4, 4.7, 30)),
				sees(10, reached(0, 4.6, 30)), sees(11, reached(0, 3.6, 30)), sees(12, reached(0, 2.5, 30)), sees(13, reached(0, 0, 30)),
				sees(14, reached(0, 0, 45)), sees(15, reached(0, 0, 45)), sees(16, clear), sees(17, clear), sees(18, clear)},
			"1 start: comes within 5 km, 10 update: has arrived, 12 update: 2.5 km away, told 4.6, 13 update: is over the place, 14 update: stronger, 17 end: ended",
		},
		"flicker is no end":         {[]step{sees(0, reached(0, 3, 30)), sees(1, clear), sees(2, reached(0, 3, 30)), sees(3, clear), sees(4, reached(0, 3, 30))}, "0 start: is within 5 km"},
		"later than told":           {[]step{sees(0, reached(9, 4, 30)), sees(3, reached(10.9, 4, 30)), sees(4, reached(10, 4, 30))}, "0 start: comes within 5 km, 4 update: 5 min later than told"},
		"earlier than told":         {[]step{sees(0, reached(20, 4, 30)), sees(1, reached(12, 4, 30))}, "0 start: comes within 5 km, 1 update: 7 min earlier than told"},
		"goes and comes again":      {[]step{sees(0, reached(0, 4, 30)), sees(1, reached(2, 4, 30)), sees(2, reached(6, 4, 30)), sees(8, reached(0, 4, 30))}, "0 start: is within 5 km, 2 update: has left, and comes again, 8 update: has arrived"},
		"weaker, but not at once":   {[]step{sees(0, reached(0, 0, 45)), sees(1, reached(0, 0, 30)), sees(2, reached(0, 0, 30)), sees(3, reached(0, 0, 30))}, "0 start: is within 5 km, 2 update: weaker"},
		"a weak minute is no news":  {[]step{sees(0, reached(0, 0, 45)), sees(1, reached(0, 0, 30)), sees(2, reached(0, 0, 45)), sees(3, reached(0, 0, 30))}, "0 start: is within 5 km"},
		"no longer seen":            {[]step{sees(0, reached(0, 4, 30)), sees(5, unknown), sees(9, unknown), sees(10, unknown), sees(11, unknown)}, "0 start: is within 5 km, 10 end: data lost"},
		"unknown, then seen clear":  {[]step{sees(0, reached(0, 4, 30)), sees(5, unknown), sees(9, clear)}, "0 start: is within 5 km, 9 end: ended"},
		"no areas at all":           {[]step{sees(0, reached(9, 4, 30)), waits(9.9), waits(10.5), waits(60)}, "0 start: comes within 5 km, 10 end: data lost"},
		"a gap noticed afterwards":  {[]step{sees(0, reached(9, 4, 30)), sees(30, reached(0, 4, 30))}, "0 start: comes within 5 km, 10 end: data lost, 30 start: is within 5 km"},
		"nothing comes":             {[]step{sees(0, clear), sees(1, unknown), waits(30), sees(31, clear)}, ""},
		"two storms":                {[]step{sees(0, reached(0, 4, 30)), sees(2, clear), sees(3, reached(5, 4, 30))}, "0 start: is within 5 km, 2 end: ended, 3 start: comes within 5 km"},
		"the same areas once again": {[]step{sees(0, reached(9, 4, 30)), sees(0, reached(9, 4, 30)), sees(3, clear), sees(3, clear)}, "0 start: comes within 5 km, 3 end: ended"},
	} {
		told, _ := play(c.steps)
		if diff := cmp.Diff(c.want, strings.Join(told, ", ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSight(t *testing.T) {
	for name, c := range map[string]struct {
		steps []step
		want  match.Sight
		why   string
	}{
		"nothing yet":                      {nil, match.Unknown, "no data yet"},
		"time passes":                      {[]step{waits(30)}, match.Unknown, "no data yet"},
		"seen":                             {[]step{sees(0, clear)}, match.Clear, ""},
		"another domain has just seen it":  {[]step{sees(0, clear), sees(1, unknown)}, match.Clear, ""},
		"no longer seen":                   {[]step{sees(0, clear), sees(2, finding(match.Unknown, match.Reach{}))}, match.Unknown, ""},
		"no areas for a while":             {[]step{sees(0, clear), waits(9)}, match.Clear, ""},
		"no areas for too long":            {[]step{sees(0, clear), waits(10)}, match.Unknown, "no data since 12:00Z"},
		"reached":                          {[]step{sees(0, clear), sees(1, reached(3, 4, 30))}, match.Reached, ""},
		"lost while it was there":          {[]step{sees(0, reached(3, 4, 30)), waits(11)}, match.Unknown, "no data since 12:00Z"},
		"clear, though the alert is alive": {[]step{sees(0, reached(3, 4, 30)), sees(1, clear)}, match.Clear, ""},
	} {
		if _, got := play(c.steps); got.Sight != c.want || got.Why != c.why {
			t.Errorf("%s: %s %q, want %s %q", name, got.Sight, got.Why, c.want, c.why)
		}
	}
}

func TestDrop(t *testing.T) {
	_, open := play([]step{sees(0, reached(3, 4, 30))})
	closed, changes := open.Drop(minute(1))
	if closed.Open != nil || len(changes) != 1 || changes[0].Reason != Expired || changes[0].Sequence != 2 {
		t.Errorf("got %+v, %+v; want one end, expired", closed, changes)
	}
	if _, changes := closed.Drop(minute(2)); len(changes) != 0 {
		t.Errorf("dropped twice: %+v, want nothing", changes)
	}
}

func TestIDsAreTheSameForTheSame(t *testing.T) {
	_, a := New().See(rules, minute(1), reached(9, 4, 30))
	_, b := New().See(rules, minute(1).In(time.FixedZone("", -6*3600)), reached(9, 4, 30))
	if a[0].Episode != b[0].Episode {
		t.Error("the same start has two ids")
	}
	_, c := New().See(rules, minute(2), reached(9, 4, 30))
	if a[0].Episode == c[0].Episode {
		t.Error("two starts have one id")
	}
}
