package dispatcher

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/dispatcher/fleet/fleettest"
	"bowecho/dispatcher/turn"
	"bowecho/internal/event"
	"bowecho/internal/grid"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var (
	dfw   = grid.Centred("dfw", 32.6487, -96.9942, 1121, 1121, 250)
	seven = time.Date(2017, 3, 29, 7, 0, 0, 0, time.UTC)
)

// rain is what Addison saw of the squall line of 2017-03-29 at 07:30:40.
var rain = event.Summary{Gates: 691200, EchoFraction: 0.073, MaxDBZ: 49, Above: []event.Above{
	{DBZ: 20, Gates: 43542, KM2: 634}, {DBZ: 35, Gates: 17416, KM2: 277}, {DBZ: 40, Gates: 4833, KM2: 76}, {DBZ: 45, Gates: 788, KM2: 12}, {DBZ: 55},
}}

// scanAt makes a scan of a radar in the middle of the domain, as fast as it goes.
func scanAt(radar string, at time.Time) *event.Scan {
	id := event.ID("scan", radar, at.String())
	return &event.Scan{
		V: event.Version, ID: id, Radar: radar, Time: at, End: at, LatitudeDeg: 32.9, LongitudeDeg: -97, RangeM: 60_000,
		Elevations: []float64{2}, Key: id, Summary: rain, Trail: event.Trail{File: at.Add(time.Second), Scan: at.Add(2 * time.Second)},
	}
}

// TestASplitCutIsOneLook holds that of a split cut both halves are inputs, and of two volumes only the newer.
func TestASplitCutIsOneLook(t *testing.T) {
	s := newState().domain(dfw)
	for _, c := range []struct {
		after   time.Duration
		rangeKM float64
	}{{0, 460}, {20 * time.Second, 300}, {2 * time.Minute, 460}, {140 * time.Second, 300}} {
		m := scanAt("KFWS", seven.Add(c.after))
		m.RangeM = c.rangeKM * 1000
		s.keepScan(m, time.Hour)
	}
	var got []time.Duration
	for _, h := range s.inputs(Chain{Every: 5 * time.Minute, Window: time.Hour}, seven) {
		got = append(got, h.Time.Sub(seven))
	}
	if want := []time.Duration{2 * time.Minute, 140 * time.Second}; !slices.Equal(got, want) {
		t.Errorf("scans of %v, want %v", got, want)
	}
}

// bare gives a dispatcher that decides and publishes nothing.
func bare(t interface {
	Helper()
	Fatal(...any)
}, cfg Config) *Dispatcher {
	t.Helper()
	d, err := New(cfg, []grid.Domain{dfw}, nil, &fleettest.Memory{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// unbounded is the default config with any number of orders in hand.
func unbounded() Config {
	cfg := DefaultConfig()
	for name, chain := range cfg.Chains {
		chain.Concurrency = turn.Limit{}
		cfg.Chains[name] = chain
	}
	return cfg
}

// posted takes the messages of one type out of the outbox.
func posted[T any](d *Dispatcher, subject string) (list []T) {
	for _, l := range d.state.Outbox {
		if !strings.HasPrefix(l.Subject, subject) {
			continue
		}
		var m T
		if err := json.Unmarshal(l.Body, &m); err != nil {
			panic(err)
		}
		list = append(list, m)
	}
	return list
}

// told gives each order, without what it names of earlier scans, as "07:12 addison 07:12:05, cleburne 07:12:02".
func told(orders []event.Order) (list []string) {
	for _, o := range orders {
		var inputs []string
		for _, in := range o.Inputs {
			if in.Kind == event.ScanInput {
				inputs = append(inputs, in.Radar+" "+in.Time.Format("04:05"))
			}
		}
		slices.Sort(inputs)
		list = append(list, o.ValidTime.Truncate(time.Minute).Format("04")+": "+strings.Join(inputs, ", "))
	}
	return list
}

// at reads "12:05" as minutes and seconds after seven o'clock.
func at(text string) time.Time {
	var minute, second int
	if _, err := fmt.Sscanf(text, "%d:%d", &minute, &second); err != nil {
		panic(err)
	}
	return seven.Add(time.Duration(minute)*time.Minute + time.Duration(second)*time.Second)
}

// wallAt gives when the wall's clock shows a time of data that began at seven, by both, and passes at a pace.
func wallAt(data time.Time, pace float64) time.Time {
	if pace == 0 {
		return seven
	}
	return seven.Add(time.Duration(float64(data.Sub(seven)) / pace))
}

// hear lets the dispatcher hear scans like "addison 12:05", at the pace of the data or as fast as it goes.
func hear(d *Dispatcher, pace float64, scans ...string) {
	for _, s := range scans {
		radar, when, _ := strings.Cut(s, " ")
		m := scanAt(radar, at(when))
		m.Pace = pace
		d.hearScan(m, wallAt(m.Time, pace))
	}
}

func TestOneOrderASlot(t *testing.T) {
	for name, c := range map[string]struct{ scans, want []string }{
		"a radar alone is never waited for": {
			[]string{"addison 10:08", "addison 11:07", "addison 12:05"},
			[]string{"10: addison 10:08", "11: addison 11:07", "12: addison 12:05"},
		},
		"one that is due is waited for": {
			[]string{"cleburne 10:02", "addison 10:05", "cleburne 11:02", "addison 11:05", "cleburne 12:02", "addison 12:05"},
			// The cadence is not known before the second scan: addison's of 10:05 counts for the next slot.
			[]string{"10: cleburne 10:02", "11: addison 10:05, cleburne 11:02", "12: addison 12:05, cleburne 12:02"},
		},
		"who is due in the next slot is not": {
			[]string{"addison 10:01", "cleburne 10:57", "addison 11:01", "cleburne 11:57", "addison 12:01", "cleburne 13:57", "addison 14:01"},
			[]string{"10: addison 10:01", "11: addison 11:01, cleburne 10:57", "12: addison 12:01, cleburne 11:57", "13: addison 12:01, cleburne 13:57", "14: addison 14:01, cleburne 13:57"},
		},
		"who does not come is waited for no longer than patience": {
			[]string{"cleburne 10:02", "addison 10:05", "cleburne 11:02", "addison 11:05", "cleburne 12:02", "denton 12:08", "addison 12:20", "cleburne 13:02"},
			[]string{"10: cleburne 10:02", "11: addison 10:05, cleburne 11:02", "12: addison 11:05, cleburne 12:02, denton 12:08", "13: addison 12:20, cleburne 13:02, denton 12:08"},
		},
		"the next slot ends a wait": {
			[]string{"cleburne 10:55", "addison 10:58", "cleburne 11:55", "addison 11:58", "cleburne 12:55", "denton 13:00", "addison 13:01"},
			[]string{"10: cleburne 10:55", "11: addison 10:58, cleburne 11:55", "12: addison 11:58, cleburne 12:55", "13: addison 13:01, cleburne 12:55, denton 13:00"},
		},
		"every second minute": {
			[]string{"cleburne 10:02", "cleburne 12:03", "cleburne 14:02"},
			[]string{"10: cleburne 10:02", "12: cleburne 12:03", "14: cleburne 14:02"},
		},
		"what is older than the window is not used": {
			[]string{"addison 10:02", "cleburne 14:59", "cleburne 15:30", "cleburne 16:01"},
			[]string{"10: addison 10:02", "14: addison 10:02, cleburne 14:59", "15: addison 10:02, cleburne 15:30", "16: cleburne 16:01"},
		},
		"late, for a slot that had none, and for one that had": {
			[]string{"addison 10:02", "addison 12:02", "cleburne 11:30", "cleburne 10:40", "addison 13:02"},
			[]string{"10: addison 10:02", "12: addison 12:02", "11: addison 10:02, cleburne 11:30", "13: addison 13:02, cleburne 11:30"},
		},
		"the same again": {
			[]string{"addison 10:02", "addison 10:02", "addison 11:02", "addison 10:02", "addison 11:02"},
			[]string{"10: addison 10:02", "11: addison 11:02"},
		},
	} {
		d := bare(t, DefaultConfig())
		hear(d, 0, c.scans...)
		orders := posted[event.Order](d, "work.")
		if diff := cmp.Diff(c.want, told(orders)); diff != "" {
			t.Errorf("%s, -want +got:\n%s", name, diff)
		}
		for _, o := range orders {
			newest := slices.MaxFunc(o.Inputs, func(a, b event.Input) int { return a.Time.Compare(b.Time) })
			if err := o.Validate(); err != nil || !o.ValidTime.Equal(newest.Time) || !o.Trail.File.Equal(newest.Time.Add(time.Second)) || !o.Deadline.IsZero() {
				t.Errorf("%s: order %+v: %v; want the time and trail of its newest scan and no deadline", name, o, err)
			}
		}
	}
}

func TestEachElevationIsUsed(t *testing.T) {
	d := bare(t, DefaultConfig())
	for i, elevation := range []float64{2.02, 4.46, 1.98, 4.46, 2} {
		m := scanAt("cleburne", at("10:02").Add(time.Duration(i)*20*time.Second))
		m.Elevations = []float64{elevation}
		d.hearScan(m, m.Time)
	}
	want := []string{"10: cleburne 10:02", "11: cleburne 10:42, cleburne 11:02"}
	got := told(posted[event.Order](d, "work."))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPatienceByTheClock(t *testing.T) {
	d := bare(t, DefaultConfig())
	hear(d, 10, "cleburne 10:02", "addison 10:05", "cleburne 11:02", "addison 11:05", "cleburne 12:02")
	wall := wallAt(at("12:02"), 10)
	if n := len(posted[event.Order](d, "work.")); n != 2 || !d.Waiting() {
		t.Fatalf("%d orders, waiting %v; want 2 and the third held back", n, d.Waiting())
	}
	d.timePasses(time.Time{}, wall.Add(400*time.Millisecond)) // four seconds of data
	if !d.Waiting() {
		t.Error("patience ended after 4 of 5 seconds")
	}
	d.timePasses(time.Time{}, wall.Add(600*time.Millisecond))
	orders := posted[event.Order](d, "work.")
	if len(orders) != 3 || told(orders)[2] != "12: addison 11:05, cleburne 12:02" {
		t.Errorf("orders %v, want the third without addison's newest", told(orders))
	}
	if left := orders[2].Deadline.Sub(orders[2].Ordered); left != shortestDeadline {
		t.Errorf("at ten times the pace the deadline is %v away, want %v", left, shortestDeadline)
	}
}

// TestAMissingRadarIsTold holds that an order is made without a radar that has fallen silent, on time, and says so.
func TestAMissingRadarIsTold(t *testing.T) {
	d := bare(t, DefaultConfig())
	hear(d, 10, "cleburne 10:02", "addison 10:05", "addison 11:05", "addison 12:05", "addison 13:05", "addison 14:05", "addison 15:05", "addison 16:05")
	d.timePasses(time.Time{}, wallAt(at("16:11"), 10))
	orders := posted[event.Order](d, "work.")
	last := orders[len(orders)-1]
	if len(orders) != 7 || !slices.Equal(last.Missing, []string{"cleburne"}) || !strings.Contains(last.Reason, "none of cleburne") || orders[4].Missing != nil {
		t.Errorf("%d orders, the last misses %v: %s; want 7, and only the last of them to miss cleburne", len(orders), last.Missing, last.Reason)
	}
}

// TestEarlierScansAreNamed holds that an order names of each radar one scan of three to six minutes before its newest, and
// of the same elevation.
func TestEarlierScansAreNamed(t *testing.T) {
	s := newState().domain(dfw)
	for _, c := range []struct {
		radar     string
		minute    int
		elevation float64
	}{
		{"often", 2, 2}, {"often", 3, 2}, {"often", 4, 2}, {"often", 5, 2}, {"often", 6, 2}, {"often", 7, 2}, {"often", 8, 2},
		{"seldom", 1, 2}, {"seldom", 6, 2}, {"steep", 5, 2}, {"steep", 8, 9}, {"once", 8, 2},
	} {
		m := scanAt(c.radar, seven.Add(time.Duration(c.minute)*time.Minute))
		m.Elevations = []float64{c.elevation}
		s.keepScan(m, time.Hour)
	}
	cfg := Chain{On: event.ScanNews, Every: time.Minute, Window: 5 * time.Minute, History: 6 * time.Minute}
	var got []string
	for _, in := range s.earlier(cfg, s.inputs(cfg, seven.Add(8*time.Minute))) {
		got = append(got, fmt.Sprintf("%s %s %s", in.Kind, in.Radar, in.Time.Format("04")))
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"earlier scan often 05", "earlier scan seldom 01"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheEndOfTheSourceEndsAWait(t *testing.T) {
	d := bare(t, DefaultConfig())
	hear(d, 0, "cleburne 10:02", "addison 10:05", "cleburne 11:02", "addison 11:05", "cleburne 12:02")
	before := len(d.state.Outbox)
	d.timePasses(time.Time{}, time.Now().Add(time.Hour))
	if len(d.state.Outbox) != before {
		t.Error("as fast as it goes, wall time ended a wait")
	}
	d.state.Ended = at("12:03")
	d.timePasses(at("12:00"), time.Now())
	if !d.Waiting() {
		t.Error("the end of another source ended a wait")
	}
	d.timePasses(at("12:03"), time.Now())
	orders := told(posted[event.Order](d, "work."))
	if len(orders) != 3 || orders[2] != "12: addison 11:05, cleburne 12:02" {
		t.Errorf("orders %v, want a third of what is there", orders)
	}
}

// The radars' cadences and phases are those of 2017-03-29.
func TestEveryMinuteOfTheRealStorm(t *testing.T) {
	d := bare(t, unbounded())
	var scans []*event.Scan
	for n := range 41 {
		scans = append(scans, scanAt("addison", at("10:08").Add(time.Duration(n)*58700*time.Millisecond)))
	}
	for n := range 20 {
		scans = append(scans, scanAt("cleburne", at("10:02").Add(time.Duration(n)*2*time.Minute)))
	}
	for _, s := range []string{"36:27", "38:01", "38:27", "39:27"} {
		scans = append(scans, scanAt("denton", at(s)))
	}
	slices.SortFunc(scans, func(a, b *event.Scan) int { return a.Time.Compare(b.Time) })
	for _, m := range scans {
		d.hearScan(m, m.Time)
	}
	orders := posted[event.Order](d, "work.mosaic.dfw")
	for n, o := range orders {
		if want := at("10:00").Add(time.Duration(n) * time.Minute); !o.ValidTime.Truncate(time.Minute).Equal(want) {
			t.Fatalf("order %d is of %v, want the minute of %v", n, o.ValidTime, want)
		}
	}
	decisions := posted[event.Decision](d, "event.regime.dfw")
	if len(orders) != 40 || len(decisions) != 1 || decisions[0].Value != "convective" || decisions[0].Was != "unknown" {
		t.Errorf("%d mosaics, regimes %+v; want one each minute from 07:10 to 07:49, and convective from the first", len(orders), decisions)
	}
}

func TestEverySlotWithAScanOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := bare(t, unbounded())
		var scans []*event.Scan
		for _, radar := range []string{"addison", "cleburne", "denton"} {
			cadence := rapid.IntRange(20, 150).Draw(t, "cadence")
			when := at("10:00").Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "phase")) * time.Second)
			for range rapid.IntRange(1, 25).Draw(t, "scans") {
				when = when.Add(time.Duration(cadence+rapid.IntRange(-9, 9).Draw(t, "jitter")) * time.Second)
				scans = append(scans, scanAt(radar, when))
			}
		}
		slices.SortStableFunc(scans, func(a, b *event.Scan) int { return a.Time.Compare(b.Time) })
		var want, got []string
		for _, m := range scans {
			d.hearScan(m, m.Time)
			if rapid.IntRange(0, 9).Draw(t, "redelivered") == 0 {
				d.hearScan(m, m.Time)
			}
			want = append(want, m.Time.Format("15:04"))
		}
		d.orderHeld(time.Time{}, true)
		for _, o := range posted[event.Order](d, "work.") {
			got = append(got, o.ValidTime.Format("15:04"))
		}
		if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
			t.Fatalf("slots with a scan and slots ordered, -want +got:\n%s", diff)
		}
	})
}
