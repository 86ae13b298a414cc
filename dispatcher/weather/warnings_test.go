package weather

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"pgregory.net/rapid"
)

var dfw = grid.Centred("dfw", 32.65, -97, 1121, 1121, 250)

// square gives a square of so many degrees around a point.
func square(lon, lat, degrees float64) orb.Polygon {
	return orb.Bound{Min: orb.Point{lon - degrees/2, lat - degrees/2}, Max: orb.Point{lon + degrees/2, lat + degrees/2}}.ToPolygon()
}

func tornado(id string, area orb.Geometry) *event.Warning {
	w := &event.Warning{
		V: 1, ID: id, Feed: "nws", Event: "Tornado Warning", Status: event.Actual, Sent: begin, Onset: at(5), Expires: at(45),
	}
	if area != nil {
		w.Area = geojson.NewGeometry(area)
	}
	return w
}

func TestWhichWarningsCount(t *testing.T) {
	around := square(-97, 32.65, 20)
	hole := orb.Polygon{around[0], square(-97, 32.65, 10)[0]}
	slices.Reverse(hole[1])
	coded := tornado("coded", nil)
	coded.Codes = []string{"UGC TXC113", "SAME 048113"}
	east := grid.Centred("east", -17, 179.5, 400, 400, 1000) // across the date line
	for name, c := range map[string]struct {
		w    *event.Warning
		feed Feed
		in   grid.Domain
		want bool
	}{
		"within":                    {tornado("a", square(-97, 32.65, 0.1)), Feed{}, dfw, true},
		"around":                    {tornado("a", around), Feed{}, dfw, true},
		"around, the domain spared": {tornado("a", hole), Feed{}, dfw, false},
		"over the edge":             {tornado("a", square(dfw.WestDeg, 32.65, 0.1)), Feed{}, dfw, true},
		"beside":                    {tornado("a", square(dfw.WestDeg-0.06, 32.65, 0.1)), Feed{}, dfw, false},
		"edge to edge":              {tornado("a", square(dfw.WestDeg-0.5, 32.65, 1)), Feed{}, dfw, false},
		"one of two":                {tornado("a", orb.MultiPolygon{square(0, 0, 1), square(-97, 32, 1)}), Feed{}, dfw, true},
		"a corner that passes by":   {tornado("a", orb.Polygon{{{-99, 35}, {-99, 30}, {-98.6, 30}, {-99, 35}}}), Feed{}, dfw, false},
		"beyond the date line":      {tornado("a", square(-179.5, -17, 0.5)), Feed{}, east, true},
		"without an area":           {coded, Feed{}, dfw, false},
		"by its code":               {coded, Feed{Codes: map[string][]string{"dfw": {"TXC113"}}}, dfw, true},
		"by its code in full":       {coded, Feed{Codes: map[string][]string{"dfw": {"SAME 048113"}}}, dfw, true},
		"by another's code":         {coded, Feed{Codes: map[string][]string{"okc": {"TXC113"}, "dfw": {"TXC439"}}}, dfw, false},
		"everywhere":                {coded, Feed{Codes: map[string][]string{"dfw": {"*"}}}, dfw, true},
	} {
		if got := c.feed.Counts(c.w, c.in); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	for status, tests := range map[string]bool{event.Test: true, event.Exercise: true, event.Draft: false, "System": false} {
		w := tornado("a", around)
		w.Status = status
		if (Feed{}).Counts(w, dfw) || (Feed{Tests: true}).Counts(w, dfw) != tests {
			t.Errorf("status %s counts, or does not where tests are asked for", status)
		}
	}
}

// told gives changes as "begun a".
func told(changes []Change) (list []string) {
	for _, c := range changes {
		list = append(list, c.Value+" "+c.Warning.ID)
	}
	return list
}

func TestLifeOfAWarning(t *testing.T) {
	ws := Warnings{}
	expect := func(step string, got []Change, want ...string) {
		t.Helper()
		if !slices.Equal(told(got), want) {
			t.Errorf("%s: %v, want %v", step, told(got), want)
		}
	}
	hear := func(w *event.Warning, counts bool) []Change {
		t.Helper()
		changes, err := ws.Hear(w, counts)
		if err != nil {
			t.Fatal(err)
		}
		return changes
	}
	expect("heard before its onset", hear(tornado("a", square(-97, 32, 1)), true))
	expect("before its onset", ws.Look(at(4)))
	expect("at its onset", ws.Look(at(5)), "begun a")
	expect("heard again", hear(tornado("a", square(-97, 32, 1)), true))
	if w := ws.InForce(); len(w) != 1 || w[0].Area != nil {
		t.Errorf("in force: %+v", w)
	}
	b := tornado("b", square(-97, 32.1, 1))
	b.Replaces, b.Sent = []string{"a"}, at(10)
	expect("replaced", hear(b, true), "changed b")
	expect("the first comes late, as if new", ws.Look(at(11)))
	wider := *b
	wider.Sent, wider.Expires = at(12), at(50)
	expect("more", hear(&wider, true), "changed b")
	expect("what was said before comes late", hear(b, true))
	expect("in between", ws.Look(at(47)))
	expect("over", ws.Look(at(50)), "ended b")
	expect("heard when it is over", hear(tornado("c", square(-97, 32, 1)), true))
	expect("never told", ws.Look(at(51)))
	if len(ws) > 0 {
		t.Errorf("still remembered: %+v", ws)
	}
	expect("d", hear(tornado("d", nil), true))
	expect("d begins", ws.Look(at(6)), "begun d")
	cancel := &event.Warning{Feed: "nws", ID: "e", Replaces: []string{"d"}, Sent: at(7), Ended: at(7), Reason: "all is well"}
	got := hear(cancel, false)
	expect("cancelled", got, "ended d")
	if got[0].Reason != "all is well" {
		t.Errorf("ended since %q", got[0].Reason)
	}
	expect("f", hear(tornado("f", nil), true))
	expect("f begins", ws.Look(at(6)), "begun f")
	moved := tornado("f", nil)
	moved.Sent = at(8)
	expect("moves out of the domain", hear(moved, false), "ended f")
	other := tornado("g", nil)
	expect("g", hear(other, true))
	expect("g begins", ws.Look(at(9)), "begun g")
	stranger := &event.Warning{Feed: "other", ID: "h", Replaces: []string{"g"}, Sent: at(10), Ended: at(10)}
	expect("another feed cannot end it", hear(stranger, true))
	if ws.Elsewhen(); len(ws.InForce()) != 0 {
		t.Error("at another time, nothing is in force before it is looked at")
	}
	for i := range mostWarnings + 1 {
		_, err := ws.Hear(tornado(fmt.Sprint(i), nil), true)
		if (err != nil) != (i >= mostWarnings-1) {
			t.Fatalf("warning %d: %v", i, err)
		}
	}
}

// TestWarningsAgainstAllThatWasSaid holds that what is in force, and what is told of it, follows from the messages and the
// clock alone.
func TestWarningsAgainstAllThatWasSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ws, now := Warnings{}, 0.0
		said := map[string]*event.Warning{} // the last word on each
		inForce := map[string]bool{}        // as told
		follow := func(changes []Change) {
			for _, c := range changes {
				id := c.Warning.ID
				switch {
				case c.Value == Begun && !inForce[id]:
					inForce[id] = true
				case c.Value == Ended && inForce[id]:
					delete(inForce, id)
				case c.Value == Changed && inForce[id]:
				default:
					t.Fatalf("minute %g: %s %s, told in force: %v", now, c.Value, id, inForce)
				}
			}
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += rapid.Float64Range(0, 5).Draw(t, "minutes")
			w := tornado(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "id"), nil)
			w.Sent = at(now)
			w.Onset = at(now + rapid.Float64Range(-5, 10).Draw(t, "onset"))
			w.Expires = w.Onset.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "lasts")) * time.Minute)
			if rapid.IntRange(0, 4).Draw(t, "ends") == 0 {
				w.Ended = w.Sent
			}
			counts := rapid.IntRange(0, 4).Draw(t, "counts") > 0
			changes, err := ws.Hear(w, counts)
			if err != nil {
				t.Fatal(err)
			}
			follow(changes)
			said[w.ID] = w
			if !counts {
				delete(said, w.ID)
			}
			now += rapid.Float64Range(0, 5).Draw(t, "later")
			follow(ws.Look(at(now)))
			want := map[string]bool{}
			for id, w := range said {
				if w.Ended.IsZero() && !at(now).Before(w.Onset) && at(now).Before(w.Expires) {
					want[id] = true
				}
			}
			got := map[string]bool{}
			for _, w := range ws.InForce() {
				got[w.ID] = true
			}
			if !maps.Equal(got, want) || !maps.Equal(inForce, want) {
				t.Fatalf("minute %g: in force %v, told %v; want %v", now, got, inForce, want)
			}
		}
	})
}

func TestAWarningLiftsWhatIsKnown(t *testing.T) {
	cfg := DefaultConfig()
	lower := tornado("a", nil)
	lower.Event = "tornado warning"
	other := tornado("b", nil)
	other.Event = "Wind Advisory"
	for name, c := range map[string]struct {
		seen     Seen
		warnings []event.Warning
		want     Regime
	}{
		"clear":                  {seen(1, 0, 0), nil, Clear},
		"clear, warned":          {seen(1, 0, 0), []event.Warning{*other, *lower}, Convective},
		"warned of other things": {seen(1, 0, 0), []event.Warning{*other}, Clear},
		"no radar, warned":       {Seen{Silent: 2}, []event.Warning{*lower}, Unknown},
		"convective anyway":      {seen(1, 100, 50), []event.Warning{*lower}, Convective},
	} {
		var sky Sky
		c.seen.Warnings = c.warnings
		_, reason := sky.Look(cfg, c.seen, begin)
		if sky.Regime != c.want {
			t.Errorf("%s: %s, want %s", name, sky.Regime, c.want)
		}
		if says := strings.Contains(reason, "tornado warning of feed nws"); says != (name == "clear, warned") {
			t.Errorf("%s: the reason is %q", name, reason)
		}
	}
	sky := Sky{Regime: Convective}
	sky.Look(cfg, seen(1, 0, 0), at(0))
	if sky.Look(cfg, seen(1, 0, 0), at(4)); sky.Regime != Convective {
		t.Error("when a warning ends, its regime goes at once")
	}
	if sky.Look(cfg, seen(1, 0, 0), at(5)); sky.Regime != Clear {
		t.Errorf("five minutes after a warning ended: %s", sky.Regime)
	}
}

func TestFeedsAreChecked(t *testing.T) {
	for want, feeds := range map[string]Feeds{
		"feeds.NWS alerts": {"NWS alerts": {}}, "feeds.nws.codes.dfw": {"nws": {Codes: map[string][]string{"dfw": {""}}}},
	} {
		if err := feeds.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want it to name %s", feeds, err, want)
		}
	}
	if err := (Feeds{"nws": {Codes: map[string][]string{"dfw": {"*"}}}}).Validate(); err != nil {
		t.Error(err)
	}
}
