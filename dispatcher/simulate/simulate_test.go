package simulate

import (
	"strings"
	"testing"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/internal/racing"

	"github.com/google/go-cmp/cmp"
)

func usual() demand.Config {
	cfg := demand.DefaultConfig()
	cfg.Max = 2000
	return cfg
}

func watch(t *testing.T, name string, seed uint64) *Script {
	t.Helper()
	w, err := New(name, usual(), seed)
	if err != nil {
		t.Fatal(err)
	}
	return Watch(w)
}

// TestTheDefaultPolicyIsGood holds it to few misses, at little more than whoever knows everything before needs, and to a
// small part of what is needed for the peak.
func TestTheDefaultPolicyIsGood(t *testing.T) {
	racing.Skip(t, "one goroutine calculates")
	for _, c := range []struct {
		name  string
		seeds int
	}{{"swings", 2}, {"squall", 2}, {"slow", 2}} {
		for seed := uint64(1); seed <= uint64(c.seeds); seed++ {
			s := watch(t, c.name, seed)
			r := s.Run(Ours("ahead", true))
			if r.MissedPercent >= 0.5 || r.TimesBound() >= 1.3 || r.Orders < 1000 {
				t.Errorf("%s, seed %d: %.3f %% of %d orders missed at %.3f times the bound; want below 0.5 and 1.3", c.name, seed, r.MissedPercent, r.Orders, r.TimesBound())
			}
			static := s.Run(Static(s))
			if static.MissedPercent > 0.5 {
				t.Errorf("%s, seed %d: the static peak missed %.3f %%: it is too small to compare with", c.name, seed, static.MissedPercent)
			}
			if share := r.WorkerSeconds / static.WorkerSeconds; share >= 0.15 {
				t.Errorf("%s, seed %d: %.1f %% of the static peak's worker-seconds, want below 15", c.name, seed, 100*share)
			}
		}
	}
}

// TestToLookAheadPays where workers take longer to be ready than a line of storms takes to grow.
func TestToLookAheadPays(t *testing.T) {
	racing.Skip(t, "one goroutine calculates")
	var ahead, not int
	for seed := uint64(1); seed <= 2; seed++ {
		s := watch(t, "slow", seed)
		ahead += s.Run(Ours("ahead", true)).Missed
		not += s.Run(Ours("not", false)).Missed
	}
	if 2*ahead > not {
		t.Errorf("%d orders missed looking ahead, and %d not; want half at most", ahead, not)
	}
}

// TestAWeekCostsASmallPartOfThePeak is of a network as CASA's, with storms for 5 % of the time.
func TestAWeekCostsASmallPartOfThePeak(t *testing.T) {
	racing.Skip(t, "one goroutine calculates")
	s := watch(t, "week", 1)
	ours, static := s.Run(Ours("ours", true)), s.Run(Static(s))
	if share := ours.WorkerSeconds / static.WorkerSeconds; share >= 0.15 || ours.MissedPercent >= 0.5 || ours.TimesBound() >= 1.3 {
		t.Errorf("%.1f %% of the static peak's worker-seconds, %.3f %% missed, %.3f times the bound", 100*share, ours.MissedPercent, ours.TimesBound())
	}
	if static.MissedPercent > 0.5 {
		t.Errorf("the static peak missed %.3f %%: it is too small to compare with", static.MissedPercent)
	}
}

func TestTheSameSeedGivesTheSame(t *testing.T) {
	racing.Skip(t, "one goroutine calculates")
	first := Compare(watch(t, "squall", 5))
	if diff := cmp.Diff(first, Compare(watch(t, "squall", 5))); diff != "" {
		t.Errorf("the same seed gave something else:\n%s", diff)
	}
	if other := Compare(watch(t, "squall", 6)); cmp.Equal(first[0].WorkerSeconds, other[0].WorkerSeconds) {
		t.Error("another seed gave the same")
	}
}

func TestUnknownWeatherIsNamed(t *testing.T) {
	if _, err := New("snow", usual(), 1); err == nil || !strings.Contains(err.Error(), "week") {
		t.Errorf("%v, want it to name the weathers", err)
	}
}

func second(s float64) time.Time { return epoch.Add(seconds(s)) }

func arrives(from, until, takes float64) arrival {
	return arrival{second(from), second(until), seconds(takes)}
}

func TestWhatKeptWorkersCannotDo(t *testing.T) {
	for name, c := range map[string]struct {
		list []arrival
		kept []keeping
		want float64
	}{
		"all is done":                     {[]arrival{arrives(0, 60, 20), arrives(0, 60, 40)}, []keeping{{second(0), second(60), 1}}, 0},
		"a part is late":                  {[]arrival{arrives(0, 60, 50), arrives(0, 60, 40)}, []keeping{{second(0), second(60), 1}}, 30},
		"two do it":                       {[]arrival{arrives(0, 60, 50), arrives(0, 60, 40)}, []keeping{{second(0), second(60), 2}}, 0},
		"nobody is there":                 {[]arrival{arrives(0, 60, 50)}, nil, 50},
		"it comes when they are gone":     {[]arrival{arrives(70, 90, 5)}, []keeping{{second(0), second(60), 1}}, 5},
		"what is due first goes first":    {[]arrival{arrives(0, 90, 60), arrives(10, 20, 10)}, []keeping{{second(0), second(90), 1}}, 0},
		"between two openings none works": {[]arrival{arrives(0, 100, 30)}, []keeping{{second(0), second(10), 1}, {second(90), second(95), 1}}, 15},
	} {
		if got := leftOver(c.list, c.kept).Seconds(); got < c.want-1e-6 || got > c.want+1e-6 {
			t.Errorf("%s: %.3f s are left over, want %g", name, got, c.want)
		}
	}
}

func TestMissedByAFixedNumber(t *testing.T) {
	list := []arrival{arrives(0, 0, 40), arrives(0, 0, 40), arrives(0, 0, 40), arrives(0, 0, 40)}
	for workers, want := range map[int]float64{1: 0.75, 2: 0.5, 4: 0} {
		if got := missed(list, workers, time.Minute); got != want {
			t.Errorf("%d workers miss %g of four orders of 40 s that are due in a minute, want %g", workers, got, want)
		}
	}
}

// TestNoOrderIsLost holds that each order has one end, whatever the policy, and that no worker is paid twice.
func TestNoOrderIsLost(t *testing.T) {
	s := watch(t, "slow", 3)
	for _, p := range []Policy{Ours("ours", true), Static(s), Threshold(), Original()} {
		c := &counting{Policy: p}
		r := s.Run(c)
		if c.made != r.Orders || c.ended > c.made || c.made-c.ended > r.Missed {
			t.Errorf("%s: %d orders made, %d ended, %d told, %d missed", p.Name(), c.made, c.ended, r.Orders, r.Missed)
		}
		if c.twice > 0 {
			t.Errorf("%s: %d orders ended twice", p.Name(), c.twice)
		}
		if r.WorkerSeconds < r.WorkSeconds {
			t.Errorf("%s: %.0f s of work by %.0f s of workers", p.Name(), r.WorkSeconds, r.WorkerSeconds)
		}
	}
}

// counting hears of all orders.
type counting struct {
	Policy
	made, ended, twice int
	over               map[string]bool
}

func (c *counting) ordered(r *run, p pending) {
	c.made++
	c.Policy.ordered(r, p)
}

func (c *counting) done(r *run, p pending, took time.Duration, first, dropped bool) {
	if c.over == nil {
		c.over = map[string]bool{}
	}
	if c.over[p.id] {
		c.twice++
	}
	c.over[p.id] = true
	c.ended++
	c.Policy.done(r, p, took, first, dropped)
}

func BenchmarkWeek(b *testing.B) {
	w, err := New("week", usual(), 1)
	if err != nil {
		b.Fatal(err)
	}
	s, events := Watch(w), 0
	for b.Loop() {
		events += s.Run(Ours("ours", true)).Events
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}
