package simulated

import (
	"bytes"
	"context"
	"math"
	"testing"
	"time"

	"bowecho/ingest/casa"
	"bowecho/ingest/source"
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

func TestSourceEmitsInOrderAndEnds(t *testing.T) {
	src, err := New(config())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	err = src.Run(t.Context(), func(_ context.Context, f source.File) error {
		names = append(names, f.Name)
		return nil
	})
	if err != nil || len(names) != 9 || names[0] != "northlake.tx-20260501-180000.netcdf" || names[8] != "caddo.tx-20260501-180240.netcdf" {
		t.Errorf("%d files: %v, %v", len(names), names, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := src.Run(ctx, func(context.Context, source.File) error { return nil }); err == nil {
		t.Error("a stopped source gave no error")
	}
}

func BenchmarkSweep(b *testing.B) {
	s := NewStorm(config())
	b.ReportAllocs()
	for b.Loop() {
		s.look(0, begin.Add(10*time.Minute))
	}
}
