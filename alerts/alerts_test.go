package alerts

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// TestAStormPasses has everything at work: areas in, a webhook out.
func TestAStormPasses(t *testing.T) {
	client, ops := streamtest.Connect(t), newHook(t)
	cfg := DefaultConfig()
	cfg.Places = []event.Place{home}
	cfg.Channels = []ChannelConfig{{Name: "ops", Kind: "webhook", URL: ops.URL}}
	run(t, cfg, client)
	// Within 5 km is east of -97.0536: the front is there after 15 minutes, at Home after 20, and the rear within 5 km until minute 30.
	for n := range 34 {
		publish(t, client, storm(n))
	}
	waitFor(t, "the end", func() bool {
		got := ops.received()
		return len(got) > 0 && got[len(got)-1].State == event.End
	})
	got := ops.received()
	var told []string
	for _, n := range got {
		told = append(told, fmt.Sprintf("%s %s %g min %.1f km %s: %s", n.IssueTime.Format("15:04"), n.State, n.LeadMinutes, n.DistanceKM, n.Bearing, n.Text))
	}
	want := []string{
		"07:10 start 15 min 4.7 km W: 45 dBZ, 5 km W, reaching Home in 15 min",
		"07:25 update 0 min 4.7 km W: 45 dBZ, 5 km W of Home now",
		"07:28 update 0 min 1.9 km W: 45 dBZ, 2 km W of Home now",
		"07:30 update 0 min 0.0 km : 45 dBZ over Home now",
		"07:38 update 0 min 2.8 km E: 45 dBZ, 3 km E of Home now",
		"07:42 end 0 min 4.7 km E: 45 dBZ near Home has ended",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
	checkStart(t, got[0])
	if n := len(everything(t, client, stream.Events, "event.notice.Home")); n != len(want) {
		t.Errorf("%d notices on the live feed, want %d", n, len(want))
	}
	if n := len(decided(t, client)); n != len(want) {
		t.Errorf("%d changes on record, want %d", n, len(want))
	}
	waitFor(t, "clear", func() bool { return shown(t, client, "Home").State == event.PlaceClear })
}

func checkStart(t *testing.T, n event.Notice) {
	t.Helper()
	eta := minute(15)
	if n.Reason != "comes within 5 km" || n.Place != "Home" || n.Product != "reflectivity" || n.Level != 45 || n.Units != "dBZ" || n.Channel != "ops" ||
		!n.ETATime.Equal(eta) || !n.ValidTime.Equal(eta) || !slices.Equal(n.Areas, []string{"dfw/0/15"}) || !slices.Equal(n.Radars, []string{"addison.tx"}) {
		t.Errorf("the start is %+v", n)
	}
	if since := n.Trail.Notice.Sub(n.Trail.File); since < 2*time.Second || since > time.Minute {
		t.Errorf("from file to notice %v, want somewhat more than 2 s", since)
	}
}

// TestDoneAgain redoes every announcement with the memory from before it, as after a crash between telling and
// remembering, and then once more with the memory from after.
func TestDoneAgain(t *testing.T) {
	client := streamtest.Connect(t)
	s := newService(t, client, home)
	for n := range 34 {
		before := s.memory
		hear(t, s, storm(n))
		s.memory = before
		hear(t, s, storm(n))
		hear(t, s, storm(n))
	}
	if s.stale != 34 {
		t.Errorf("%d announcements were known, want 34", s.stale)
	}
	states := []string{}
	ids := map[string]bool{}
	for _, n := range waiting(t, client) {
		states = append(states, n.State)
		ids[n.ID] = true
	}
	if want := []string{"start", "update", "update", "update", "update", "end"}; !slices.Equal(states, want) || len(ids) != len(want) {
		t.Errorf("%v under %d ids, want %v, each under its own", states, len(ids), want)
	}
}

func TestRestartContinues(t *testing.T) {
	client, ops := streamtest.Connect(t), newHook(t)
	cfg := DefaultConfig()
	cfg.Places = []event.Place{home}
	cfg.Channels = []ChannelConfig{{Name: "ops", Kind: "webhook", URL: ops.URL}}
	stop := run(t, cfg, client)
	publish(t, client, storm(0))
	waitFor(t, "the start", func() bool { return len(ops.received()) == 1 })
	stop()
	for n := 1; n <= 16; n++ {
		publish(t, client, storm(n))
	}
	run(t, cfg, client)
	waitFor(t, "the arrival", func() bool { return len(ops.received()) == 2 })
	got := ops.received()
	if got[1].State != event.Update || got[1].Episode != got[0].Episode {
		t.Errorf("after the restart %s of %s, want an update of %s", got[1].State, got[1].Episode, got[0].Episode)
	}
}

func TestNoDataIsSaid(t *testing.T) {
	client := streamtest.Connect(t)
	s := newService(t, client, home)
	want := func(when, state, text string) {
		t.Helper()
		if got := shown(t, client, "Home"); got.State != state || !strings.Contains(got.Text, text) {
			t.Errorf("%s: %s %q, want %s %q", when, got.State, got.Text, state, text)
		}
	}
	pass := func(d time.Duration) {
		s.wall = func() time.Time { return time.Now().Add(d) }
		if err := s.tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want("at first", event.PlaceUnknown, "no data yet")
	hear(t, s, clear(0))
	want("seen", event.PlaceClear, "no 45 dBZ within 5 km")
	hear(t, s, blind(3))
	want("not seen", event.PlaceUnknown, "no radar sees it")
	hear(t, s, storm(4))
	want("a storm comes", event.PlaceAhead, "45 dBZ, 5 km W, reaching Home in 11 min")
	if got := shown(t, client, "Home"); !got.ETATime.Equal(minute(15)) || !got.Time.Equal(minute(4)) {
		t.Errorf("arrival %v at %v, want %v at %v", got.ETATime, got.Time, minute(15), minute(4))
	}
	hear(t, s, storm(16))
	want("it is here", event.PlaceNow, "of Home now")
	pass(9 * time.Minute)
	want("nine minutes later", event.PlaceNow, "of Home now")
	pass(11 * time.Minute)
	want("eleven minutes later", event.PlaceUnknown, "no data since 07:26Z")
	pass(12 * time.Minute)
	changes := decided(t, client)
	// The gap between the 4th and the 16th minute was too long, too, and was noticed with the areas after it.
	var got []string
	for _, d := range changes {
		got = append(got, fmt.Sprintf("%s %s %v", d.DataTime.Format("15:04"), d.Value, d.Inputs["reason"]))
	}
	if want := []string{"07:14 start comes within 5 km", "07:24 end data lost", "07:26 start is within 5 km", "07:36 end data lost"}; !slices.Equal(got, want) {
		t.Errorf("changes %q, want %q", got, want)
	}
}

// TestWindNobodyMakes keeps a place from being called clear when nothing is known of one of its hazards.
func TestWindNobodyMakes(t *testing.T) {
	client := streamtest.Connect(t)
	p := home
	p.Hazards = append(slices.Clone(p.Hazards), event.Hazard{Product: "wind", AtLeast: 45, Units: "mph"})
	s := newService(t, client, p)
	hear(t, s, clear(0))
	if got := shown(t, client, "Home"); got.State != event.PlaceUnknown || got.Text != "no 45 dBZ within 5 km; wind 45 mph: no data yet" {
		t.Errorf("%s %q", got.State, got.Text)
	}
	hear(t, s, storm(16))
	if got := shown(t, client, "Home"); got.State != event.PlaceNow {
		t.Errorf("%s %q, want now", got.State, got.Text)
	}
}

func TestPlacesOverHTTP(t *testing.T) {
	client := streamtest.Connect(t)
	bucket, err := client.KeyValue(t.Context(), event.PlacesBucket)
	if err != nil {
		t.Fatal(err)
	}
	put := func(p event.Place) {
		data, err := json.Marshal(p)
		if err == nil {
			_, err = bucket.Put(t.Context(), event.PlaceKey(p.Name), data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	cfg := DefaultConfig()
	before, other, wrong := home, home, home
	before.Name, other.Name, wrong.Name = "Before", "Other", "Wrong"
	wrong.Hazards = []event.Hazard{{Product: "wind", AtLeast: 20, Units: "furlongs"}}
	cfg.Places = []event.Place{home}
	elsewhere := home
	elsewhere.At = [2]float64{10, 50}
	put(before)
	put(elsewhere) // the config's holds
	run(t, cfg, client)
	waitFor(t, "the places from before", func() bool { return shown(t, client, "Before").State == event.PlaceUnknown })
	put(wrong)
	put(other)
	waitFor(t, "a new place", func() bool { return shown(t, client, "Other").State == event.PlaceUnknown })
	publish(t, client, storm(0))
	waitFor(t, "three starts", func() bool { return len(decided(t, client)) == 3 })
	if err := bucket.Delete(t.Context(), event.PlaceKey("Other")); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the end of one", func() bool { return len(decided(t, client)) == 4 })
	last := decided(t, client)[3]
	if last.Subj != "Other" || last.Value != event.End || last.Inputs["reason"] != "expired" {
		t.Errorf("%s: %s, %v; want Other: end, expired", last.Subj, last.Value, last.Inputs["reason"])
	}
	waitFor(t, "its state to go", func() bool { return shown(t, client, "Other").State == "" })
	if got := shown(t, client, "Wrong").State; got != "" {
		t.Errorf("a place with unknown units is %s, want it not watched", got)
	}
}

func TestLateAreasAreIgnored(t *testing.T) {
	client := streamtest.Connect(t)
	s := newService(t, client, home)
	hear(t, s, clear(5))
	hear(t, s, storm(4))
	other := storm(4)
	other.Domain = "other" // has a clock of its own
	if n := len(decided(t, client)); n != 0 || s.stale != 1 {
		t.Errorf("%d changes, %d late; want 0 and 1", n, s.stale)
	}
	hear(t, s, other)
	if n := len(decided(t, client)); n != 1 || s.stale != 1 {
		t.Errorf("%d changes, %d late; want 1 and 1", n, s.stale)
	}
}

func TestAreasFromTheStore(t *testing.T) {
	client := streamtest.Connect(t)
	s := newService(t, client, home)
	m := storm(0)
	key, err := client.Put(t.Context(), m.Collection)
	if err != nil {
		t.Fatal(err)
	}
	m.Key, m.Collection = key, nil
	hear(t, s, m)
	if n := len(decided(t, client)); n != 1 {
		t.Errorf("%d changes, want a start", n)
	}
	m.ID, m.Key, m.IssueTime = "gone", strings.Repeat("0", 64), minute(1)
	if err := s.areas(t.Context(), message(t, m)); !stream.IsPermanent(err) {
		t.Errorf("areas that are gone: %v, want a permanent error", err)
	}
	m.Key, m.Collection = "", json.RawMessage(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":null}]}`)
	if err := s.areas(t.Context(), message(t, m)); !stream.IsPermanent(err) || !strings.Contains(err.Error(), "feature 0") {
		t.Errorf("areas that are none: %v, want a permanent error that names the feature", err)
	}
}

// TestManyOpenEpisodes is more than one entry of a bucket holds.
func TestManyOpenEpisodes(t *testing.T) {
	client := streamtest.Connect(t)
	s := newService(t, client, home)
	hear(t, s, storm(0))
	m := s.memory.clone()
	open := m.followed[subject{"Home", home.Hazards[0]}]
	for i := range 3000 {
		open.Place.Name = fmt.Sprint("Home ", i)
		m.followed[subject{open.Place.Name, open.Hazard}] = open
	}
	if err := s.store(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, err := s.remember(t.Context())
	if err != nil || len(got.followed) != 3001 || !got.newest().Equal(minute(0)) {
		t.Fatalf("%d open, newest %v, %v; want 3001, %v", len(got.followed), got.newest(), err, minute(0))
	}
	if one := got.followed[subject{"Home 7", open.Hazard}].Track.Open; one == nil || one.ID != open.Track.Open.ID || one.Told != open.Track.Open.Told {
		t.Errorf("remembered %+v, want %+v", one, open.Track.Open)
	}
}

func TestChannelsThatAreNoMore(t *testing.T) {
	client := streamtest.Connect(t)
	s := newService(t, client, home)
	hear(t, s, storm(0)) // waits for live, which nobody serves
	publish(t, client, &event.Notice{V: event.Version, ID: "x", Episode: "e", State: event.Start, Place: "Home", Channel: "pager"})
	run(t, s.cfg, client)
	waitFor(t, "the notice to be set aside", func() bool { return len(everything(t, client, stream.DeadBox, "")) == 1 })
	d, err := event.Decode[event.Dead](everything(t, client, stream.DeadBox, "")[0].Data)
	if err != nil || d.Name != "notice.pager" || !strings.Contains(d.Reason, "alerts.channels") {
		t.Errorf("set aside: %+v, %v", d, err)
	}
	waitFor(t, "the feed", func() bool { return len(everything(t, client, stream.Events, "event.notice.Home")) == 1 })
}

func TestChannelsOfAPlace(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Channels = []ChannelConfig{{Name: "ops", Kind: "webhook", URL: "http://a"}, {Name: "school", Kind: "webhook", URL: "http://b"}}
	for name, c := range map[string]struct{ asked, want []string }{
		"all":     {nil, []string{"ops", "school", "live"}},
		"one":     {[]string{"school"}, []string{"school", "live"}},
		"by name": {[]string{"live"}, []string{"live"}},
	} {
		if got := cfg.of(event.Place{Channels: c.asked}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestValidate(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"":                           func(*Config) {},
		"more than that":             func(c *Config) { c.DataLostAfter = c.KeepFor },
		"distance_change_km NaN":     func(c *Config) { c.DistanceChangeKM = math.NaN() },
		"eta_change is -5m":          func(c *Config) { c.ETAChange = -5 * time.Minute },
		`"Home" is there twice`:      func(c *Config) { c.Places = append(c.Places, home) },
		"want [longitude, latitude]": func(c *Config) { c.Places[0].At[1] = 97 },
		`units "dbz", want "dBZ"`: func(c *Config) {
			c.Places[0].Hazards = []event.Hazard{{Product: "reflectivity", AtLeast: 45, Units: "dbz"}}
		},
		`no channel "ops"`: func(c *Config) { c.Places[0].Channels = []string{"ops"} },
		`name "a b"`:       func(c *Config) { c.Channels = []ChannelConfig{{Name: "a b", Kind: "stream"}} },
		`"a" is there twice`: func(c *Config) {
			c.Channels = []ChannelConfig{{Name: "a", Kind: "stream"}, {Name: "a", Kind: "stream"}}
		},
		"2 of kind stream": func(c *Config) {
			c.Channels = []ChannelConfig{{Name: "a", Kind: "stream"}, {Name: "b", Kind: "stream"}}
		},
		`kind "mail", want webhook`: func(c *Config) { c.Channels = []ChannelConfig{{Name: "a", Kind: "mail"}} },
		`url "ops.org", want http`:  func(c *Config) { c.Channels = []ChannelConfig{{Name: "a", Kind: "webhook", URL: "ops.org"}} },
		`url "http://x", want none`: func(c *Config) { c.Channels = []ChannelConfig{{Name: "a", Kind: "stream", URL: "http://x"}} },
		`"live" is there twice`:     func(c *Config) { c.Channels = []ChannelConfig{{Name: "live", Kind: "webhook", URL: "http://x"}} },
	} {
		cfg := DefaultConfig()
		cfg.Places = []event.Place{home}
		change(&cfg)
		switch err := cfg.Validate(); {
		case want == "" && err != nil:
			t.Errorf("the default: %v", err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("got %v, want it to hold %q", err, want)
		}
	}
}
