package motion

import (
	"fmt"
	"math"
	"testing"

	"bowecho/internal/cpu"
	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/internal/realdata"
)

// benchmarkEstimate leaves out the first run, which gets its memory from the system.
func benchmarkEstimate(b *testing.B, frames []*grid.Field, minutes []float64) {
	once := func() {
		if _, err := Estimate(frames, minutes, 1000, DefaultConfig()); err != nil {
			b.Fatal(err)
		}
	}
	once()
	b.ReportAllocs()
	start, runs := cpu.Used(b), 0
	for b.Loop() {
		once()
		runs++
	}
	used := (cpu.Used(b) - start).Seconds() / float64(runs)
	b.ReportMetric(used, "cpu-s/op")
	b.ReportMetric(used*1e9/float64(len(frames[0].Values)), "cpu-ns/cell")
}

func BenchmarkRealStorm(b *testing.B) {
	file, err := ncfile.Read(realdata.Path(b, "data", "sequences", "mrms20190610.nc"), 14)
	if err != nil {
		b.Fatal(err)
	}
	var frames []*grid.Field
	var minutes []float64
	for _, lead := range file.Grid.Leads {
		frames, minutes = append(frames, lead.Field), append(minutes, lead.Minutes)
	}
	benchmarkEstimate(b, frames, minutes)
}

func BenchmarkGrowth(b *testing.B) {
	for side := 256; side <= 4096; side *= 2 {
		minutes := []float64{0, 2, 4, 6, 8, 10}
		var frames []*grid.Field
		for _, m := range minutes {
			f := grid.NewField(side, side)
			for i := range f.Values {
				x, y := float64(i%side)-1.5*m, float64(i/side)+m
				f.Values[i] = float32(max(45*math.Sin(x/11)*math.Sin(y/13)*math.Sin((x+y)/90), grid.NoEchoDBZ))
			}
			frames = append(frames, f)
		}
		b.Run(fmt.Sprint(side), func(b *testing.B) { benchmarkEstimate(b, frames, minutes) })
	}
}
