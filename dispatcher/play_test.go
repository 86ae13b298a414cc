package dispatcher

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/internal/event"
	"bowecho/internal/grid"
)

// recordedStorm gives what storm announces, as it was recorded.
func recordedStorm(minutes int) (r Recorded) {
	for _, m := range storm(minutes) {
		r.Scans = append(r.Scans, *m.(*event.Scan))
	}
	return r
}

// TestPlayDecidesAsLive plays the storm that TestOneOrderInEachMinute sends through a running dispatcher.
func TestPlayDecidesAsLive(t *testing.T) {
	p, err := Play(DefaultConfig(), []grid.Domain{dfw}, map[string]*demand.Cost{"nowcast": {Seconds: 7, Orders: 1}}, recordedStorm(12))
	if err != nil {
		t.Fatal(err)
	}
	for _, chain := range []string{"mosaic", "nowcast", "contour", "picture"} {
		if p.Orders[chain] != 11 || p.WorkerSeconds[chain] < p.WorkSeconds[chain] {
			t.Errorf("chain %s: %d orders, %g s of work, %g s of workers; want 11, and workers for all of it",
				chain, p.Orders[chain], p.WorkSeconds[chain], p.WorkerSeconds[chain])
		}
	}
	if p.WorkSeconds["nowcast"] != 77 || p.Orders["probability"] != 0 {
		t.Errorf("%g s of nowcasts, want 11 of the 7 s that were learnt", p.WorkSeconds["nowcast"])
	}
	var turns []string
	for _, m := range p.Turns {
		turns = append(turns, m.Kind+" "+m.Value)
	}
	if want := []string{"regime convective", "trigger open"}; !slices.Equal(turns, want) {
		t.Errorf("turns %v, want %v", turns, want)
	}
}

// TestPlayTakesGridsAsTheyWere plays recorded grids, in which a product shows more than the radars do.
func TestPlayTakesGridsAsTheyWere(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Triggers[0].When = `products.mosaic.km2_55 > 100 || minute == 12`
	cfg.Triggers[0].KeepFor = 0
	weather := recordedStorm(8)
	played := func() Played {
		p, err := Play(cfg, []grid.Domain{dfw}, nil, weather)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if n := played().Orders["mosaic"]; n != 1 {
		t.Errorf("%d mosaics, want that of 07:12", n)
	}
	for _, s := range weather.Scans {
		if s.Time.Truncate(time.Minute).Equal(at("12:00")) { // whichever of them the mosaic is of
			weather.Grids = append(weather.Grids, event.Grid{Product: "mosaic", Domain: dfw, IssueTime: s.Time,
				Summary: event.Summary{Above: []event.Above{{DBZ: 55, KM2: 200}}}})
		}
	}
	if n := played().Orders["mosaic"]; n != 2 {
		t.Errorf("%d mosaics, want that of 07:13, too: the grid of 07:12 that was recorded shows 200 km², and the next none", n)
	}
}

// TestPlayHearsWarnings plays clear air in which a warning is sent, and taken back six minutes later.
func TestPlayHearsWarnings(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Triggers[0].When, cfg.Triggers[0].KeepFor = `warnings.exists(w, w.event == "Tornado Warning")`, 0
	var r Recorded
	for minute := range 20 {
		r.Scans = append(r.Scans, *calm(fmt.Sprintf("%02d:00", minute)))
	}
	cancel := warningAt("first", "10:00", -97, 32.65)
	cancel.Ended, cancel.Reason = at("16:00"), "the storm has weakened"
	r.Warnings = []event.Warning{*cancel, *warningAt("first", "10:00", -97, 32.65), *warningAt("elsewhere", "05:00", -90, 32.65)}
	p, err := Play(cfg, []grid.Domain{dfw}, nil, r)
	if err != nil {
		t.Fatal(err)
	}
	var turns []string
	for _, m := range p.Turns {
		turns = append(turns, m.DataTime.Format("04 ")+m.Kind+" "+m.Value)
	}
	if want := []string{"00 regime clear", "10 warning begun", "10 regime convective", "10 trigger open", "16 warning ended", "16 trigger closed"}; !slices.Equal(turns, want) || p.Warnings != 3 {
		t.Errorf("%d warnings, turns %v; want %v", p.Warnings, turns, want)
	}
}

func TestNothingIsPlayed(t *testing.T) {
	if p, err := Play(DefaultConfig(), []grid.Domain{dfw}, nil, Recorded{}); err != nil || len(p.Orders) > 0 {
		t.Errorf("%+v, %v; want nothing of no weather", p, err)
	}
}
