package radar

import (
	"math/bits"
	"sync"
)

// spare keeps the memory of released scans, by the length of its number's bits: the tens of megabytes of a volume cost
// more to get from the system anew than to fill.
type spare[T any] [bits.UintSize + 1]sync.Pool

var (
	spareValues spare[float32]
	spareCodes  spare[byte]
)

// take gives n elements that hold whatever they held before.
func (s *spare[T]) take(n int) []T {
	if kept, ok := s[bits.Len(uint(n))].Get().(*[]T); ok && cap(*kept) >= n {
		return (*kept)[:n]
	}
	return make([]T, n)
}

func (s *spare[T]) keep(memory []T) {
	if memory = memory[:cap(memory)]; len(memory) > 0 {
		s[bits.Len(uint(len(memory)))].Put(&memory)
	}
}

// NewValues gives n values that hold whatever they held before: all must be written.
func NewValues(n int) []float32 { return spareValues.take(n) }

// NewCodes gives n bytes of codes that hold whatever they held before: all must be written.
func NewCodes(n int) []byte { return spareCodes.take(n) }

// Release gives up a scan's values for use in others. Nobody may look at them from then on.
func (s *Scan) Release() {
	for i := range s.Sweeps {
		for j := range s.Sweeps[i].Moments {
			m := &s.Sweeps[i].Moments[j]
			spareValues.keep(m.Values)
			spareCodes.keep(m.Codes)
			m.Values, m.Codes = nil, nil
		}
	}
}
