package mosaic

import (
	"bowecho/internal/grid"
	"bowecho/processors/motion"
)

// motionOf gives the same motion everywhere, in cells a minute.
func motionOf(d grid.Domain, east, south float32) *motion.Field {
	n := d.Rows * d.Cols
	m := &motion.Field{Rows: d.Rows, Cols: d.Cols, U: make([]float32, n), V: make([]float32, n)}
	for i := range n {
		m.U[i], m.V[i] = east, south
	}
	return m
}
