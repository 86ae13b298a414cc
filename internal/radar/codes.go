package radar

import (
	"math"
	"slices"
)

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

// expand writes the values that codes stand for: a plane of low bytes, and one of high bytes if it is there.
func (c Coding) expand(values []float32, codes []byte) {
	var table [usualCodes]float32
	low, high := codes[:len(values)], codes[len(values):]
	if len(high) == 0 {
		for code := range table[:256] {
			table[code] = c.value(uint16(code))
		}
		expandLow((*[256]float32)(table[:]), values, low)
		return
	}
	for code := range table {
		table[code] = c.value(uint16(code))
	}
	high = high[:len(values)]
	for i := range values {
		if code := uint16(low[i]) | uint16(high[i])<<8; code < usualCodes {
			values[i] = table[code]
		} else {
			values[i] = c.value(code)
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

// Expanded gives the sweep with those moments only, with values that are its own: it may be released by itself.
func (s *Sweep) Expanded(names ...string) Sweep {
	out := *s
	out.Moments = nil
	for i := range s.Moments {
		if m := s.Moments[i]; slices.Contains(names, m.Name) {
			m.Codes, m.Values = nil, s.valuesOf(&m)
			out.Moments = append(out.Moments, m)
		}
	}
	return out
}

func (s *Sweep) valuesOf(m *Moment) []float32 {
	values := NewValues(len(s.Rays) * m.Gates.Count)
	if m.Codes == nil {
		copy(values, m.Values)
		return values
	}
	m.Coding.expand(values, m.Codes)
	return values
}
