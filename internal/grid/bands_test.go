package grid

import (
	"sync/atomic"
	"testing"
)

func TestBandsCoverEveryRowOnce(t *testing.T) {
	for _, rows := range []int{0, 1, 2, 7, 1000} {
		seen := make([]atomic.Int32, rows)
		Bands(rows, func(from, to int) {
			for r := from; r < to; r++ {
				seen[r].Add(1)
			}
		})
		for r := range seen {
			if n := seen[r].Load(); n != 1 {
				t.Errorf("of %d rows, row %d was worked on %d times, want once", rows, r, n)
			}
		}
	}
}

func TestSharesCoverEveryRowOnce(t *testing.T) {
	for _, rows := range []int{0, 1, 15, 16, 17, 1000} {
		seen := make([]atomic.Int32, rows)
		Shares(rows, func() func(int) {
			return func(row int) { seen[row].Add(1) }
		})
		for r := range seen {
			if n := seen[r].Load(); n != 1 {
				t.Errorf("of %d rows, row %d was worked on %d times, want once", rows, r, n)
			}
		}
	}
}
