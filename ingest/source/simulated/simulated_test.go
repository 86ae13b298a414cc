package simulated

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bowecho/ingest/casa"
	"bowecho/ingest/source"
	"bowecho/ingest/source/sourcetest"
	"bowecho/ingest/summary"
	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

var begin = time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)

func config() Config {
	cfg := DefaultConfig()
	cfg.Start, cfg.Duration, cfg.Speed = begin, 3*time.Minute, 1000
	return cfg
}

func TestTheSameSeedIsTheSameStorm(t *testing.T) {
	one, err := casa.Encode(NewStorm(config()).look(1, begin.Add(5*time.Minute)))
	if err != nil {
		t.Fatal(err)
	}
	two, err := casa.Encode(NewStorm(config()).look(1, begin.Add(5*time.Minute)))
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("the same seed gave other bytes: %v", err)
	}
	cfg := config()
	cfg.Seed = 2
	if other, err := casa.Encode(NewStorm(cfg).look(1, begin.Add(5*time.Minute))); err != nil || bytes.Equal(one, other) {
		t.Errorf("another seed gave the same bytes: %v", err)
	}
}

func TestAStormDayHasWeatherAndClearAir(t *testing.T) {
	s := NewStorm(config())
	km2 := func(minute int) float64 {
		return summary.Of(s.look(0, begin.Add(time.Duration(minute)*time.Minute))).KM2Above(20)
	}
	for _, minute := range []int{0, 10, 25, 80, 90} {
		if got := km2(minute); got < 200 {
			t.Errorf("minute %d: %.0f km² at or above 20 dBZ, want a storm", minute, got)
		}
	}
	for _, minute := range []int{42, 55} {
		if got := km2(minute); got > 5 {
			t.Errorf("minute %d: %.0f km² at or above 20 dBZ, want clear air", minute, got)
		}
	}
	if top := summary.Of(s.look(0, begin.Add(8*time.Minute))).MaxDBZ; top < 48 || top > 75 {
		t.Errorf("highest reflectivity %g dBZ, want a storm's", top)
	}
}

// TestEchoMovesWithTheFlow finds the shift between two true fields that makes them most alike.
func TestEchoMovesWithTheFlow(t *testing.T) {
	s := NewStorm(config())
	d := grid.Centred("truth", 32.65, -97, 120, 120, 1000)
	a, b := s.Field(d, begin.Add(10*time.Minute), 1000), s.Field(d, begin.Add(15*time.Minute), 1000)
	best, dx, dy := math.Inf(1), 0, 0
	for shiftY := -6; shiftY <= 6; shiftY++ {
		for shiftX := -6; shiftX <= 10; shiftX++ {
			sum := 0.0
			for row := 15; row < 105; row++ {
				for col := 15; col < 105; col++ {
					diff := float64(b.At(row, col) - a.At(row+shiftY, col-shiftX))
					sum += diff * diff
				}
			}
			if sum < best {
				best, dx, dy = sum, shiftX, shiftY
			}
		}
	}
	east, north := Flow(0) // in five minutes: 4.5 and 1.8 km
	if math.Abs(float64(dx)-east*0.3) > 1.6 || math.Abs(float64(dy)-north*0.3) > 1.6 {
		t.Errorf("echo moved %d km east and %d north in five minutes, want %.1f and %.1f", dx, dy, east*0.3, north*0.3)
	}
}

func TestWhatRadarsSee(t *testing.T) {
	s := NewStorm(config())
	scan := s.look(2, begin.Add(6*time.Minute))
	sweep := &scan.Sweeps[0]
	if len(sweep.Rays) != rays-(blockedTo-blockedFrom) {
		t.Errorf("%d rays, want the blocked sector missing", len(sweep.Rays))
	}
	valid := 0
	for _, m := range sweep.Moments {
		if len(m.Values) != len(sweep.Rays)*gates {
			t.Fatalf("%s has %d values", m.Name, len(m.Values))
		}
		for _, v := range m.Values {
			if radar.StatusOf(v) != radar.Valid {
				continue
			}
			valid++
			if m.Name == radar.VRADH && math.Abs(float64(v)) > nyquistMS || m.Name == radar.RHOHV && (v < 0 || v > 1) {
				t.Fatalf("%s of %g", m.Name, v)
			}
		}
	}
	data, err := casa.Encode(scan)
	if err != nil {
		t.Fatal(err)
	}
	again, err := casa.Decode(casa.FileName(scan), data)
	if err != nil {
		t.Fatal(err)
	}
	want, got := radar.Describe(scan), radar.Describe(again)
	for name, m := range want.Sweeps[0].Moments {
		if g := got.Sweeps[0].Moments[name]; g.Valid != m.Valid || m.Valid > 0 && *g.Mean != *m.Mean {
			t.Errorf("%s after the file: %+v, want %+v", name, g, m)
		}
	}
	if got.Radar != "caddo.tx" || !again.Start.Equal(scan.Start) || !again.End.Equal(scan.End) || valid == 0 {
		t.Errorf("got %+v with %d valid values", got, valid)
	}
}

// gate is one place of a sweep.
type gate struct {
	x, y, heightKM float64
	sin, cos       float64 // of the azimuth
	index          int
}

// echo gives the gates with echo beyond the clutter, on each ray before the first that is stronger than a limit.
func echo(s *Storm, scan *radar.Scan, limitDBZ float32) (list []gate) {
	x0, y0 := s.cfg.kilometres(scan.Site.LatitudeDeg, scan.Site.LongitudeDeg)
	sweep := &scan.Sweeps[0]
	m := sweep.Moment(radar.DBZH)
	for r, ray := range sweep.Rays {
		sin, cos := math.Sincos(float64(ray.AzimuthDeg) * math.Pi / 180)
		for g, z := range m.Ray(r) {
			slant := m.Gates.CentreM(g)
			ground := radar.GroundRangeM(slant, elevationDeg) / 1000
			if ground <= clutterToKM || radar.StatusOf(z) != radar.Valid {
				continue
			}
			if z > limitDBZ {
				break
			}
			height := (scan.Site.HeightM + radar.AboveRadarM(slant, elevationDeg)) / 1000
			list = append(list, gate{x0 + ground*sin, y0 + ground*cos, height, sin, cos, r*gates + g})
		}
	}
	return list
}

// TestRadarsAgree holds what two radars see of the same echo against each other.
func TestRadarsAgree(t *testing.T) {
	s := NewStorm(config())
	at := begin.Add(20 * time.Minute)
	seen := make([]map[[2]int]float64, len(s.cfg.Radars)) // by the quarter of a square kilometre
	for i := range s.cfg.Radars {
		scan := s.look(i, at)
		z := scan.Sweeps[0].Moment(radar.DBZH).Values
		seen[i] = map[[2]int]float64{}
		for _, g := range echo(s, scan, 42) { // stronger rain weakens what lies behind it
			seen[i][[2]int{int(math.Floor(2 * g.x)), int(math.Floor(2 * g.y))}] = float64(z[g.index])
		}
	}
	for _, pair := range [][2]int{{0, 1}, {1, 2}, {0, 2}} {
		var apart []float64
		for place, z := range seen[pair[0]] {
			if other, both := seen[pair[1]][place]; both {
				apart = append(apart, math.Abs(z-other))
			}
		}
		slices.Sort(apart)
		if len(apart) < 300 {
			t.Fatalf("radars %v see %d places in common, want an overlap", pair, len(apart))
		}
		if median := apart[len(apart)/2]; median > 3 {
			t.Errorf("radars %v differ by %.1f dB in the median of %d places, want 3 or less", pair, median, len(apart))
		}
	}
}

// TestVelocityIsTheFlowFolded compares with the true motion of the air along the beam, which is beyond Nyquist in the
// strongest echo.
func TestVelocityIsTheFlowFolded(t *testing.T) {
	s := NewStorm(config())
	at := begin.Add(12 * time.Minute)
	now, folded, checked := s.at(at), 0, 0
	cells := make([]*alive, len(now.cells))
	for i := range now.cells {
		cells[i] = &now.cells[i]
	}
	for i := range s.cfg.Radars {
		scan := s.look(i, at)
		velocities := scan.Sweeps[0].Moment(radar.VRADH).Values
		for _, g := range echo(s, scan, 100) {
			east, north := air(g.y, g.heightKM, now.reflectivity(cells, g.x, g.y, g.heightKM))
			truth, v := east*g.sin+north*g.cos, float64(velocities[g.index])
			if checked++; math.Abs(math.Remainder(v-truth, 2*nyquistMS)) > 4 {
				t.Fatalf("radar %d: %.1f m/s where the air moves at %.1f", i, v, truth)
			}
			if math.Abs(truth) > nyquistMS+4 {
				if folded++; v*truth > 0 {
					t.Fatalf("radar %d: %.1f m/s where the air moves at %.1f, want it folded", i, v, truth)
				}
			}
		}
	}
	if checked < 1000 || folded < 20 {
		t.Errorf("%d velocities, %d of them folded: want many", checked, folded)
	}
}

// TestRainWeakensWhatLiesBehind holds that a radar never sees more than there is, and much less behind strong cores.
func TestRainWeakensWhatLiesBehind(t *testing.T) {
	s := NewStorm(config())
	at := begin.Add(12 * time.Minute)
	now := s.at(at)
	v := newView(now, s.cfg.Radars[0], rand.New(rand.NewPCG(1, 1)))
	v.x, v.y = s.cfg.kilometres(s.cfg.Radars[0].LatitudeDeg, s.cfg.Radars[0].LongitudeDeg)
	most := 0.0
	for azimuth := range rays {
		v.z, v.v, v.w, v.zdr, v.rho, v.snr = nil, nil, nil, nil, nil, nil
		v.ray(float64(azimuth))
		sin, cos := math.Sincos(float64(azimuth) * math.Pi / 180)
		for g, z := range v.z {
			if v.ground[g] <= clutterToKM || radar.StatusOf(z) != radar.Valid || !v.reached(v.ground[g]) {
				continue
			}
			lost := now.reflectivity(v.here, v.x+sin*v.ground[g], v.y+cos*v.ground[g], v.height[g]) - float64(z)
			if most = max(most, lost); lost < -5 {
				t.Fatalf("azimuth %d, %.1f km: %.1f dB more than there is", azimuth, v.ground[g], -lost)
			}
		}
	}
	if most < 10 {
		t.Errorf("rain takes away %.1f dB at most, want what X band loses behind a line of storms", most)
	}
}

// TestHailLooksRound compares the polarimetry of the strongest cores with that of heavy rain.
func TestHailLooksRound(t *testing.T) {
	cfg := config()
	cfg.Seed = 2 // whose strongest cores lie open to the radars
	s := NewStorm(cfg)
	var hailZDR, rainZDR, hailRho, rainRho mean
	for i := range s.cfg.Radars {
		sweep := &s.look(i, begin.Add(4*time.Minute)).Sweeps[0]
		z, zdr, rho := sweep.Moment(radar.DBZH), sweep.Moment(radar.ZDR), sweep.Moment(radar.RHOHV)
		for g, dbz := range z.Values {
			switch {
			case z.Gates.CentreM(g%gates) < 1000*clutterToKM+100:
			case dbz >= 54:
				hailZDR.add(zdr.Values[g])
				hailRho.add(rho.Values[g])
			case dbz >= 44 && dbz < 46:
				rainZDR.add(zdr.Values[g])
				rainRho.add(rho.Values[g])
			}
		}
	}
	if hailZDR.n < 50 || rainZDR.n < 50 {
		t.Fatalf("%d gates of hail and %d of rain, want many", hailZDR.n, rainZDR.n)
	}
	if hailZDR.of() > 0.8 || rainZDR.of() < 1.2 || hailRho.of() > 0.94 || rainRho.of() < 0.97 {
		t.Errorf("ZDR %.2f dB in hail, %.2f in rain; RHOHV %.3f and %.3f", hailZDR.of(), rainZDR.of(), hailRho.of(), rainRho.of())
	}
}

type mean struct {
	sum float64
	n   int
}

func (m *mean) add(v float32) { m.sum, m.n = m.sum+float64(v), m.n+1 }
func (m *mean) of() float64   { return m.sum / float64(m.n) }

// TestRoundsDiffer holds that a long day is not one round again and again.
func TestRoundsDiffer(t *testing.T) {
	s := NewStorm(config())
	d := grid.Centred("truth", 32.65, -97, 100, 100, 1000)
	first, second := s.Field(d, begin.Add(10*time.Minute), 1000), s.Field(d, begin.Add(10*time.Minute+round), 1000)
	differ := 0
	for i, z := range first.Values {
		if math.Abs(float64(z-second.Values[i])) > 5 {
			differ++
		}
	}
	if differ < 500 {
		t.Errorf("%d of 10000 cells differ between two rounds, want another storm", differ)
	}
}

// TestNothingJumps holds that echo comes, moves and goes steadily, also from one round to the next.
func TestNothingJumps(t *testing.T) {
	s := NewStorm(config())
	d := grid.Centred("truth", 32.65, -97, 240, 240, 1000)
	for _, at := range []time.Duration{10 * time.Minute, 20 * time.Minute, round} {
		before, after := s.Field(d, begin.Add(at-time.Second), 1000), s.Field(d, begin.Add(at), 1000)
		for i, z := range after.Values {
			if jump := math.Abs(float64(max(z, 0) - max(before.Values[i], 0))); jump > 6 {
				t.Fatalf("%s: cell %d goes from %.1f to %.1f dBZ in a second", at, i, before.Values[i], z)
			}
		}
	}
}

func TestConformance(t *testing.T) {
	cfg := config()
	cfg.Duration = 80 * time.Second
	want := []string{
		"northlake.tx-20260501-180000.netcdf", "eastfork.tx-20260501-180020.netcdf", "caddo.tx-20260501-180040.netcdf",
		"northlake.tx-20260501-180100.netcdf",
	}
	for name, ends := range map[string]bool{"ends": true, "endless": false} {
		t.Run(name, func(t *testing.T) {
			cfg := cfg
			if !ends {
				cfg.Duration = 0
			}
			sourcetest.Run(t, sourcetest.Case{Want: want, Ends: ends, Make: func(t *testing.T) source.Source {
				src, err := New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				return src
			}})
		})
	}
}

func TestWrittenFilesAreThoseThatAreEmitted(t *testing.T) {
	dir := t.TempDir()
	cfg := config()
	n, err := Write(t.Context(), dir, cfg)
	if err != nil || n != 9 {
		t.Fatalf("%d files, %v; want 9", n, err)
	}
	src, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	err = src.Run(t.Context(), func(_ context.Context, f source.File) error {
		written, err := os.ReadFile(filepath.Join(dir, f.Name))
		if !bytes.Equal(written, f.Data) {
			t.Errorf("%s differs between memory and disk", f.Name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAStormThatCannotBeIsRefused(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no radars": func(c *Config) { c.Radars = nil }, "speed 0": func(c *Config) { c.Speed = 0 },
		"speed NaN": func(c *Config) { c.Speed = math.NaN() }, "no start": func(c *Config) { c.Start = time.Time{} },
		"negative duration": func(c *Config) { c.Duration = -time.Minute },
	} {
		cfg := config()
		change(&cfg)
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	cfg := config()
	cfg.Duration = 0
	if _, err := Write(t.Context(), t.TempDir(), cfg); err == nil {
		t.Error("an endless storm was written to disk")
	}
}

func BenchmarkSweep(b *testing.B) {
	s := NewStorm(config())
	b.ReportAllocs()
	for b.Loop() {
		s.look(0, begin.Add(10*time.Minute))
	}
}
