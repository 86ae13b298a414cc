package contour

import (
	"math"

	"github.com/paulmach/orb"

	"bowecho/internal/grid"
)

// Coverage gives the area that was observed, in grid coordinates, to within a block of blockCells × blockCells cells:
// blocks of which at least half was observed, with their corners cut. Outside it nothing is known.
func Coverage(f *grid.Field, blockCells int) orb.MultiPolygon {
	n := max(blockCells, 1)
	// A rim of blocks around the field counts as not observed, so that the area reaches to the outer edge of its cells.
	rows, cols := (f.Rows+n-1)/n+2, (f.Cols+n-1)/n+2
	blocks := &grid.Field{Rows: rows, Cols: cols, Values: make([]float32, rows*cols)}
	for row := 1; row < rows-1; row++ {
		for col := 1; col < cols-1; col++ {
			if mostlyObserved(f, (row-1)*n, (col-1)*n, n) {
				blocks.Row(row)[col] = 1
			}
		}
	}
	area := Simplify(Polygons(blocks, 0.5), 0.5, 0)
	for _, p := range area {
		for _, ring := range p {
			for i, v := range ring {
				ring[i] = orb.Point{(v[0]-0.5)*float64(n) - 0.5, (v[1]-0.5)*float64(n) - 0.5}
			}
		}
	}
	return area
}

// mostlyObserved tells whether at least half of a block was observed, as far as it lies on the field.
func mostlyObserved(f *grid.Field, row0, col0, n int) bool {
	row1, col1 := min(row0+n, f.Rows), min(col0+n, f.Cols)
	observed := 0
	for row := row0; row < row1; row++ {
		for _, v := range f.Row(row)[col0:col1] {
			if !math.IsNaN(float64(v)) {
				observed++
			}
		}
	}
	return 2*observed >= (row1-row0)*(col1-col0)
}
