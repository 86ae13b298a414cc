package grid

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Bands cuts the rows into one band per processor, works on them at once, and returns when all are done.
func Bands(rows int, work func(from, to int)) {
	n := min(runtime.GOMAXPROCS(0), rows)
	if n == 0 {
		return
	}
	var wait sync.WaitGroup
	for i := 1; i < n; i++ {
		wait.Go(func() { work(rows*i/n, rows*(i+1)/n) })
	}
	work(0, rows/n) // here, so that one processor less is woken
	wait.Wait()
}

// shareRows is how many rows a processor takes at a time, so that what lies near is seldom needed by two.
const shareRows = 16

// Shares works on rows that differ in how long they take: each processor takes some more when it is done with those it
// had. begin gives the work on a row; it is called once for each processor, for what that needs for itself.
func Shares(rows int, begin func() (work func(row int))) {
	var taken atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (rows+shareRows-1)/shareRows) {
		wait.Go(func() {
			work := begin()
			for {
				end := int(taken.Add(shareRows))
				for row := end - shareRows; row < min(end, rows); row++ {
					work(row)
				}
				if end >= rows {
					return
				}
			}
		})
	}
	wait.Wait()
}
