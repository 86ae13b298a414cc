package demand

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var begin = time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)

func TestFromZeroAndBack(t *testing.T) {
	cfg := Config{Max: 10, TargetUse: 0.5, Finish: 20 * time.Second, Cooldown: 30 * time.Second}
	var s Scale
	for _, step := range []struct {
		second int
		load   Load
		want   int
	}{
		{0, Load{Known: true}, 0},
		{1, Load{Known: true, Open: true}, 1},
		{2, Load{Known: true, Open: true, Waiting: 8, Seconds: 5}, 4}, // 40 s of work in 20 s at half use
		{3, Load{Known: true, Open: true, Waiting: 80, Seconds: 5}, 10},
		{4, Load{Known: false}, 10},
		{5, Load{Known: true, Open: true}, 10}, // fewer would do, but not yet for long
		{34, Load{Known: true, Open: true}, 10},
		{36, Load{Known: true, Open: true}, 1},
		{40, Load{Known: true}, 1},
		{71, Load{Known: true}, 0},
	} {
		if got, reason := s.Step(cfg, step.load, begin.Add(time.Duration(step.second)*time.Second)); got != step.want || reason == "" {
			t.Errorf("second %d: %d workers (%s), want %d", step.second, got, reason, step.want)
		}
	}
}

func TestAlwaysWithinBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := DefaultConfig()
		cfg.Max = rapid.IntRange(1, 20).Draw(t, "max")
		var s Scale
		now, lastDown := begin, time.Time{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "seconds")) * time.Second)
			l := Load{
				Waiting: rapid.IntRange(0, 50).Draw(t, "waiting"), Running: rapid.IntRange(0, 20).Draw(t, "running"),
				Seconds: rapid.Float64Range(0, 60).Draw(t, "cost"), Open: rapid.Bool().Draw(t, "open"), Known: rapid.Bool().Draw(t, "known"),
			}
			before := s.Workers
			got, _ := s.Step(cfg, l, now)
			switch {
			case got < 0 || got > cfg.Max:
				t.Fatalf("%d workers, beyond 0 to %d", got, cfg.Max)
			case l.Known && got < min(l.Running, cfg.Max):
				t.Fatalf("%d workers for %d running orders", got, l.Running)
			case l.Known && l.Waiting > 0 && got == 0:
				t.Fatal("work waits and nobody comes")
			case !l.Known && got != before:
				t.Fatalf("without numbers from %d to %d", before, got)
			case got < before && !lastDown.IsZero() && now.Sub(lastDown) < cfg.Cooldown:
				t.Fatalf("down twice within %v", now.Sub(lastDown))
			}
			if got < before {
				lastDown = now
			}
		}
	})
}

func TestCostIsLearnt(t *testing.T) {
	var c Cost
	if c.Predict() != usualSeconds {
		t.Errorf("before anything: %g", c.Predict())
	}
	for range 40 {
		c.Learn(8)
	}
	c.Learn(-1)
	if got := c.Predict(); got < 7.9 || got > 8.1 || c.Orders != 40 {
		t.Errorf("after 40 orders of 8 s: %g s of %d", got, c.Orders)
	}
}
