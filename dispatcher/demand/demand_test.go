package demand

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var begin = time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)

func at(second float64) time.Time {
	return begin.Add(time.Duration(second * float64(time.Second)))
}

// waiting makes a load of orders that wait, made just now, beside some that run and have as much left.
func waiting(cfg Config, waiting, running int, seconds float64) Load {
	l := Load{
		Waiting: waiting, Running: running, Each: seconds, WaitingSeconds: float64(waiting) * seconds,
		RunningSeconds: float64(running) * seconds, Known: true,
	}
	for range waiting + running {
		l.due = append(l.due, Due{cfg.Finish, seconds, 1})
	}
	return l
}

func open(l Load, floor int) Load {
	l.Open, l.Floor = true, floor
	return l
}

func expecting(l Load, orders, seconds float64) Load {
	l.Expected, l.ExpectedSeconds = orders, seconds
	return l
}

func TestFromZeroAndBack(t *testing.T) {
	cfg := Config{Max: 10, TargetUse: 0.5, Finish: 20 * time.Second, Cooldown: 30 * time.Second, HoldFor: time.Minute}
	var s Scale
	for _, step := range []struct {
		second float64
		load   Load
		want   int
		reason string
	}{
		{0, Load{Known: true}, 0, "nothing to do"},
		{1, open(Load{Known: true}, 1), 1, "1 stay ready"},
		{2, open(waiting(cfg, 8, 0, 5), 1), 4, "40.0 s of work (8 of 8 waiting and 0 running) due in 20s"}, // at half use
		{3, open(expecting(waiting(cfg, 6, 2, 5), 12, 60), 1), 6, "12.0 orders of 60.0 s come in 20s"},
		{4, open(waiting(cfg, 80, 0, 5), 1), 10, "maximum of 10"},
		{5, open(Load{}, 1), 10, "hold"},
		{6, open(Load{Known: true}, 1), 10, "wait"}, // fewer would do, but not yet for long
		{20, open(waiting(cfg, 8, 0, 5), 1), 10, "wait"},
		{37, open(Load{Known: true}, 1), 4, "1 stay ready"}, // four were needed meanwhile
		{38, open(Load{Known: true}, 1), 4, "wait"},
		{67, waiting(cfg, 0, 3, 1), 3, "3 running"},
		{68, Load{Known: true}, 3, "wait"},
		{98, Load{Known: true}, 0, "nothing to do"},
		{102, waiting(cfg, 1, 0, 0), 1, "1 waiting"}, // no trigger is open, and yet there is something to do
		{103, waiting(cfg, 1, 0, 70), 1, "70.0 s"},   // one order is for one worker
		{104, open(waiting(cfg, 1, 0, 70), 3), 3, ""},
	} {
		got, reason := s.Step(cfg, step.load, at(step.second))
		if got != step.want || !strings.Contains(reason, step.reason) {
			t.Errorf("second %g: %d workers (%s), want %d (%s)", step.second, got, reason, step.want, step.reason)
		}
	}
}

func TestWhoIsAskedForNowComesLater(t *testing.T) {
	cfg := Config{Max: 50, TargetUse: 1, Finish: 30 * time.Second}
	for name, c := range map[string]struct {
		ready float64
		alive int
		want  int
	}{
		"at once":                           {0, 0, 4},  // 120 s of work in 30 s
		"in ten seconds, nobody is there":   {10, 0, 6}, // in 20 s
		"in ten seconds, three are there":   {10, 3, 5}, // 30 s are done by then, 90 s left in 20 s
		"in ten seconds, enough are there":  {10, 4, 4},
		"in ten seconds, more are there":    {10, 9, 4},
		"later than all is due, three work": {30, 3, 12}, // what the new ones cannot do in time they do as soon as they can
	} {
		l := waiting(cfg, 12, 0, 10)
		l.Ready, l.Alive = time.Duration(c.ready*float64(time.Second)), c.alive
		if got := cfg.need(l).workers; got != c.want {
			t.Errorf("%s: %d workers, want %d", name, got, c.want)
		}
	}
}

func TestWhatIsDueFirstDecides(t *testing.T) {
	cfg := Config{Max: 50, TargetUse: 1, Finish: time.Minute}
	l := Load{Known: true, Waiting: 4, due: []Due{{40 * time.Second, 10, 1}, {10 * time.Second, 10, 1}, {10 * time.Second, 10, 1}, {60 * time.Second, 10, 1}}}
	if n := cfg.need(l); n.workers != 2 || n.by != (Due{10 * time.Second, 20, 2}) {
		t.Errorf("%+v, want two workers for the two that are due in 10 s", n)
	}
}

func TestSignalLost(t *testing.T) {
	cfg := Config{Max: 10, TargetUse: 0.5, Finish: 20 * time.Second, Cooldown: 10 * time.Second, HoldFor: 30 * time.Second}
	for name, c := range map[string]struct {
		workers, floor int
		want           map[float64]int
	}{
		"from many to the floor":     {8, 2, map[float64]int{0: 8, 29: 8, 30: 8, 41: 2}},
		"from none to the floor":     {0, 2, map[float64]int{0: 0, 29: 0, 30: 2, 41: 2}},
		"to none without a trigger":  {8, 0, map[float64]int{29: 8, 41: 0}},
		"the floor is within bounds": {0, 50, map[float64]int{41: 10}},
	} {
		s := Scale{Workers: c.workers}
		for second := range 60 {
			got, reason := s.Step(cfg, Load{Floor: c.floor, Open: c.floor > 0}, at(float64(second)))
			if want, told := c.want[float64(second)]; told && got != want {
				t.Errorf("%s: second %d: %d workers (%s), want %d", name, second, got, reason, want)
			}
		}
		if got, _ := s.Step(cfg, open(waiting(cfg, 8, 0, 5), 1), at(60)); got < 4 {
			t.Errorf("%s: %d workers when the numbers are back, want 4 or more", name, got)
		}
	}
}

func TestStepsAndCooldowns(t *testing.T) {
	cfg := Config{Max: 20, TargetUse: 1, Finish: 10 * time.Second, UpCooldown: 5 * time.Second, Cooldown: 10 * time.Second, StepUp: 3, StepDown: 4}
	var s Scale
	for _, step := range []struct {
		second float64
		load   Load
		want   int
	}{
		{0, waiting(cfg, 6, 0, 10), 6}, // from none at once
		{1, waiting(cfg, 16, 0, 10), 6},
		{4, waiting(cfg, 16, 0, 10), 6},
		{5, waiting(cfg, 16, 0, 10), 9},
		{6, waiting(cfg, 8, 11, 0), 11}, // never below what is at work
		{11, waiting(cfg, 16, 0, 10), 14},
		{12, Load{Known: true}, 14},
		{22, Load{Known: true}, 10},
		{31, Load{Known: true}, 10},
		{32, Load{Known: true}, 6},
		{42, waiting(cfg, 0, 4, 1), 4},
	} {
		if got, reason := s.Step(cfg, step.load, at(step.second)); got != step.want {
			t.Errorf("second %g: %d workers (%s), want %d", step.second, got, reason, step.want)
		}
	}
}

func TestCooldownsOutlastARestart(t *testing.T) {
	cfg := Config{Max: 20, TargetUse: 1, Finish: 10 * time.Second, Cooldown: 30 * time.Second}
	var before, after Scale
	before.Step(cfg, waiting(cfg, 6, 0, 10), at(0))
	data, err := json.Marshal(before)
	if err == nil {
		err = json.Unmarshal(data, &after)
	}
	if err != nil || after.Workers != 6 || !after.Up.Equal(at(0)) {
		t.Fatalf("%s was read as %+v (%v)", data, after, err)
	}
	after.Step(cfg, Load{Known: true}, at(1))
	if got, reason := after.Step(cfg, Load{Known: true}, at(29)); got != 6 {
		t.Errorf("%d workers (%s) 29 s after there were more, want 6", got, reason)
	}
	if got, _ := after.Step(cfg, Load{Known: true}, at(31)); got != 0 {
		t.Errorf("%d workers after the cooldown, want none", got)
	}
}

// TestAlwaysWithinBounds holds what must never be, over any loads: beyond the limits, below what is at work, flapping
// faster than the cooldowns, nobody where work waits.
func TestAlwaysWithinBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := DefaultConfig()
		cfg.Max = rapid.IntRange(1, 20).Draw(t, "max")
		cfg.StepUp, cfg.StepDown = rapid.IntRange(0, 5).Draw(t, "step up"), rapid.IntRange(0, 5).Draw(t, "step down")
		cfg.UpCooldown = time.Duration(rapid.IntRange(0, 40).Draw(t, "up cooldown")) * time.Second
		cfg.Cooldown = time.Duration(rapid.IntRange(0, 90).Draw(t, "cooldown")) * time.Second
		var s Scale
		now, lastDown, lastUp := begin, time.Time{}, time.Time{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "seconds")) * time.Second)
			l := waiting(cfg, rapid.IntRange(0, 50).Draw(t, "waiting"), rapid.IntRange(0, 20).Draw(t, "running"), rapid.Float64Range(0, 60).Draw(t, "cost"))
			l.Ready, l.Alive = time.Duration(rapid.IntRange(0, 300).Draw(t, "ready"))*time.Second, s.Workers
			l = expecting(l, rapid.Float64Range(0, 100).Draw(t, "expected"), rapid.Float64Range(0, 900).Draw(t, "expected seconds"))
			l.Known = rapid.Float64Range(0, 1).Draw(t, "known") < 0.8
			if rapid.Bool().Draw(t, "open") {
				l = open(l, rapid.IntRange(0, 3).Draw(t, "floor"))
			}
			before := s.Workers
			got, reason := s.Step(cfg, l, now)
			must := max(min(l.Running, max(cfg.Max, before)), min(l.Floor, cfg.Max))
			switch {
			case got < 0 || got > cfg.Max:
				t.Fatalf("%d workers, beyond 0 to %d", got, cfg.Max)
			case l.Known && got < must:
				t.Fatalf("%d workers for %d running orders and a floor of %d", got, l.Running, l.Floor)
			case l.Known && l.Waiting > 0 && got == 0:
				t.Fatal("work waits and nobody is there")
			case got < before && (now.Sub(lastDown) < cfg.Cooldown || now.Sub(lastUp) < cfg.Cooldown):
				t.Fatalf("down from %d to %d within the cooldown", before, got)
			case got < before && cfg.StepDown > 0 && got < before-cfg.StepDown:
				t.Fatalf("down from %d to %d, by more than %d", before, got, cfg.StepDown)
			case got > before && before > 0 && got > must && (now.Sub(lastUp) < cfg.UpCooldown || cfg.StepUp > 0 && got > before+cfg.StepUp):
				t.Fatalf("up from %d to %d within %v, by steps of %d", before, got, now.Sub(lastUp), cfg.StepUp)
			case reason == "":
				t.Fatal("no reason")
			}
			if got < before {
				lastDown = now
			}
			if got > before {
				lastUp = now
			}
		}
		for range 25 {
			now = now.Add(cfg.Cooldown + time.Second)
			s.Step(cfg, Load{Known: true}, now)
		}
		if s.Workers != 0 {
			t.Fatalf("%d workers are left after 25 cooldowns with nothing to do", s.Workers)
		}
	})
}

// A smaller maximum, read while all are at work, takes nobody from his work.
func TestALoweredMaximumWaitsForThoseAtWork(t *testing.T) {
	cfg := Config{Max: 10, TargetUse: 1, Finish: 10 * time.Second}
	var s Scale
	s.Step(cfg, waiting(cfg, 9, 0, 10), at(0))
	cfg.Max = 2
	for second, running := range []int{9, 9, 7, 4, 1} {
		want := max(running, 2)
		if got, reason := s.Step(cfg, waiting(cfg, 5, running, 10), at(float64(second+1))); got != want {
			t.Errorf("%d running: %d workers (%s), want %d", running, got, reason, want)
		}
	}
}

// A load that swings within the cooldown must not swing the workers.
func TestDoesNotFlap(t *testing.T) {
	cfg := Config{Max: 10, TargetUse: 0.5, Finish: 20 * time.Second, Cooldown: 30 * time.Second}
	var s Scale
	changes := 0
	for second := range 600 {
		before := s.Workers
		s.Step(cfg, open(waiting(cfg, 8*(second/7%2), 0, 5), 1), at(float64(second)))
		if s.Workers != before {
			changes++
		}
	}
	if changes != 2 || s.Workers != 4 {
		t.Errorf("%d changes and %d workers at the end, want 2 (to one, to four) and 4", changes, s.Workers)
	}
}

func TestRhythmOfOrders(t *testing.T) {
	var r Rhythm
	expect := func(second, want float64) {
		t.Helper()
		if got := r.Expect(at(second), 20*time.Second); got < want-0.01 || got > want+0.01 {
			t.Errorf("second %g: %g orders expected in 20 s, want %g", second, got, want)
		}
	}
	expect(0, 0)
	r.Hear(at(0))
	expect(1, 0) // one order is no rhythm
	r.Hear(at(5))
	r.Hear(at(10))
	expect(10, 4)
	expect(12, 4)
	expect(30, 1) // none for twenty seconds
	r.Hear(at(10_000))
	expect(10_001, 0)
	r.Hear(at(10_010))
	expect(10_011, 2)
}

func TestConfigIsChecked(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for key, spoil := range map[string]func(*Config){
		"scaling.max":         func(c *Config) { c.Max = 0 },
		"scaling.target_use":  func(c *Config) { c.TargetUse = 1.5 },
		"scaling.finish":      func(c *Config) { c.Finish = 0 },
		"scaling.cooldown":    func(c *Config) { c.Cooldown = -1 },
		"scaling.up_cooldown": func(c *Config) { c.UpCooldown = -1 },
		"scaling.hold_for":    func(c *Config) { c.HoldFor = -1 },
		"scaling.step_up":     func(c *Config) { c.StepUp = -1 },
		"scaling.step_down":   func(c *Config) { c.StepDown = -1 },
	} {
		cfg := DefaultConfig()
		spoil(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v, want it to name the key", key, err)
		}
	}
}
