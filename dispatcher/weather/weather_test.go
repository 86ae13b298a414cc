package weather

import (
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var begin = time.Date(2017, 3, 29, 7, 10, 0, 0, time.UTC)

func at(minutes float64) time.Time {
	return begin.Add(time.Duration(minutes * float64(time.Minute)))
}

// area makes a summary of rain and of its cores.
func area(km220, km240 float64) event.Summary {
	return event.Summary{Gates: 1000, Above: []event.Above{{DBZ: 20, KM2: km220}, {DBZ: 40, KM2: km240}}}
}

func seen(radars int, km220, km240 float64) Seen {
	return Seen{OK: radars, Summary: area(km220, km240)}
}

func TestRegimeOverAStorm(t *testing.T) {
	cfg := DefaultConfig()
	cfg.For = time.Minute
	var sky Sky
	for _, step := range []struct {
		minute float64
		seen   Seen
		want   Regime
	}{
		{0, Seen{}, Unknown},
		{1, seen(1, 3, 0), Clear},
		{2, seen(1, 60, 6), Clear}, // not yet for a minute
		{3, seen(1, 60, 6), Convective},
		{4, seen(1, 60, 3), Convective}, // between leaving and entering
		{5, seen(1, 60, 1), Convective}, // below, but not yet for five minutes
		{8, seen(1, 60, 4), Convective}, // back: the wait begins anew
		{9, seen(1, 60, 0), Convective},
		{11, seen(1, 0, 0), Convective}, // less again, and less than convective all the same
		{14, seen(1, 60, 0), Stratiform},
		{15, seen(0, 60, 0), Unknown},
		{16, seen(1, 0, 0), Clear},
	} {
		sky.Look(cfg, step.seen, at(step.minute))
		if sky.Regime != step.want {
			t.Errorf("minute %g: %s, want %s", step.minute, sky.Regime, step.want)
		}
	}
}

// The summaries are those of the first scans of 2017-03-29, a squall line that comes in from the west.
func TestFirstScanOfARealStormIsEnough(t *testing.T) {
	for name, c := range map[string]struct {
		first event.Summary
		want  Regime
	}{
		"addison 07:10:08, 1.2 % of gates above 20 dBZ": {area(60.4, 6.06), Convective},
		"cleburne 07:10:02, rain that stays below 40":   {area(213.2, 0), Stratiform},
		"denton 07:36:27": {area(365.7, 26.2), Convective},
		"speckle: 300 gates 1° wide, 31 m long, 10 km": {area(1.6, 0.3), Clear},
		"nothing": {event.Summary{Gates: 691200}, Clear},
	} {
		var sky Sky
		sky.Look(DefaultConfig(), Seen{OK: 1, Summary: c.first}, begin)
		if sky.Regime != c.want {
			t.Errorf("%s: %s, want %s", name, sky.Regime, c.want)
		}
	}
}

func TestNoDataIsNeverClear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sky Sky
		for minute := range rapid.IntRange(1, 40).Draw(t, "minutes") {
			fresh := rapid.IntRange(0, 3).Draw(t, "fresh")
			s := seen(fresh, rapid.Float64Range(0, 100).Draw(t, "km2 of 20"), rapid.Float64Range(0, 20).Draw(t, "km2 of 40"))
			sky.Look(DefaultConfig(), s, at(float64(minute)))
			if (fresh == 0) != (sky.Regime == Unknown) {
				t.Fatalf("%d radars are heard, and the regime is %s", fresh, sky.Regime)
			}
		}
	})
}

// TestTheLowestLookTells plays a volume that comes sweep by sweep: neither the high ones, which see less, nor the Doppler
// half of the split cut change what is known of the weather, until the radar looks low again.
func TestTheLowestLookTells(t *testing.T) {
	var r Radar
	hear := func(minute, elevation, rangeM, dbz float64) {
		r.Hear(&event.Scan{Time: at(minute), Elevations: []float64{elevation}, RangeM: rangeM, Summary: event.Summary{MaxDBZ: dbz}})
	}
	for _, c := range []struct{ minute, elevation, rangeM, dbz, want float64 }{
		{0, 0.48, 460e3, 55, 55}, {0.4, 0.48, 300e3, 52, 55}, {0.8, 0.88, 460e3, 50, 55}, {4, 19.5, 80e3, 10, 55},
		{4.5, 0.52, 460e3, 57, 57}, {4.9, 0.52, 300e3, 40, 57}, {10, 19.5, 80e3, 12, 57}, {30, 1.3, 300e3, 20, 20},
	} {
		hear(c.minute, c.elevation, c.rangeM, c.dbz)
		if r.Summary.MaxDBZ != c.want || !r.Last.Equal(at(c.minute)) {
			t.Errorf("minute %g: %g dBZ, heard %v; want %g", c.minute, r.Summary.MaxDBZ, r.Last, c.want)
		}
	}
}

func TestFreshnessAgainstItsOwnCadence(t *testing.T) {
	var r Radar
	if _, known := r.Next(); known {
		t.Error("the next scan of a radar that was never heard is known")
	}
	for _, minute := range []float64{0, 1, 2, 3.1, 4} {
		r.Hear(&event.Scan{Time: at(minute)})
	}
	r.Hear(&event.Scan{Time: at(2), Summary: event.Summary{MaxDBZ: 70}}) // late news
	if next, known := r.Next(); !known || !next.Equal(at(5)) || r.Summary.MaxDBZ == 70 {
		t.Errorf("next %v (%v), summary %+v; want minute 5, and nothing of the late scan", next, known, r.Summary)
	}
	for _, c := range []struct {
		minute  float64
		want    Freshness
		changed bool
	}{{5.5, OK, true}, {6.0, OK, false}, {6.1, Late, true}, {8.9, Late, false}, {9.1, Silent, true}} {
		if got, changed := r.Judge(DefaultConfig(), at(c.minute)); got != c.want || changed != c.changed {
			t.Errorf("minute %g: %s, changed %v; want %s, %v", c.minute, got, changed, c.want, c.changed)
		}
	}
}

func TestTogether(t *testing.T) {
	scan := func(gates int, echo, dBZ, km2 float64) event.Summary {
		return event.Summary{Gates: gates, EchoFraction: echo, MaxDBZ: dBZ, Above: []event.Above{{DBZ: 20, Gates: 10, KM2: km2}}}
	}
	a := &Radar{Freshness: OK, Summary: scan(100, 0.5, 41, 30)}
	b := &Radar{Freshness: Late, Summary: scan(300, 0.1, 52, 12)}
	c := &Radar{Freshness: Silent, Summary: scan(100, 1, 70, 5000)}
	got := Together([]*Radar{a, b, c})
	want := Seen{OK: 1, Late: 1, Silent: 1, Summary: event.Summary{
		Gates: 400, EchoFraction: 0.2, MaxDBZ: 52, Above: []event.Above{{DBZ: 20, Gates: 20, KM2: 42}},
	}}
	if diff := cmp.Diff(want, got); diff != "" || a.Summary.Above[0].KM2 != 30 {
		t.Errorf("together, -want +got:\n%s; the first radar's own: %+v", diff, a.Summary)
	}
	if all := Together([]*Radar{c}); all.Known() || all.Summary.KM2Above(20) != 0 {
		t.Errorf("silent radars alone give %+v", all)
	}
}

func TestConfigIsChecked(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct {
		spoil func(*Config)
		want  string
	}{
		"leaves above": {func(c *Config) { c.Stratiform.LeaveKM2 = 30 }, "weather.stratiform"},
		"never leaves": {func(c *Config) { c.Convective.LeaveKM2 = 0 }, "weather.convective"},
		"negative":     {func(c *Config) { c.KeepFor = -1 }, "weather.keep_for"},
		"silent first": {func(c *Config) { c.SilentAfter = 1 }, "weather.silent_after"},
	} {
		cfg := DefaultConfig()
		c.spoil(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want it to name %s", name, err, c.want)
		}
	}
}
