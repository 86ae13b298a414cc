package contour

import (
	"math"
	"math/bits"

	"github.com/paulmach/orb"

	"bowecho/internal/grid"
)

// tracer follows the level through a field. Around the field it imagines one more row and column of cells below the
// level, so that every line closes. Lines cross the edges between neighbouring cells; each crossing knows the next.
//
// A row of cells is a row of bits, set where the level is reached: bit c+1 is column c. Squares whose corners agree,
// nearly all of them, are passed over 64 at a time.
type tracer struct {
	field      *grid.Field
	level      float64
	reached    float32 // the least value at or above the level
	unobserved float64 // what a cell counts as that was never observed

	points  []orb.Point // where each crossing lies
	next    []int32     // the crossing that follows, with the area on the left
	onRows  []int32     // the crossings that lie on rows, from north to south and west to east
	above   []int32     // by square: the crossing on its northern edge
	below   []int32     // and on its southern edge
	between int32       // the last crossing on an edge between two rows
}

// The edges of a square.
const (
	north = iota
	east
	south
	west
)

// lines gives the pairs of edges, from and to, that the level runs between in a square. The index has a bit for each
// corner that reaches the level: 1 north-west, 2 north-east, 4 south-east, 8 south-west. The last two are the
// saddles 5 and 10 where the middle is above the level, too.
var lines = [18][]uint8{
	1: {west, north}, 2: {north, east}, 4: {east, south}, 8: {south, west},
	3: {west, east}, 6: {north, south}, 12: {east, west}, 9: {south, north},
	7: {west, south}, 14: {north, west}, 13: {east, north}, 11: {south, east},
	5: {west, north, east, south}, 10: {north, east, south, west},
	16: {east, north, west, south}, 17: {north, west, south, east},
}

func newTracer(f *grid.Field, level float64) *tracer {
	reached := float32(level)
	if float64(reached) < level {
		reached = math.Nextafter32(reached, float32(math.Inf(1)))
	}
	return &tracer{
		field: f, level: level, reached: reached, unobserved: math.Min(0, level-1),
		above: make([]int32, f.Cols+1), below: make([]int32, f.Cols+1),
	}
}

// scan finds all crossings and links them.
func (t *tracer) scan() {
	words := (t.field.Cols+2+63)/64 + 1 // the last stays empty
	upper, lower := make([]uint64, words), make([]uint64, words)
	upperAny := false
	for row := range t.field.Rows + 1 {
		lowerAny := t.mark(lower, row)
		if upperAny || lowerAny {
			t.scanRow(row, upper, lower)
		}
		upper, lower, upperAny = lower, upper, lowerAny
		t.above, t.below = t.below, t.above
	}
}

// mark sets the bits of the cells of a row that reach the level, and tells whether there are any.
func (t *tracer) mark(marks []uint64, row int) bool {
	clear(marks)
	if row >= t.field.Rows {
		return false
	}
	var all uint64
	values := t.field.Row(row)
	for w := range marks {
		first := max(64*w-1, 0)
		last := min(64*w+63, len(values))
		if first >= last {
			break
		}
		var word uint64
		for i, v := range values[first:last] {
			var bit uint64
			if v >= t.reached {
				bit = 1
			}
			word |= bit << (i & 63)
		}
		marks[w] = word << (first - (64*w - 1))
		all |= word
	}
	return all != 0
}

// scanRow links the lines through the squares between the row above and this one.
func (t *tracer) scanRow(row int, upper, lower []uint64) {
	for w := range len(upper) - 1 {
		a, b := upper[w], lower[w]
		a1, b1 := a>>1|upper[w+1]<<63, b>>1|lower[w+1]<<63
		for active := (a ^ a1) | (b ^ b1) | (a ^ b); active != 0; active &= active - 1 {
			i := bits.TrailingZeros64(active)
			corners := a>>i&1 | a1>>i&1<<1 | b1>>i&1<<2 | b>>i&1<<3
			t.square(row, 64*w+i, int(corners))
		}
	}
}

// square links the lines through the square whose south-eastern corner is a cell.
func (t *tracer) square(row, col, corners int) {
	edges := [4]int32{north: t.above[col], west: t.between}
	nw, ne, se, sw := corners&1, corners>>1&1, corners>>2&1, corners>>3&1
	if ne != se {
		t.between = t.add(t.crossing(row-1, col, row, col))
		edges[east] = t.between
	}
	if sw != se {
		t.below[col] = t.add(t.crossing(row, col-1, row, col))
		edges[south] = t.below[col]
		t.onRows = append(t.onRows, t.below[col])
	}
	if nw == se && ne == sw && nw != ne && t.middle(row, col) > t.level {
		corners = 16 + ne
	}
	pairs := lines[corners]
	for k := 0; k < len(pairs); k += 2 {
		t.next[edges[pairs[k]]] = edges[pairs[k+1]]
	}
}

func (t *tracer) add(p orb.Point) int32 {
	t.points = append(t.points, p)
	t.next = append(t.next, 0)
	return int32(len(t.points) - 1)
}

// crossing gives where the level lies between two neighbouring cells. Towards an imagined cell it lies on the real one.
func (t *tracer) crossing(row0, col0, row1, col1 int) orb.Point {
	f := t.field
	if row0 < 0 || col0 < 0 || row1 >= f.Rows || col1 >= f.Cols {
		return orb.Point{float64(min(col1, f.Cols-1)), float64(min(row1, f.Rows-1))}
	}
	v0, v1 := t.value(row0, col0), t.value(row1, col1)
	share := min(max((t.level-v0)/(v1-v0), 0), 1)
	return orb.Point{float64(col0) + share*float64(col1-col0), float64(row0) + share*float64(row1-row0)}
}

// middle gives the mean of the four corners of a square.
func (t *tracer) middle(row, col int) float64 {
	return (tenths(t.value(row-1, col-1)) + tenths(t.value(row-1, col)) +
		tenths(t.value(row, col-1)) + tenths(t.value(row, col))) / 4
}

// tenths undoes the rounding to float32 of a value in tenths of a unit, as radar data are packed: there the mean of
// four is often the level itself, and the rounding would decide what is joined.
func tenths(v float64) float64 {
	if exact := math.Round(v*10) * 0.1; float32(exact) == float32(v) {
		return exact
	}
	return v
}

// value gives the finite number that a cell counts as.
func (t *tracer) value(row, col int) float64 {
	v := float64(t.field.At(row, col))
	switch {
	case math.IsNaN(v):
		return t.unobserved
	case math.IsInf(v, 0):
		return math.Copysign(math.MaxFloat32, v)
	}
	return v
}
