package budget

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/dispatcher/fleet"
	"bowecho/internal/event"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestPeriodsAreTheCalendars(t *testing.T) {
	for _, c := range []struct {
		period          Period
		of, from, until string
	}{
		{Hour, "2026-03-29 02:59:59", "2026-03-29 02:00:00", "2026-03-29 03:00:00"},
		{Day, "2026-03-29 02:30:00", "2026-03-29 00:00:00", "2026-03-30 00:00:00"},
		{Week, "2026-03-29 23:59:59", "2026-03-23 00:00:00", "2026-03-30 00:00:00"}, // a Sunday
		{Week, "2026-03-30 00:00:00", "2026-03-30 00:00:00", "2026-04-06 00:00:00"}, // a Monday
		{Month, "2024-02-29 12:00:00", "2024-02-01 00:00:00", "2024-03-01 00:00:00"},
		{Month, "2026-12-31 23:59:59", "2026-12-01 00:00:00", "2027-01-01 00:00:00"},
	} {
		from, until := c.period.Of(at(c.of).In(time.FixedZone("CST", -6*3600)))
		if !from.Equal(at(c.from)) || !until.Equal(at(c.until)) {
			t.Errorf("the %s of %s is %v to %v, want %s to %s", c.period, c.of, from, until, c.from, c.until)
		}
	}
}

// TestWorkedByHand is two workers at 0.60 an hour from 10:00, one of which ends at 10:30, and one at 6 from 10:40.
func TestWorkedByHand(t *testing.T) {
	l := NewLedger()
	stints := []fleet.Stint{
		{Worker: "a", Chain: "mosaic", Cloud: "east", PricePerHour: 0.6, Started: at("2026-05-04 10:00:00")},
		{Worker: "b", Chain: "mosaic", Cloud: "east", PricePerHour: 0.6, Started: at("2026-05-04 10:00:00"), Ended: at("2026-05-04 10:30:00")},
		{Worker: "b", Chain: "picture", Cloud: "west", PricePerHour: 6, Started: at("2026-05-04 10:40:00")},
	}
	l.Count(stints, true, at("2026-05-04 10:00:00"))
	l.Count(stints, true, at("2026-05-04 11:00:00"))
	cfg := Config{Limit: 10, Period: Day, WarnAt: []float64{25}, Chains: map[string]float64{"picture": 2}}
	got := l.Spending(cfg, map[string]bool{"mosaic": true, "picture": false}, at("2026-05-04 11:00:00"))
	// 90 min at 0.60 are 0.9 and 20 min at 6 are 2. An hour more costs 6.60; the mean of the one hour so far is 2.90.
	want := event.Spending{
		V: 1, Time: at("2026-05-04 11:00:00"), Period: "day", From: at("2026-05-04 00:00:00"), Until: at("2026-05-05 00:00:00"),
		Counted: at("2026-05-04 10:00:00"), Limit: 10, Seconds: 6600, Spent: 2.9, PerHour: 6.6, MeanPerHour: 2.9,
		Forecast: 2.9 + 6.6 + 12*2.9, Remaining: 7.1,
		Rows: []event.Spent{
			{Chain: "mosaic", Cloud: "east", Workers: 1, Seconds: 5400, Spent: 0.9, Forecast: 0.9 + 0.6 + 12*0.9},
			{Chain: "picture", Cloud: "west", Workers: 1, Seconds: 1200, Spent: 2, Forecast: 2 + 6 + 12*2},
		},
		Limits: []event.Limit{{Chain: "picture", Limit: 2, Spent: 2}}, Refused: []string{"picture"},
	}
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, want := told(l.Judge(cfg, got)), "25%, picture 25%, picture 100%"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

func told(news []News) string {
	var parts []string
	for _, n := range news {
		text := fmt.Sprintf("%s %g%%", n.Chain, n.Percent)
		if n.Percent == 0 {
			text = n.Chain + " lifted: " + n.Reason
		}
		parts = append(parts, strings.TrimSpace(text))
	}
	return strings.Join(parts, ", ")
}

func TestEachShareIsToldOnceAPeriodAndLimit(t *testing.T) {
	l, cfg := NewLedger(), DefaultConfig()
	noon := at("2026-05-04 12:00:00")
	stint := []fleet.Stint{{Worker: "a", Chain: "picture", Cloud: "east", PricePerHour: 1, Started: noon}}
	for _, step := range []struct {
		hours, limit float64
		want         string
	}{
		{0, 4, ""}, {1.9, 4, ""}, {2, 4, "50%"}, {2.1, 4, ""}, {4.5, 4, "80%, 100%"}, {4.6, 4, ""},
		{4.7, 8, "lifted: the limit is 8 now, and was 4, 50%"}, {4.8, 8, ""}, {9, 8, "80%, 100%"},
		{12, 8, "lifted: a new day has begun"}, {21, 8, "50%, 80%, 100%"},
		{22, 0, "lifted: there is no limit any more"}, {23, 0, ""},
	} {
		now := noon.Add(time.Duration(step.hours * float64(time.Hour)))
		l.Count(stint, true, now)
		l = restarted(l)
		cfg.Limit = step.limit
		if got := told(l.Judge(cfg, l.Spending(cfg, nil, now))); got != step.want {
			t.Errorf("after %g h at a limit of %g: told %q, want %q", step.hours, step.limit, got, step.want)
		}
	}
}

// restarted gives a ledger as the next run reads it.
func restarted(l *Ledger) *Ledger {
	data, err := json.Marshal(l)
	if err != nil {
		panic(err)
	}
	next := NewLedger()
	if err := json.Unmarshal(data, next); err != nil {
		panic(err)
	}
	return next
}

func TestALostMachineHadEndedBefore(t *testing.T) {
	l := NewLedger()
	s := fleet.Stint{Worker: "a", Chain: "mosaic", Cloud: "east", PricePerHour: 3600, Started: at("2026-05-04 09:59:50")}
	l.Count([]fleet.Stint{s}, true, at("2026-05-04 10:00:40"))
	s.Ended = at("2026-05-04 09:59:58")
	l.Count([]fleet.Stint{s}, true, at("2026-05-04 10:00:50"))
	for period, want := range map[Period]float64{Hour: 0, Day: 8} {
		if got := l.Spending(Config{Period: period}, nil, at("2026-05-04 10:00:50")); math.Abs(got.Spent-want) > 1e-9 {
			t.Errorf("in this %s %g are spent, want %g", period, got.Spent, want)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for want, spoil := range map[string]func(*Config){
		"budget.limit":        func(c *Config) { c.Limit = -1 },
		"budget.period":       func(c *Config) { c.Period = "fortnight" },
		"budget.warn_at":      func(c *Config) { c.WarnAt = []float64{80, 50} },
		"budget.chains.storm": func(c *Config) { c.Chains = map[string]float64{"storm": 0} },
	} {
		c := DefaultConfig()
		spoil(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want it to name %s", err, want)
		}
	}
}

// TestEverySecondIsCountedOnce lets workers come, go and get lost over days, while the ledger looks now and then, does
// not hear of all, and is stored and read again.
func TestEverySecondIsCountedOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, now := NewLedger(), at("2026-01-31 20:00:00")
		var all []fleet.Stint
		for range rapid.IntRange(1, 60).Draw(t, "looks") {
			now = now.Add(time.Duration(rapid.IntRange(1, 4*3600).Draw(t, "seconds")) * time.Second)
			for i, s := range all {
				if s.Ended.IsZero() && rapid.IntRange(0, 3).Draw(t, "ends") == 0 {
					all[i].Ended = s.Started.Add(time.Duration(rapid.Float64Range(0, 1).Draw(t, "share") * float64(now.Sub(s.Started))))
				}
			}
			for range rapid.IntRange(0, 2).Draw(t, "new") {
				ago := time.Duration(rapid.IntRange(0, 3600).Draw(t, "ago")) * time.Second
				n := len(all)
				all = append(all, fleet.Stint{
					Worker: fmt.Sprint(n), Chain: fmt.Sprint("c", n%3), Cloud: fmt.Sprint("k", n%2), PricePerHour: float64(n % 5), Started: now.Add(-ago),
				})
			}
			heard := slices.Clone(all)
			if len(heard) > 0 && rapid.IntRange(0, 4).Draw(t, "deaf") == 0 {
				heard = heard[:rapid.IntRange(0, len(heard)-1).Draw(t, "of")]
			}
			l.Count(heard, len(heard) == len(all), now)
			if rapid.Bool().Draw(t, "restart") {
				l = restarted(l)
			}
		}
		l.Count(all, true, now)
		l.Count(all, true, now)
		for _, period := range periods {
			from, _ := period.Of(now)
			var seconds, spent float64
			for _, s := range all {
				until := s.Ended
				if until.IsZero() {
					until = now
				}
				d := max(until.Sub(latest(s.Started, from)).Seconds(), 0)
				seconds += d
				spent += d * s.PricePerHour / 3600
			}
			got := l.Spending(Config{Period: period}, nil, now)
			if math.Abs(got.Seconds-seconds) > 1e-3 || math.Abs(got.Spent-spent) > 1e-6 {
				t.Fatalf("in this %s %.3f s and %.6f are counted, want %.3f and %.6f", period, got.Seconds, got.Spent, seconds, spent)
			}
		}
	})
}

// TestWhatIsRefused holds that what is essential never is, that all else is once a limit is spent, and that each share
// is told once a period.
func TestWhatIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, now := NewLedger(), at("2026-05-04 00:00:00")
		cfg := Config{Limit: rapid.Float64Range(0.1, 40).Draw(t, "limit"), Period: Day, WarnAt: []float64{50, 80}, Chains: map[string]float64{"b": rapid.Float64Range(0.1, 20).Draw(t, "of b")}}
		essential := map[string]bool{"a": true, "b": false, "c": false}
		var stints []fleet.Stint
		for _, chain := range []string{"a", "b", "c"} {
			stints = append(stints, fleet.Stint{Worker: chain, Chain: chain, PricePerHour: rapid.Float64Range(0, 2).Draw(t, "price"), Started: now})
		}
		seen := map[string]bool{}
		for range rapid.IntRange(1, 80).Draw(t, "looks") {
			now = now.Add(time.Duration(rapid.IntRange(1, 3*3600).Draw(t, "seconds")) * time.Second)
			l.Count(stints, true, now)
			s := l.Spending(cfg, essential, now)
			if s.Seconds < 0 || s.Spent < 0 || s.Forecast < s.Spent-1e-9 {
				t.Fatalf("%+v: less than nothing, or a forecast below what is spent", s)
			}
			over, overB := s.Spent >= cfg.Limit, spentBy(s, "b") >= cfg.Chains["b"]
			want := []string{}
			if over || overB {
				want = append(want, "b")
			}
			if over {
				want = append(want, "c")
			}
			if !slices.Equal(s.Refused, want) {
				t.Fatalf("refused %v, want %v of %+v", s.Refused, want, s)
			}
			for _, n := range l.Judge(cfg, s) {
				key := fmt.Sprint(s.From, n.Chain, n.Percent)
				if seen[key] {
					t.Fatalf("told twice: %s", key)
				}
				seen[key] = true
			}
			if over && !seen[fmt.Sprint(s.From, "", 100.0)] {
				t.Fatal("the limit is spent and nobody was told")
			}
		}
	})
}
