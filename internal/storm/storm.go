// Package storm counts the storm cells in a sweep or on a grid.
package storm

// A storm cell is what lies together at or above 40 dBZ and covers 4 km² or more.
// Source of the idea: the components of SCIT, Johnson et al. 1998, Wea. Forecasting 13, 263-276. It wants 10 km², at
// thresholds from 30 to 60 dBZ, to follow cells; here they are only counted, from their first minutes on. A gate of 1° and
// 250 m has less than 1 km² out to 230 km, so that some must agree.
const (
	CellDBZ     = 40.0
	CellAreaKM2 = 4.0
)

// Counter takes what is at or above CellDBZ row by row, and counts the cells. Gates that touch at an edge or at a corner
// lie together. The zero Counter is ready; only runs of neighbours are kept, so that it costs next to nothing where no
// storm is.
type Counter struct {
	first, before, row []run // the first row, the last full one, and the one that is being filled
	rows               int
	parts              []part
}

// run is neighbours within a row, from one column to before another.
type run struct{ from, to, part int }

// part is what is known to lie together: a tree, whose root has the area of all.
type part struct {
	of      int // itself at the root
	areaKM2 float64
}

// Add takes a gate of the row, of higher column than those before.
func (c *Counter) Add(col int, areaKM2 float64) {
	if last := len(c.row) - 1; last >= 0 && c.row[last].to == col {
		c.row[last].to++
		c.parts[c.row[last].part].areaKM2 += areaKM2
		return
	}
	c.row = append(c.row, run{col, col + 1, len(c.parts)})
	c.parts = append(c.parts, part{len(c.parts), areaKM2})
}

// End ends the row. It tells whether the row lies beside the one before.
func (c *Counter) End(beside bool) {
	if beside {
		c.join(c.before, c.row)
	}
	if c.rows == 0 {
		c.first = append(c.first, c.row...)
	}
	c.rows++
	c.before, c.row = c.row, c.before[:0]
}

// Cells gives how many cells there are. It tells whether the last row lies beside the first.
func (c *Counter) Cells(closed bool) (count int) {
	if closed {
		c.join(c.before, c.first)
	}
	for i, p := range c.parts {
		if p.of == i && p.areaKM2 >= CellAreaKM2 {
			count++
		}
	}
	return count
}

// join joins the runs of two rows that touch.
func (c *Counter) join(above, below []run) {
	for i, j := 0, 0; i < len(above) && j < len(below); {
		a, b := above[i], below[j]
		if a.from <= b.to && b.from <= a.to {
			c.unite(a.part, b.part)
		}
		if a.to < b.to {
			i++
		} else {
			j++
		}
	}
}

func (c *Counter) unite(a, b int) {
	if a, b = c.root(a), c.root(b); a != b {
		c.parts[b].of = a
		c.parts[a].areaKM2 += c.parts[b].areaKM2
	}
}

// root gives the root of a part, and shortens the way there.
func (c *Counter) root(i int) int {
	for c.parts[i].of != i {
		c.parts[i].of = c.parts[c.parts[i].of].of
		i = c.parts[i].of
	}
	return i
}
