package contour

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"bowecho/internal/grid"
)

// storm makes 31 fields of 1121×1121 with some three hundred cells that drift and decay.
func storm() []*grid.Field {
	const size, leads = 1121, 31
	r := rand.New(rand.NewPCG(5, 6))
	fields := make([]*grid.Field, leads)
	for i := range fields {
		fields[i] = &grid.Field{Rows: size, Cols: size, Values: make([]float32, size*size)}
	}
	for range 300 {
		row, col := r.Float64()*size, r.Float64()*size
		sigma, peak := 4+12*r.Float64(), 25+40*r.Float64()
		for i, f := range fields {
			hill(f, row+1.1*float64(i), col+2.3*float64(i), sigma, peak-0.3*float64(i))
		}
	}
	return fields
}

// hill raises a field to a round hill where it is lower.
func hill(f *grid.Field, row, col, sigma, peak float64) {
	reach := 4 * sigma
	for r := max(int(row-reach), 0); r < min(int(row+reach), f.Rows); r++ {
		for c := max(int(col-reach), 0); c < min(int(col+reach), f.Cols); c++ {
			dr, dc := float64(r)-row, float64(c)-col
			v := float32(peak * math.Exp(-(dr*dr+dc*dc)/(2*sigma*sigma)))
			f.Row(r)[c] = max(f.Row(r)[c], v)
		}
	}
}

func BenchmarkPolygons(b *testing.B) {
	d := grid.Centred("bench", 33, -97, 1121, 1121, 250)
	b.Run("storm 31×1121²×2", func(b *testing.B) { benchmark(b, storm(), d, 30, 45) })
	b.Run("mrms", func(b *testing.B) {
		benchmark(b, sequence(b, "mrms20190610.nc"), d, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65)
	})
	r := rand.New(rand.NewPCG(7, 8))
	white := grid.NewField(1000, 1000)
	for i := range white.Values {
		white.Values[i] = 60 * r.Float32()
	}
	b.Run("white noise 1000²×10", func(b *testing.B) {
		benchmark(b, []*grid.Field{white}, d, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50)
	})
}

func benchmark(b *testing.B, fields []*grid.Field, d grid.Domain, levels ...float64) {
	var areas []orb.MultiPolygon
	vertices := 0
	for _, f := range fields {
		for _, level := range levels {
			areas = append(areas, Polygons(f, level))
			vertices += vertexCount(areas[len(areas)-1])
		}
	}
	b.Logf("%d areas, %d vertices", len(areas), vertices)
	each := func(name string, work func()) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				work()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(vertices), "ns/vertex")
		})
	}
	each("contour", func() {
		for _, f := range fields {
			for _, level := range levels {
				Polygons(f, level)
			}
		}
	})
	each("simplify", func() {
		for _, mp := range areas {
			Simplify(mp, 0.5, 4)
		}
	})
	var onMap []orb.MultiPolygon
	for _, mp := range areas {
		onMap = append(onMap, OnMap(mp, d))
	}
	each("on map", func() {
		for _, mp := range areas {
			OnMap(mp, d)
		}
	})
	each("features", func() {
		c := NewCollection(Origin{Product: "reflectivity", Units: "dBZ", Domain: "bench", IssueTime: time.Unix(0, 0)})
		for i, mp := range onMap {
			c.Add(levels[i%len(levels)], float64(i/len(levels)), mp)
		}
		c.JSON()
	})
}
