package ncfile

import (
	"path/filepath"
	"testing"

	"bowecho/internal/grid"
)

func BenchmarkWriteGrid(b *testing.B) {
	g := &grid.Grid{Product: "nowcast", Quantity: "DBZH", Units: "dBZ", Domain: grid.Centred("dfw", 32.65, -97, 1121, 1121, 250)}
	for i := range 31 {
		f := grid.NewField(1121, 1121)
		for k := range f.Values {
			if k%7 < 2 {
				f.Values[k] = float32((k+i)%500) / 10
			}
		}
		g.Leads = append(g.Leads, grid.Lead{Minutes: float64(i), Field: f})
	}
	path := filepath.Join(b.TempDir(), "nowcast.nc")
	for b.Loop() {
		if err := WriteGrid(path, g); err != nil {
			b.Fatal(err)
		}
	}
}
