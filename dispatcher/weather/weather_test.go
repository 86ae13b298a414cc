package weather

import (
	"testing"
	"time"

	"bowecho/internal/event"

	"pgregory.net/rapid"
)

var begin = time.Date(2017, 3, 29, 7, 10, 0, 0, time.UTC)

func at(minutes float64) time.Time {
	return begin.Add(time.Duration(minutes * float64(time.Minute)))
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
		{1, Seen{Fresh: 1, KM220: 3}, Clear},
		{2, Seen{Fresh: 1, KM220: 60, KM240: 6}, Clear}, // not yet for a minute
		{3, Seen{Fresh: 1, KM220: 60, KM240: 6}, Convective},
		{4, Seen{Fresh: 1, KM220: 60, KM240: 3}, Convective}, // between leaving and entering
		{5, Seen{Fresh: 1, KM220: 60, KM240: 1}, Convective}, // below, but not yet for five minutes
		{8, Seen{Fresh: 1, KM220: 60, KM240: 4}, Convective}, // back: the wait begins anew
		{9, Seen{Fresh: 1, KM220: 60, KM240: 0}, Convective},
		{14, Seen{Fresh: 1, KM220: 60, KM240: 0}, Stratiform},
		{15, Seen{Fresh: 0, KM220: 60}, Unknown},
		{16, Seen{Fresh: 1, KM220: 0}, Clear},
	} {
		sky.Look(cfg, step.seen, at(step.minute))
		if sky.Regime != step.want {
			t.Errorf("minute %g: %s, want %s", step.minute, sky.Regime, step.want)
		}
	}
}

func TestNoDataIsNeverClear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sky Sky
		for minute := range rapid.IntRange(1, 40).Draw(t, "minutes") {
			seen := Seen{
				Fresh: rapid.IntRange(0, 3).Draw(t, "fresh"),
				KM220: rapid.Float64Range(0, 100).Draw(t, "km2 of 20"), KM240: rapid.Float64Range(0, 20).Draw(t, "km2 of 40"),
			}
			sky.Look(DefaultConfig(), seen, at(float64(minute)))
			if seen.Fresh == 0 && sky.Regime != Unknown {
				t.Fatalf("no radar, and the regime is %s", sky.Regime)
			}
			if seen.Fresh > 0 && sky.Regime == Unknown {
				t.Fatal("a radar is heard, and the regime is unknown")
			}
		}
	})
}

func TestFreshnessAgainstItsOwnPace(t *testing.T) {
	var r Radar
	for _, minute := range []float64{0, 1, 2, 3.1, 4} {
		r.Hear(at(minute), event.Summary{})
	}
	r.Hear(at(2), event.Summary{MaxDBZ: 70}) // late news
	if got := r.Cadence(); got != time.Minute || r.Summary.MaxDBZ == 70 {
		t.Errorf("cadence %v, want 1m; summary %+v", got, r.Summary)
	}
	for minute, want := range map[float64]Freshness{5.5: OK, 6.1: Late, 8.9: Late, 9.1: Silent} {
		if got, _ := r.Judge(DefaultConfig(), at(minute)); got != want {
			t.Errorf("minute %g: %s, want %s", minute, got, want)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Config){
		"leaves above": func(c *Config) { c.Stratiform.LeaveKM2 = 30 },
		"negative":     func(c *Config) { c.KeepFor = -1 },
		"silent first": func(c *Config) { c.SilentAfter = 1 },
	} {
		cfg := DefaultConfig()
		spoil(&cfg)
		if cfg.Validate() == nil {
			t.Errorf("%s: taken as valid", name)
		}
	}
}
