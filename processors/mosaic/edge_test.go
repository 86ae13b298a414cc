package mosaic

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

func constant(dbz float32) func(int, int) float32 { return func(int, int) float32 { return dbz } }

// TestEveryInputGivesAProduct holds that what was looked at has a value, and what was not says so.
func TestEveryInputGivesAProduct(t *testing.T) {
	folded := func(int, int) float32 { return radar.RangeFoldedValue }
	for name, c := range map[string]struct {
		scans  []*radar.Scan
		radars int
		value  float32 // 10 km north of Addison
	}{
		"no scans":         {nil, 0, nan},
		"no sweeps":        {[]*radar.Scan{{Site: addison}}, 0, nan},
		"no echo":          {[]*radar.Scan{sweep(addison, 2, empty)}, 1, grid.NoEchoDBZ},
		"constant":         {[]*radar.Scan{sweep(addison, 2, constant(30.1))}, 1, 30.1},
		"beyond any value": {[]*radar.Scan{sweep(addison, 2, constant(1e30))}, 0, nan},
		"no data":          {[]*radar.Scan{sweep(addison, 2, constant(radar.NoDataValue))}, 0, nan},
		"range folded":     {[]*radar.Scan{sweep(addison, 2, folded)}, 0, nan},
		"one gate":         {[]*radar.Scan{sweep(addison, 2, func(a, g int) float32 { return one(a == 90 && g == 300) })}, 1, grid.NoEchoDBZ},
	} {
		for _, cfg := range configs() {
			cfg.CAPPIM = 400
			m, err := Make(c.scans, dfw, time.Time{}, cfg, nil)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			row, col := dfw.Cell(addison.LatitudeDeg+10/110.9, addison.LongitudeDeg)
			got := m.DBZ.At(int(row), int(col))
			if len(m.Radars) != c.radars || got != c.value && (got == got || c.value == c.value) {
				t.Errorf("%s, %s, %s: %d radars and %g, want %d and %g", name, cfg.Heights, cfg.Combine, len(m.Radars), got, c.radars, c.value)
			}
			for i, v := range m.DBZ.Values {
				if seen := v == v; seen != (m.seenBy[i] != nobody) || seen != (m.AgeS[i] != grid.NotSeen) || math.IsInf(float64(v), 0) {
					t.Fatalf("%s: cell %d is %g by %v, %d s old", name, i, v, m.sets.names[m.seenBy[i]], m.AgeS[i])
				}
			}
		}
	}
}

func one(echo bool) float32 {
	if echo {
		return 50
	}
	return radar.BelowThresholdValue
}

func TestBrokenSweepsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*radar.Sweep)
		want   string
	}{
		"too few values": {func(s *radar.Sweep) { s.Moments[0].Values = s.Moments[0].Values[:7] }, "7 values for 360 rays × 600 gates"},
		"no spacing":     {func(s *radar.Sweep) { s.Moments[0].Gates.SpacingM = 0 }, "gates of 0 m"},
		"no such number": {func(s *radar.Sweep) { s.Moments[0].Gates.SpacingM = math.NaN() }, "gates of NaN m"},
	} {
		scan := sweep(addison, 2, empty)
		c.change(&scan.Sweeps[0])
		if _, err := Make([]*radar.Scan{scan}, dfw, time.Time{}, DefaultConfig(), nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to hold %q", name, err, c.want)
		}
	}
}

// TestWhatAntennasCannotDo gives numbers that no antenna has: any mosaic, and no panic.
func TestWhatAntennasCannotDo(t *testing.T) {
	for name, change := range map[string]func(*radar.Scan){
		"azimuth is no number":   func(s *radar.Scan) { s.Sweeps[0].Rays[3].AzimuthDeg = nan },
		"no azimuth is a number": func(s *radar.Scan) { each(s, func(r *radar.Ray) { r.AzimuthDeg = nan }) },
		"one azimuth":            func(s *radar.Scan) { each(s, func(r *radar.Ray) { r.AzimuthDeg = 7 }) },
		"far turned":             func(s *radar.Scan) { each(s, func(r *radar.Ray) { r.AzimuthDeg = 1e30 }) },
		"straight up":            func(s *radar.Scan) { s.Sweeps[0].ElevationDeg = 90 },
		"elevation no number":    func(s *radar.Scan) { s.Sweeps[0].ElevationDeg = math.NaN() },
		"gates before the radar": func(s *radar.Scan) { s.Sweeps[0].Moments[0].Gates.FirstM = -1e9 },
		"gates beyond the earth": func(s *radar.Scan) { s.Sweeps[0].Moments[0].Gates.FirstM = 1e12 },
		"gates like countries":   func(s *radar.Scan) { s.Sweeps[0].Moments[0].Gates.SpacingM = 1e12 },
		"at the pole":            func(s *radar.Scan) { s.Site.LatitudeDeg = 90 },
		"nowhere":                func(s *radar.Scan) { s.Site.LongitudeDeg = math.NaN() },
		"infinitely far":         func(s *radar.Scan) { s.Site.LatitudeDeg = math.Inf(1) },
	} {
		for _, cfg := range configs()[:12] {
			scan := sweep(addison, 2, constant(20))
			change(scan)
			if _, err := Make([]*radar.Scan{scan}, grid.Centred("small", 32.9, -97, 40, 40, 1000), time.Time{}, cfg, nil); err != nil {
				t.Logf("%s: %v", name, err)
			}
		}
	}
}

func each(s *radar.Scan, change func(*radar.Ray)) {
	for i := range s.Sweeps[0].Rays {
		change(&s.Sweeps[0].Rays[i])
	}
}

func TestConfigsAreChecked(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"max_above_radar_m": func(c *Config) { c.MaxAboveRadarM = 0 },
		"band_from_m":       func(c *Config) { c.Heights, c.BandFromM = Band, 3000 },
		"cappi_m":           func(c *Config) { c.Heights, c.CAPPIM = CAPPI, math.NaN() },
		"heights":           func(c *Config) { c.Heights = "all" },
		"above":             func(c *Config) { c.Above = "ground" },
		"combine":           func(c *Config) { c.Combine = "" },
	} {
		cfg := DefaultConfig()
		change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to name %s", err, want)
		}
	}
	for _, levels := range [][]float64{nil, {2000, 1000}} {
		if _, err := Levels(nil, dfw, time.Time{}, DefaultConfig(), levels); err == nil {
			t.Errorf("levels %v were taken", levels)
		}
	}
}

// TestTilesMeet cuts a domain over three radars into tiles, and holds that nothing shows where they meet.
func TestTilesMeet(t *testing.T) {
	scans := decoded(t, "casa-20170329", casaMinute...)
	whole, err := Make(scans, dfw, scans[0].Start, DefaultConfig(), nil)
	if err != nil {
		t.Fatal(err)
	}
	covered := make([]int, dfw.Rows*dfw.Cols)
	differ := 0
	for _, part := range tiles(dfw, 300) {
		m, err := Make(scans, part.Domain, scans[0].Start, DefaultConfig(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for row := range part.Rows {
			from := (part.row+row)*dfw.Cols + part.col
			for col := range part.Cols {
				covered[from+col]++
			}
			if !slices.EqualFunc(m.DBZ.Row(row), whole.DBZ.Values[from:from+part.Cols], func(a, b float32) bool { return a == b || a != a && b != b }) {
				differ++
			}
		}
	}
	if slices.ContainsFunc(covered, func(n int) bool { return n != 1 }) || differ > 20 {
		t.Errorf("%d rows of tiles differ from the whole by more than a rounding; each cell must be in one tile", differ)
	}
}

// TestOnlyWhatIsMadeReadyIsLookedUp puts nonsense into the memory that sums are made in. Where echo stands still all gates
// are made ready when it might move, and only those at the heights asked for when it cannot.
func TestOnlyWhatIsMadeReadyIsLookedUp(t *testing.T) {
	for folder, names := range map[string][]string{"nexrad": {klbb}, "casa-20170329": casaMinute} {
		t.Run(folder, func(t *testing.T) { onlyWhatIsMadeReady(t, decoded(t, folder, names...)) })
	}
}

func onlyWhatIsMadeReady(t *testing.T, scans []*radar.Scan) {
	d := around(scans[0])
	for _, cfg := range configs() {
		if cfg.Combine != Highest {
			continue
		}
		for _, cfg.CAPPIM = range []float64{300, 2000, 9000} {
			want, err := Make(scans, d, scans[0].Start, cfg, motionOf(d, 0, 0))
			if err != nil {
				t.Fatal(err)
			}
			for _, list := range spareSums.lists {
				fill(list[:cap(list)], 4*seenGate|4*echoGate|4*300*stepsPerDBZ)
			}
			if spareSums.bytes < 1<<20 {
				t.Fatalf("%d bytes of nonsense, want more", spareSums.bytes)
			}
			got, err := Make(scans, d, scans[0].Start, cfg, nil)
			if err != nil {
				t.Fatal(err)
			}
			differ := 0
			for i, v := range got.DBZ.Values {
				if w := want.DBZ.Values[i]; (v == v) != (w == w) || math.Abs(float64(v-w)) > 0.02 {
					differ++
				}
			}
			if differ > 20 {
				t.Errorf("%s at %g m: %d cells differ", cfg.Heights, cfg.CAPPIM, differ)
			}
			if cfg.Heights != CAPPI {
				break
			}
		}
	}
}
