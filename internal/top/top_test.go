package top

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/portal/board"
)

var noon = time.Date(2017, 3, 29, 12, 0, 0, 0, time.UTC)

// storm is a state with something of everything.
func storm() board.State {
	return board.State{
		Clock:   board.Clock{DataTime: noon, WallTime: noon.Add(5 * time.Hour), Pace: 6},
		Domains: []board.Domain{{Name: "dfw"}, {Name: "tulsa"}},
		Regimes: []board.Regime{{Domain: "dfw", Value: "convective", Since: noon, Reason: "12 km² at or above 40 dBZ"}},
		Triggers: []board.Trigger{
			{Name: "hail", Domain: "dfw", Value: "closed", Reason: "false", Since: noon}, {Name: "storm", Domain: "tulsa", Open: true, Value: "open", Reason: `regime == "convective"`, Since: noon},
		},
		Radars: []board.Radar{
			{Name: "addison.tx", Freshness: "ok", LastScan: noon, CadenceS: 60}, {Name: "cleburne.tx", Freshness: "late", LastScan: noon.Add(-4 * time.Minute), CadenceS: 60}, {Name: "new.tx"},
		},
		Lines:  []board.Line{{Source: "live", Value: event.Down, Reason: "connection refused", Since: noon}},
		Dead:   board.Dead{Count: 3},
		Chains: []board.Chain{{Name: "mosaic", Dropped: 2, Now: board.Load{Workers: 1, Target: 3, Waiting: 14, Running: 1}}},
		Spending: &event.Spending{
			Period: "day", Until: noon.Add(12 * time.Hour), Limit: 10, Seconds: 36000, Spent: 8.5, PerHour: 0.6, Forecast: 12.25, Remaining: 1.5,
			Rows:    []event.Spent{{Chain: "mosaic", Cloud: "east", Workers: 1, Spent: 8, Forecast: 11}, {Chain: "mosaic", Cloud: "west", Spent: 0.5, Forecast: 0.5}},
			Refused: []string{"picture"},
		},
		Decisions: []*event.Decision{{ID: "0123456789abcdef", Kind: "scale", Subj: "mosaic", Value: "3", Was: "1", Reason: strings.Repeat("long ", 60), Time: noon}},
	}
}

func TestEverythingIsShown(t *testing.T) {
	text := strings.Join(Screen{Width: 140}.Draw(storm(), noon.Add(5*time.Hour+10*time.Second)), "\n")
	for _, want := range []string{
		"2017-03-29 12:01:00Z in the data, 6 times as fast", "17:00:10Z", "source live: its server has not answered", "3 set aside",
		"dfw              convective  since 12:00:00Z  12 km²", "tulsa            unknown", "storm in tulsa   open", "RADARS  1 of 3 ok",
		"addison.tx     ok     60 s of 60 s", "cleburne.tx    late   5 min of 60 s", "new.tx         new    no scan yet",
		"10 worker-hours this day, until Mar 30 00:00Z; 0.6 an hour now, forecast 12.25", "spent 8.5 of 10", "85 %", "1.5 remaining",
		"nothing is ordered of picture", "mosaic            1       3      14       1       2      8.5     11.5  1 east", "01234567", "1 → 3", "lon…",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Index(text, "storm in tulsa") > strings.Index(text, "hail in dfw") {
		t.Error("a closed trigger stands above an open one")
	}
	if strings.Contains(text, "\x1b") {
		t.Error("without colours there are escape sequences")
	}
}

func TestLinesFitTheScreen(t *testing.T) {
	for _, width := range []int{20, 40, 80, 132, 300} {
		for _, height := range []int{0, 5, 24} {
			lines := Screen{width, height, true}.Draw(storm(), noon)
			if height > 0 && len(lines) > height {
				t.Errorf("%d lines on a screen of %d", len(lines), height)
			}
			for _, line := range lines {
				if n := visible(line); n > width {
					t.Errorf("a line of %d on a screen %d wide: %q", n, width, line)
				}
				if strings.Count(line, "\x1b[")%2 != 0 {
					t.Errorf("a look is not ended: %q", line)
				}
			}
		}
	}
}

func TestNothingIsKnownYet(t *testing.T) {
	text := strings.Join(Screen{Width: 100}.Draw(board.State{Domains: []board.Domain{{Name: "dfw"}}}, noon), "\n")
	for _, want := range []string{"waiting for the first scan", "dfw              unknown", "RADARS  0 of 0 ok", "nothing has been counted yet", "no workers"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

func TestTheDatasClock(t *testing.T) {
	for _, c := range []struct {
		clock board.Clock
		want  string
	}{
		{board.Clock{DataTime: noon, WallTime: noon, Pace: 1}, "12:01:40Z in the data, live"},
		{board.Clock{DataTime: noon, WallTime: noon}, "12:00:00Z in the data, as fast as it goes"},
		{board.Clock{DataTime: noon, WallTime: noon, Pace: 1, Ended: true}, "12:00:00Z in the data, ended"},
	} {
		line := Screen{Width: 100}.Draw(board.State{Clock: c.clock}, noon.Add(100*time.Second))[0]
		if !strings.Contains(line, c.want) {
			t.Errorf("%q, want it to hold %q", line, c.want)
		}
	}
}

func TestAmounts(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.00123456: "0.001235", 12.3456: "12.35", 1234.5: "1234", -0.5: "-0.5"} {
		if got := amount(v); got != want {
			t.Errorf("%g is written %s, want %s", v, got, want)
		}
	}
	if got := fmt.Sprint(span(50*time.Second), span(30*time.Minute), span(5*time.Hour), span(-time.Second)); got != "50 s30 min5 h0 s" {
		t.Error(got)
	}
}
