package demand

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var begin = time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)

func at(second float64) time.Time {
	return begin.Add(time.Duration(second * float64(time.Second)))
}

func TestFromZeroAndBack(t *testing.T) {
	cfg := Config{Max: 10, TargetUse: 0.5, Finish: 20 * time.Second, Cooldown: 30 * time.Second}
	var s Scale
	for _, step := range []struct {
		second float64
		load   Load
		want   int
		reason string
	}{
		{0, Load{Known: true}, 0, "nothing to do"},
		{1, Load{Known: true, Open: true, Floor: 1}, 1, "1 stay ready"},
		{2, Load{Known: true, Open: true, Floor: 1, Waiting: 8, Seconds: 5}, 4, "40.0 s of work (8 waiting"}, // in 20 s at half use
		{3, Load{Known: true, Open: true, Floor: 1, Waiting: 6, Running: 2, Expected: 3.5, Seconds: 5}, 6, "3.5 expected"},
		{4, Load{Known: true, Open: true, Floor: 1, Waiting: 80, Seconds: 5}, 10, "maximum of 10"},
		{5, Load{Known: false}, 10, "hold"},
		{6, Load{Known: true, Open: true, Floor: 1}, 10, "wait"}, // fewer would do, but not yet for long
		{20, Load{Known: true, Open: true, Floor: 1, Waiting: 8, Seconds: 5}, 10, "wait"},
		{37, Load{Known: true, Open: true, Floor: 1}, 4, "1 stay ready"}, // four were needed meanwhile
		{38, Load{Known: true, Open: true, Floor: 1}, 4, "wait"},
		{67, Load{Known: true, Running: 3}, 3, "3 running"},
		{68, Load{Known: true}, 3, "wait"},
		{98, Load{Known: true}, 0, "nothing to do"},
		{102, Load{Known: true, Waiting: 1}, 1, "1 waiting"}, // no trigger is open, and yet there is something to do
	} {
		got, reason := s.Step(cfg, step.load, at(step.second))
		if got != step.want || !strings.Contains(reason, step.reason) {
			t.Errorf("second %g: %d workers (%s), want %d (%s)", step.second, got, reason, step.want, step.reason)
		}
	}
}

func TestAlwaysWithinBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := DefaultConfig()
		cfg.Max = rapid.IntRange(1, 20).Draw(t, "max")
		var s Scale
		now, lastDown, lastUp := begin, time.Time{}, time.Time{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "seconds")) * time.Second)
			l := Load{
				Waiting: rapid.IntRange(0, 50).Draw(t, "waiting"), Running: rapid.IntRange(0, 20).Draw(t, "running"),
				Expected: rapid.Float64Range(0, 100).Draw(t, "expected"), Seconds: rapid.Float64Range(0, 60).Draw(t, "cost"),
				Open: rapid.Bool().Draw(t, "open"), Floor: 1, Known: rapid.Bool().Draw(t, "known"),
			}
			before := s.Workers
			got, reason := s.Step(cfg, l, now)
			switch {
			case got < 0 || got > cfg.Max:
				t.Fatalf("%d workers, beyond 0 to %d", got, cfg.Max)
			case l.Known && got < min(l.Running, cfg.Max):
				t.Fatalf("%d workers for %d running orders", got, l.Running)
			case l.Known && (l.Waiting > 0 || l.Open) && got == 0:
				t.Fatal("work waits, or may come at any time, and nobody is there")
			case !l.Known && got != before:
				t.Fatalf("without numbers from %d to %d", before, got)
			case got < before && (now.Sub(lastDown) < cfg.Cooldown || now.Sub(lastUp) < cfg.Cooldown):
				t.Fatalf("down from %d to %d within the cooldown", before, got)
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
		for range 3 {
			now = now.Add(cfg.Cooldown)
			s.Step(cfg, Load{Known: true}, now)
		}
		if s.Workers != 0 {
			t.Fatalf("%d workers are left after three cooldowns with nothing to do", s.Workers)
		}
	})
}

// A load that swings within the cooldown must not swing the workers.
func TestDoesNotFlap(t *testing.T) {
	cfg := Config{Max: 10, TargetUse: 0.5, Finish: 20 * time.Second, Cooldown: 30 * time.Second}
	var s Scale
	changes := 0
	for second := range 600 {
		before := s.Workers
		s.Step(cfg, Load{Known: true, Open: true, Floor: 1, Waiting: 8 * (second / 7 % 2), Seconds: 5}, at(float64(second)))
		if s.Workers != before {
			changes++
		}
	}
	if changes != 2 || s.Workers != 4 {
		t.Errorf("%d changes and %d workers at the end, want 2 (to one, to four) and 4", changes, s.Workers)
	}
}

func TestCostIsLearnt(t *testing.T) {
	var c Cost
	if c.Predict() != usualSeconds {
		t.Errorf("before anything: %g", c.Predict())
	}
	c.Learn(4)
	c.Learn(9)
	if got := c.Predict(); got != 5 {
		t.Errorf("after 4 s and 9 s: %g, want 4 + 0.2 × 5", got)
	}
	c.Learn(-1)
	if got := c.Predict(); got != 5 || c.Orders != 2 {
		t.Errorf("after a time below zero: %g s of %d orders, want it ignored", got, c.Orders)
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
		"scaling.max":        func(c *Config) { c.Max = 0 },
		"scaling.target_use": func(c *Config) { c.TargetUse = 1.5 },
		"scaling.finish":     func(c *Config) { c.Finish = 0 },
		"scaling.cooldown":   func(c *Config) { c.Cooldown = -1 },
	} {
		cfg := DefaultConfig()
		spoil(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v, want it to name the key", key, err)
		}
	}
}
