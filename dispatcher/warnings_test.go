package dispatcher

import (
	"slices"
	"testing"
	"time"

	"bowecho/dispatcher/fleet/fleettest"
	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
	"bowecho/internal/stream/streamtest"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// warningAt gives a warning of a tornado from a minute and second of 2017-03-29, 07 h, for half an hour, around a place.
func warningAt(id, from string, lon, lat float64) *event.Warning {
	area := orb.Bound{Min: orb.Point{lon - 0.1, lat - 0.1}, Max: orb.Point{lon + 0.1, lat + 0.1}}.ToPolygon()
	return &event.Warning{
		V: event.Version, ID: id, Feed: "nws", Event: "Tornado Warning", Status: event.Actual, Severity: "Extreme",
		Sent: at(from), Onset: at(from), Expires: at(from).Add(30 * time.Minute), Area: geojson.NewGeometry(area), Heard: at(from),
	}
}

// calm is a scan of Addison without weather.
func calm(text string) *event.Scan {
	m := scanAt("addison", at(text))
	m.Summary = event.Summary{Gates: 1000, MaxDBZ: -32}
	return m
}

func decided(d *Dispatcher, kinds ...string) (list []string) {
	for _, m := range posted[event.Decision](d, "event.") {
		if slices.Contains(kinds, m.Kind) {
			list = append(list, m.DataTime.Format("04:05 ")+m.Subj+" "+m.Value)
		}
	}
	return list
}

func TestAWarningLiftsItsDomain(t *testing.T) {
	d := bare(t, DefaultConfig())
	d.hearWarning(warningAt("early", "10:30", -97, 32.65), at("10:00")) // before any scan
	step := func(text string) {
		m := calm(text)
		m.Pace = 1
		d.hearScan(m, m.Time)
	}
	for _, text := range []string{"10:00", "11:00", "12:00"} {
		step(text)
	}
	d.hearWarning(warningAt("elsewhere", "12:00", -90, 32.65), at("12:05"))
	d.hearWarning(warningAt("second", "12:00", -97.2, 32.65), at("12:10"))
	cancel := warningAt("second", "12:30", -97.2, 32.65)
	cancel.Ended, cancel.Reason = at("12:30"), "the storm has weakened"
	d.hearWarning(cancel, at("12:30"))
	for _, text := range []string{"13:00", "40:00", "40:30", "41:00", "45:00", "46:00"} {
		step(text)
	}
	want := []string{
		"10:00 dfw clear", "11:00 Tornado Warning begun", "11:00 dfw convective", "12:10 Tornado Warning begun", "12:30 Tornado Warning ended",
		"40:30 Tornado Warning ended", "45:30 dfw clear",
	}
	got := slices.DeleteFunc(decided(d, event.WarningChange, event.RegimeChange), func(s string) bool { return s == "10:00 addison clear" })
	want[len(want)-1] = "46:00 dfw clear" // five minutes and the next look
	if !slices.Equal(got, want) {
		t.Errorf("decisions %v, want %v", got, want)
	}
	last := posted[event.Decision](d, "event.warning.")[1]
	if last.Inputs["id"] != "second" || last.Inputs["feed"] != "nws" || last.Domain != "dfw" || last.Inputs["expires"] == nil {
		t.Errorf("the decision's inputs are %+v", last.Inputs)
	}
}

func TestFactsOfFeeds(t *testing.T) {
	d := bare(t, DefaultConfig())
	d.noteFeed("nws", at("10:00"))
	d.noteFeed("nws", at("09:00"))
	if got := d.feedAges(at("11:30")); len(got) != 1 || got["nws"] != 90*time.Second {
		t.Errorf("ages %v, want 90 s", got)
	}
}

func TestEachRadarHasItsSky(t *testing.T) {
	d := bare(t, DefaultConfig())
	hear(d, 1, "denton 10:00")
	d.hearScan(calm("10:05"), at("10:05"))
	if got := d.state.radar("denton").Sky.Regime; got != weather.Convective {
		t.Errorf("denton: %s, want convective", got)
	}
	if got := d.state.radar("addison").Sky.Regime; got != weather.Clear {
		t.Errorf("addison: %s, want clear", got)
	}
	if seen := d.seen(d.state.domain(dfw), at("10:06")); seen.Convective != 1 || seen.OK != 2 {
		t.Errorf("seen %+v, want one of two to be convective", seen)
	}
	for _, m := range posted[event.Decision](d, "event.regime.") {
		if (m.Subj == "dfw") != (m.Domain == "dfw") {
			t.Errorf("%s of domain %q: only that of a domain names one", m.Subj, m.Domain)
		}
	}
}

// TestWarningsOutliveTheDispatcher stops a dispatcher after it has heard a warning, and has another go on.
func TestWarningsOutliveTheDispatcher(t *testing.T) {
	client := streamtest.Connect(t)
	publish(t, client, storm(2)...)
	w := warningAt("a", "10:00", -97, 32.65)
	publish(t, client, w, &event.Decision{V: event.Version, ID: "f", Kind: event.FeedHeard, Subj: "nws", Value: "heard", Time: at("20:00")})
	var f fleettest.Memory
	inForce := func(d *Dispatcher) bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		s := d.state.domain(dfw)
		return len(s.Warnings.InForce()) == 1 && len(d.state.Feeds) == 1
	}
	first, stop := run(t, DefaultConfig(), client, &f)
	await(t, "the warning is in force", func() bool { return inForce(first) })
	stop()
	second, stop := run(t, DefaultConfig(), client, &f)
	await(t, "the warning is in force after a restart", func() bool { return inForce(second) })
	cancel := *w
	cancel.Ended, cancel.Sent = at("11:00"), at("11:00")
	publish(t, client, &cancel)
	await(t, "the warning has ended", func() bool { return !inForce(second) })
	stop()
}

func TestAnotherTimeKeepsWhatFeedsSay(t *testing.T) {
	d := bare(t, DefaultConfig())
	hear(d, 0, "addison 30:00")
	d.state.Clock.Data = d.state.Clock.Data.Add(48 * time.Hour)
	d.hearWarning(warningAt("a", "10:00", -97, 32.65), at("10:00"))
	if w := d.state.domain(dfw).Warnings; len(w) != 0 {
		t.Errorf("two days later %+v is remembered", w)
	}
	later := warningAt("b", "10:00", -97, 32.65)
	later.Expires = at("10:00").Add(72 * time.Hour)
	d.hearWarning(later, at("10:00"))
	d.current = false // a restart, with a recording
	m := calm("12:00")
	d.hearScan(m, m.Time)
	if w := d.state.domain(dfw).Warnings.InForce(); len(w) != 1 || w[0].ID != "b" {
		t.Errorf("in force in the recording: %+v, want b", w)
	}
}
