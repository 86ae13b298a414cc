package probability

import (
	"testing"
	"time"

	"bowecho/internal/cpu"
	"bowecho/internal/grid"
)

// BenchmarkProbability works on the real 1000 × 1000 sequence: 31 lead times and three thresholds from a nowcast that is
// there, and the learning, with the hindcast's own motion and without.
func BenchmarkProbability(b *testing.B) {
	s := load(b, sequences[3])
	frames, minutes := s.until(14)
	var leads []float64
	for lead := range 31 {
		leads = append(leads, float64(lead))
	}
	fields, err := s.extrapolated(frames, minutes, leads)
	if err != nil {
		b.Fatal(err)
	}
	cfg := DefaultConfig()
	measure := func(name string, numbers float64, work func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpu.Used(b)
			for b.Loop() {
				if err := work(); err != nil {
					b.Fatal(err)
				}
			}
			used := (cpu.Used(b) - before) / time.Duration(b.N)
			b.ReportMetric(used.Seconds(), "cpu-s/op")
			b.ReportMetric(float64(used.Nanoseconds())/numbers, "cpu-ns/number")
		})
	}
	cells := float64(s.frames[0].Rows * s.frames[0].Cols)
	measure("31 leads x 3 thresholds", cells*31*3, func() error {
		for i, f := range fields {
			if _, err := Exceedance(f, leads[i], s.cellKM, Prior(), cfg); err != nil {
				return err
			}
		}
		return nil
	})
	measure("learn", cells, func() error {
		_, err := Learn(frames, minutes, s.extrapolated, s.cellKM, cfg)
		return err
	})
	start, last := hindcast(minutes), len(minutes)-1
	known, err := s.extrapolated(frames[:start+1], minutes[:start+1], []float64{minutes[last] - minutes[start]})
	if err != nil {
		b.Fatal(err)
	}
	measure("learn from a hindcast that is there", cells, func() error {
		_, err := Learn(frames, minutes, func([]*grid.Field, []float64, []float64) ([]*grid.Field, error) { return known, nil }, s.cellKM, cfg)
		return err
	})
}
