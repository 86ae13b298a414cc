package grid

import (
	"math"
	"time"
)

// NoEchoDBZ stands in a reflectivity field where a radar looked and saw nothing: NEXRAD's least value.
// A cell that no radar saw is NaN instead.
const NoEchoDBZ = -32

// Field is values on a grid, row by row, the northernmost first. NaN is a cell that was never observed.
// A published field is read-only.
type Field struct {
	Rows, Cols int
	Values     []float32
}

// NewField gives a field in which nothing has been observed.
func NewField(rows, cols int) *Field {
	f := &Field{Rows: rows, Cols: cols, Values: make([]float32, rows*cols)}
	nan := float32(math.NaN())
	for i := range f.Values {
		f.Values[i] = nan
	}
	return f
}

// At gives the value of a cell.
func (f *Field) At(row, col int) float32 { return f.Values[row*f.Cols+col] }

// Row gives the values of a row, sharing memory.
func (f *Field) Row(row int) []float32 { return f.Values[row*f.Cols : (row+1)*f.Cols] }

// Grid is one product on a domain: one field a lead time.
type Grid struct {
	Product   string // "mosaic", "nowcast", …
	Quantity  string // DBZH, …
	Units     string
	Domain    Domain
	IssueTime time.Time // the time of the observation that it starts from
	Radars    []string
	Leads     []Lead
	Seen      *Seen // of a mosaic: which radars see each cell; nil where that is not told
}

// Lead is a field and when it holds, in minutes after the issue time.
type Lead struct {
	Minutes float64
	Field   *Field
}

// ValidTime gives when lead i holds.
func (g *Grid) ValidTime(i int) time.Time {
	return g.IssueTime.Add(time.Duration(g.Leads[i].Minutes * float64(time.Minute)))
}
