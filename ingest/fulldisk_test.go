package ingest_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"bowecho/internal/stream/streamtest"

	"golang.org/x/sys/unix"
)

// TestAFullDiskLosesNothing fills the server's disk while files come, and makes room some seconds later.
func TestAFullDiskLosesNothing(t *testing.T) {
	const count = 60
	disk := streamtest.SmallDisk(t)
	client := streamtest.ConnectOn(t, disk)
	ballast := filepath.Join(disk, "ballast")
	var from files
	for n := range count {
		from = append(from, onDisk(t, t.TempDir(), file(t, n)))
	}
	var room sync.WaitGroup
	take(t, client, counted{from, func(n int) {
		if n != count/3 {
			return
		}
		if err := os.WriteFile(ballast, make([]byte, 64<<20), 0o600); !errors.Is(err, unix.ENOSPC) {
			t.Errorf("the disk is not full: %v", err)
		}
		room.Go(func() {
			time.Sleep(4 * time.Second)
			if err := os.Remove(ballast); err != nil {
				t.Error(err)
			}
		})
	}})
	room.Wait()
	if got, want := tallied(t, client, count), (tally{Sent: count, Announced: count}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
