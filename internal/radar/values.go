package radar

import (
	"math/bits"
	"sync"
)

// spareValues keeps the values of released scans, by the length of their number's bits: the tens of megabytes of a
// volume cost more to get from the system anew than to fill.
var spareValues [bits.UintSize + 1]sync.Pool

// NewValues gives n values that hold whatever they held before: all must be written.
func NewValues(n int) []float32 {
	if spare, ok := spareValues[bits.Len(uint(n))].Get().(*[]float32); ok && cap(*spare) >= n {
		return (*spare)[:n]
	}
	return make([]float32, n)
}

// Release gives up a scan's values for use in others. Nobody may look at them from then on.
func (s *Scan) Release() {
	for i := range s.Sweeps {
		for j := range s.Sweeps[i].Moments {
			m := &s.Sweeps[i].Moments[j]
			values := m.Values
			m.Values = nil
			spareValues[bits.Len(uint(len(values)))].Put(&values)
		}
	}
}
