package grid

import (
	"runtime"
	"sync"
)

// Bands cuts the rows into one band per processor, works on them at once, and returns when all are done.
func Bands(rows int, work func(from, to int)) {
	n := min(runtime.GOMAXPROCS(0), rows)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { work(rows*i/n, rows*(i+1)/n) })
	}
	wait.Wait()
}
