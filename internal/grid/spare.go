package grid

import "sync"

// spares hold the memory of fields that nobody reads any more. To get as much anew from the system, page by page, takes as long
// as to calculate what is written to it. What is not used again is the garbage collector's.
var spares sync.Pool

// Unset gives a field whose values are all to be set: they may be anything.
func Unset(rows, cols int) *Field {
	if spare, _ := spares.Get().(*Field); spare != nil && cap(spare.Values) >= rows*cols {
		return &Field{Rows: rows, Cols: cols, Values: spare.Values[:rows*cols]}
	}
	return &Field{Rows: rows, Cols: cols, Values: make([]float32, rows*cols)}
}

// Release gives the memory of a field that nobody else holds to one that is made later. The field has no values from then on.
func (f *Field) Release() {
	spares.Put(&Field{Values: f.Values})
	f.Values = nil
}
