package radar

import "math"

// Coding is how a file holds measurements: as Offset + Quantum × a number from 0 to 65532. It lets them be stored as
// exactly, and in less time. The zero Coding is of files that do not say.
type Coding struct{ Offset, Quantum float64 }

// The codes of gates that hold no measurement. That of a measurement is FirstCode + its number.
const (
	CodeNoData = iota
	CodeBelowThreshold
	CodeRangeFolded
	FirstCode
)

// codesOfMeasurements is how many there are.
const codesOfMeasurements = math.MaxUint16 + 1 - FirstCode

// value gives what a code stands for.
func (c Coding) value(code uint16) float32 {
	switch code {
	case CodeNoData:
		return NoDataValue
	case CodeBelowThreshold:
		return BelowThresholdValue
	case CodeRangeFolded:
		return RangeFoldedValue
	}
	return float32(c.Offset + c.Quantum*float64(code-FirstCode))
}

// usualCodes is how many codes a table of values holds: differential phase has ten bits.
const usualCodes = 2048

// expander makes values of codes by a table.
type expander struct {
	coding Coding
	table  [usualCodes]float32
}

func newExpander(c Coding) *expander {
	e := &expander{coding: c}
	for code := range e.table {
		e.table[code] = c.value(uint16(code))
	}
	return e
}

// expand writes the values that codes stand for; there may be no high bytes.
func (e *expander) expand(values []float32, low, high []byte) {
	low = low[:len(values)]
	if len(high) == 0 {
		expandLow((*[256]float32)(e.table[:]), values, low)
		return
	}
	high = high[:len(values)]
	for i := range values {
		if code := uint16(low[i]) | uint16(high[i])<<8; code < usualCodes {
			values[i] = e.table[code]
		} else {
			values[i] = e.coding.value(code)
		}
	}
}

func expandLow(table *[256]float32, values []float32, codes []byte) {
	for len(codes) >= 8 { // eight at a time takes two thirds of the time
		c, v := (*[8]byte)(codes), (*[8]float32)(values)
		v[0], v[1], v[2], v[3] = table[c[0]], table[c[1]], table[c[2]], table[c[3]]
		v[4], v[5], v[6], v[7] = table[c[4]], table[c[5]], table[c[6]], table[c[7]]
		codes, values = codes[8:], values[8:]
	}
	for i, code := range codes {
		values[i] = table[code]
	}
}

// Expand gives every moment its values in place of codes.
func (s *Scan) Expand() {
	type place struct {
		sweep  *Sweep
		moment *Moment
	}
	var coded []place
	for i := range s.Sweeps {
		for j := range s.Sweeps[i].Moments {
			if m := &s.Sweeps[i].Moments[j]; m.Codes != nil {
				coded = append(coded, place{&s.Sweeps[i], m})
			}
		}
	}
	_ = sideBySide(len(coded), func(i int) error {
		m := coded[i].moment
		m.Values = coded[i].sweep.valuesOf(m)
		spareCodes.keep(m.Codes)
		m.Codes = nil
		return nil
	}) // which does not fail
}

func (s *Sweep) valuesOf(m *Moment) []float32 {
	count := len(s.Rays) * m.Gates.Count
	values := NewValues(count)
	newExpander(m.Coding).expand(values, m.Codes[:count], m.Codes[count:])
	return values
}

// Rows gives a moment's values ray by ray, whether it holds values or codes, in memory that stays near at hand.
type Rows struct {
	moment *Moment
	codes  *expander
	row    []float32
	high   int // where the plane of high bytes begins, if there is one
}

// Rows gives the rows of a moment of the sweep; nil where it has none of that name.
func (s *Sweep) Rows(name string) *Rows {
	m := s.Moment(name)
	if m == nil {
		return nil
	}
	r := &Rows{moment: m}
	if m.Codes != nil {
		r.codes, r.row, r.high = newExpander(m.Coding), make([]float32, m.Gates.Count), len(s.Rays)*m.Gates.Count
	}
	return r
}

// Ray gives the values of one ray, until the next is asked for.
func (r *Rows) Ray(i int) []float32 {
	if r.codes == nil {
		return r.moment.Ray(i)
	}
	from, to := i*len(r.row), (i+1)*len(r.row)
	var high []byte
	if len(r.moment.Codes) > r.high {
		high = r.moment.Codes[r.high+from : r.high+to]
	}
	r.codes.expand(r.row, r.moment.Codes[from:to], high)
	return r.row
}

// On gives the rows if their gates lie where those do, though they be fewer or more; else nil.
func (r *Rows) On(g Gates) *Rows {
	if r == nil || !r.moment.Gates.alignedWith(g) {
		return nil
	}
	return r
}
