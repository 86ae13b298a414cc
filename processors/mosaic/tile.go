package mosaic

import "bowecho/internal/grid"

// tileCells is how long a tile's sides are at most: what is worked on at once then takes a bounded memory, whatever the
// domain. A domain over one network of X-band radars is a single tile.
const tileCells = 2048

// tile is a part of a domain that is worked on at once, and where it begins.
type tile struct {
	grid.Domain
	row, col int
}

func tiles(d grid.Domain, side int) (list []tile) {
	for row := 0; row < d.Rows; row += side {
		for col := 0; col < d.Cols; col += side {
			t := tile{d, row, col}
			t.Rows, t.Cols = min(side, d.Rows-row), min(side, d.Cols-col)
			t.NorthDeg -= float64(row) * d.LatSpacingDeg
			t.WestDeg += float64(col) * d.LonSpacingDeg
			list = append(list, t)
		}
	}
	return list
}
