package local

import (
	"context"
	"fmt"
	"slices"
	"time"

	"bowecho/dispatcher/fleet"
)

// begins notes that a process has started, under an id that no other has before this machine is started anew, and no
// later one by the clock.
func (f *Fleet) begins(chain string, process int, started time.Time) (worker string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	worker = fmt.Sprintf("%d-%d", process, started.UnixMicro())
	f.alive[chain]++
	f.stints = slices.DeleteFunc(f.stints, func(s fleet.Stint) bool {
		return !s.Ended.IsZero() && started.Sub(s.Ended) > fleet.RememberFor
	})
	f.stints = append(f.stints, fleet.Stint{Worker: worker, Chain: chain, Started: started.UTC()})
	return worker
}

func (f *Fleet) ends(chain, worker string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.alive[chain]--
	for i, s := range f.stints {
		if s.Worker == worker {
			f.stints[i].Ended = time.Now().UTC()
		}
	}
}

// Stints gives when each process started and ended.
func (f *Fleet) Stints(context.Context) ([]fleet.Stint, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.stints), nil
}
