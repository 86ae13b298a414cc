package nowcast

import (
	"fmt"
	"math"
	"testing"

	"bowecho/internal/cpu"
	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/internal/realdata"
	"bowecho/processors/motion"
)

// eachMinute gives the lead times 0 to last.
func eachMinute(last int) []float64 {
	leads := make([]float64, last+1)
	for i := range leads {
		leads[i] = float64(i)
	}
	return leads
}

// measure runs work, which gives a nowcast, and releases that as a worker does once it is stored. It tells the processors' time for
// each. The first, which gets its memory from the system, is not counted.
func measure(b *testing.B, work func() ([]*grid.Field, error)) (used float64) {
	once := func() {
		fields, err := work()
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range fields {
			f.Release()
		}
	}
	once()
	b.ReportAllocs()
	start, runs := cpu.Used(b), 0
	for b.Loop() {
		once()
		runs++
	}
	used = (cpu.Used(b) - start).Seconds() / float64(runs)
	b.ReportMetric(used, "cpu-s/op")
	return used
}

func benchmarkExtrapolate(b *testing.B, frames []*grid.Field, minutes []float64, m *motion.Field, cfg Config) {
	leads := eachMinute(30)
	used := measure(b, func() ([]*grid.Field, error) { return Extrapolate(frames, minutes, m, 1000, leads, cfg) })
	b.ReportMetric(used*1e9/float64(len(frames[0].Values)*len(leads)), "cpu-ns/cell/lead")
}

var ways = []struct {
	name string
	cfg  Config
}{{"evolving", DefaultConfig()}, {"only moved", moved}}

// realStorm is the first half hour of a sequence over the US, 1000 × 1000 cells of 1 km every 2 minutes.
func realStorm(b *testing.B) (frames []*grid.Field, minutes []float64) {
	file, err := ncfile.Read(realdata.Path(b, "data", "sequences", "mrms20190610.nc"), 14)
	if err != nil {
		b.Fatal(err)
	}
	for _, lead := range file.Grid.Leads {
		frames, minutes = append(frames, lead.Field), append(minutes, lead.Minutes)
	}
	return frames, minutes
}

func BenchmarkRealStorm31Leads(b *testing.B) {
	frames, minutes := realStorm(b)
	m, err := motion.Estimate(frames, minutes, 1000, motion.DefaultConfig())
	if err != nil {
		b.Fatal(err)
	}
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) { benchmarkExtrapolate(b, frames, minutes, m, way.cfg) })
	}
}

func BenchmarkRealStormMotionAnd31Leads(b *testing.B) {
	frames, minutes := realStorm(b)
	leads := eachMinute(30)
	measure(b, func() ([]*grid.Field, error) {
		m, err := motion.Estimate(frames, minutes, 1000, motion.DefaultConfig())
		if err != nil {
			return nil, err
		}
		return Extrapolate(frames, minutes, m, 1000, leads, DefaultConfig())
	})
}

// What is made of a larger grid is the same storm, larger, so that the time for each cell tells how the work grows.
func BenchmarkGrowth31Leads(b *testing.B) {
	for side := 256; side <= 4096; side *= 2 {
		f := grid.NewField(side, side)
		for i := range f.Values {
			x, y := float64(i%side)/float64(side), float64(i/side)/float64(side)
			f.Values[i] = grid.NoEchoDBZ
			if v := 60 - 25*math.Hypot(x-0.5, y-0.5)/0.4 + 25*math.Sin(40*x)*math.Cos(30*y); v > 5 {
				f.Values[i] = float32(v)
			}
		}
		m := moving(side, side, func(row, col float64) (u, v float64) { return 1.5 + 0.5*math.Sin(row/90), -1 + 0.5*math.Cos(col/70) })
		b.Run(fmt.Sprint(side), func(b *testing.B) { benchmarkExtrapolate(b, []*grid.Field{f, f}, []float64{0, 5}, m, DefaultConfig()) })
	}
}

// BenchmarkBareGather is what the same numbers cost at the very least: a mean of four cells each, for one motion of all,
// without anything decided. Ratios to it hold on a busy machine.
func BenchmarkBareGather(b *testing.B) {
	const side, leads = 1000, 31
	values := make([]float32, side*side)
	for i := range values {
		values[i] = float32(i % 61)
	}
	start := cpu.Used(b)
	for b.Loop() {
		for lead := range leads {
			out := make([]float32, side*side)
			grid.Bands(side-leads-1, func(from, to int) {
				for r := from; r < to; r++ {
					above, below := values[(r+lead)*side+lead:][:side-leads+1], values[(r+lead+1)*side+lead:][:side-leads+1]
					line := out[r*side:][:side-leads]
					for c := range line {
						line[c] = 0.42*above[c] + 0.28*above[c+1] + 0.18*below[c] + 0.12*below[c+1]
					}
				}
			})
		}
	}
	b.ReportMetric((cpu.Used(b)-start).Seconds()/float64(b.N), "cpu-s/op")
}
