// Package cpu tells benchmarks what a process has used of all processors, which a busy machine changes less than time.
package cpu

import (
	"syscall"
	"testing"
	"time"
)

// Used gives the time of all processors that this process has used so far.
func Used(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
