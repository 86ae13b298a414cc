package motion

// Still gives a field without motion, of which none was seen.
func Still(rows, cols int) *Field {
	n := rows * cols
	return &Field{Rows: rows, Cols: cols, U: make([]float32, n), V: make([]float32, n), Quality: make([]float32, n)}
}
