package weather

import (
	"testing"
	"time"

	"bowecho/internal/event"

	"pgregory.net/rapid"
)

// anyConfig draws thresholds and waits.
func anyConfig(t *rapid.T) Config {
	band := func(name string) Band {
		leave := rapid.Float64Range(1, 50).Draw(t, name+" leave")
		return Band{EnterKM2: leave + rapid.Float64Range(0.5, 50).Draw(t, name+" enter"), LeaveKM2: leave}
	}
	c := DefaultConfig()
	c.Stratiform, c.Convective = band("stratiform"), StormBand{Band: band("convective")}
	c.Convective.LeaveCells = rapid.IntRange(0, 3).Draw(t, "leave cells")
	if c.Convective.LeaveCells > 0 {
		c.Convective.EnterCells = c.Convective.LeaveCells + rapid.IntRange(0, 3).Draw(t, "enter cells")
	}
	c.For = time.Duration(rapid.IntRange(0, 180).Draw(t, "for")) * time.Second
	c.KeepFor = time.Duration(rapid.IntRange(0, 600).Draw(t, "keep_for")) * time.Second
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

func anySeen(t *rapid.T) Seen {
	s := seen(rapid.SampledFrom([]int{0, 1, 1, 1, 1, 1}).Draw(t, "radars"), rapid.Float64Range(0, 120).Draw(t, "km2 of 20"), rapid.Float64Range(0, 60).Draw(t, "km2 of 40"))
	s.Summary.Cells = rapid.IntRange(0, 6).Draw(t, "cells")
	if rapid.IntRange(0, 9).Draw(t, "warned") == 0 {
		s.Warnings = []event.Warning{*tornado("a", nil)}
	}
	return s
}

// TestNoFasterThanConfigured holds that a regime changes to more only when more was seen at each look for as long as `for`
// says, and to less likewise for `keep_for`; and that it is unknown exactly while no radar is heard.
func TestNoFasterThanConfigured(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := anyConfig(t)
		var sky Sky
		now, since := begin, map[bool]time.Time{} // since when more (true), or less, was shown than held, without a break
		for range rapid.IntRange(1, 80).Draw(t, "looks") {
			now = now.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "seconds")) * time.Second)
			s, held := anySeen(t), sky.Regime
			if held == "" {
				held = Unknown
			}
			shows, _ := cfg.shows(held, s)
			for more, differs := range map[bool]bool{true: rank[shows] > rank[held], false: rank[shows] < rank[held]} {
				if !differs {
					delete(since, more)
				} else if since[more].IsZero() {
					since[more] = now
				}
			}
			changed, reason := sky.Look(cfg, s, now)
			switch {
			case !s.Known() != (sky.Regime == Unknown):
				t.Fatalf("%s, and radars are heard: %v", sky.Regime, s.Known())
			case changed != (sky.Regime != held) || reason == "":
				t.Fatalf("from %s to %s: changed %v, %q", held, sky.Regime, changed, reason)
			case !changed || held == Unknown || sky.Regime == Unknown:
			case rank[sky.Regime] > rank[held] && now.Sub(since[true]) < cfg.For:
				t.Fatalf("%s after %v of more, want %v", sky.Regime, now.Sub(since[true]), cfg.For)
			case rank[sky.Regime] < rank[held] && now.Sub(since[false]) < cfg.KeepFor:
				t.Fatalf("%s after %v of less, want %v", sky.Regime, now.Sub(since[false]), cfg.KeepFor)
			}
			if changed {
				clear(since)
			}
		}
	})
}

// TestBetweenTheThresholdsNothingChanges holds hysteresis: what lies between leaving and entering leaves each regime as it is.
func TestBetweenTheThresholdsNothingChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := anyConfig(t)
		cfg.For, cfg.KeepFor = 0, 0
		between := func(b Band, name string) float64 {
			return b.LeaveKM2 + rapid.Float64Range(0, 0.999).Draw(t, name)*(b.EnterKM2-b.LeaveKM2)
		}
		for _, held := range []Regime{Clear, Stratiform, Convective} {
			sky := Sky{Regime: held}
			for minute := range 10 {
				s := seen(1, between(cfg.Stratiform, "rain"), 0)
				if held == Convective {
					s.Summary = area(0, between(cfg.Convective.Band, "cores"))
				}
				if changed, reason := sky.Look(cfg, s, at(float64(minute))); changed {
					t.Fatalf("from %s to %s between the thresholds: %s", held, sky.Regime, reason)
				}
			}
		}
	})
}

func TestCellsMakeAStorm(t *testing.T) {
	cfg := DefaultConfig()
	var sky Sky
	for i, c := range []struct {
		cells int
		cores float64
		want  Regime
	}{{1, 4, Clear}, {2, 4.9, Convective}, {1, 0, Convective}} {
		s := seen(1, 0, c.cores)
		s.Summary.Cells = c.cells
		if sky.Look(cfg, s, at(float64(10*i))); sky.Regime != c.want {
			t.Errorf("%d cells, %g km²: %s, want %s", c.cells, c.cores, sky.Regime, c.want)
		}
	}
	sky.Look(cfg, seen(1, 0, 0), at(30))
	if sky.Look(cfg, seen(1, 0, 0), at(35)); sky.Regime != Clear {
		t.Errorf("without a cell: %s", sky.Regime)
	}
	cfg.Convective.EnterCells, cfg.Convective.LeaveCells = 0, 0
	s := seen(1, 0, 1)
	s.Summary.Cells = 9
	if sky.Look(cfg, s, at(36)); sky.Regime != Clear {
		t.Errorf("nine cells that are not to count: %s", sky.Regime)
	}
}

// TestWhatTwoSeeCountsOnce lays radars side by side, one over the other, and half over each other.
func TestWhatTwoSeeCountsOnce(t *testing.T) {
	radarAt := func(lonDeg, km2 float64, cells int) *Radar {
		r := &Radar{Freshness: OK}
		s := area(km2, km2)
		s.Cells = cells
		r.Hear(&event.Scan{Time: begin, LatitudeDeg: 0, LongitudeDeg: lonDeg, RangeM: 100_000, Summary: s})
		return r
	}
	for name, c := range map[string]struct {
		radars    []*Radar
		low, high float64
		cells     int
	}{
		"apart":            {[]*Radar{radarAt(0, 100, 2), radarAt(5, 100, 3)}, 200, 200, 5},
		"in one place":     {[]*Radar{radarAt(0, 100, 2), radarAt(0, 80, 2)}, 100, 100, 2}, // the larger is there in any case
		"three in one":     {[]*Radar{radarAt(0, 90, 3), radarAt(0, 90, 3), radarAt(0, 90, 3)}, 89.9, 90.1, 3},
		"half each other":  {[]*Radar{radarAt(0, 100, 4), radarAt(0.9, 100, 4)}, 155, 170, 6},
		"over 180°":        {[]*Radar{radarAt(179.999, 100, 1), radarAt(-179.999, 100, 1)}, 99.9, 101, 1},
		"one sees nothing": {[]*Radar{radarAt(0, 100, 2), radarAt(0, 0, 0)}, 100, 100, 2},
	} {
		got := Together(c.radars).Summary
		if km2 := got.KM2Above(40); km2 < c.low || km2 > c.high || got.Cells != c.cells {
			t.Errorf("%s: %.1f km² and %d cells, want %g to %g and %d", name, km2, got.Cells, c.low, c.high, c.cells)
		}
	}
}
