package fleettest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"bowecho/dispatcher/fleet"
)

// Memory is a fleet whose workers are numbers.
type Memory struct {
	Cloud        string // of its stints
	PricePerHour float64

	mu      sync.Mutex
	counts  map[string]int
	reasons []string
	stints  []fleet.Stint
	fault   error
	narrow  bool
	room    int
}

// Scale sets the number, or gives the fault.
func (f *Memory) Scale(_ context.Context, chain string, count int, reason string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault != nil {
		return f.fault
	}
	if err := fleet.CheckCount(chain, count); err != nil {
		return err
	}
	if f.counts == nil {
		f.counts = map[string]int{}
	}
	f.clock(chain, count-f.counts[chain])
	f.counts[chain] = count
	f.reasons = append(f.reasons, fmt.Sprintf("%s %d: %s", chain, count, reason))
	return nil
}

// clock lets so many workers start, or the newest so many end. The lock is held.
func (f *Memory) clock(chain string, change int) {
	now := time.Now().UTC()
	for ; change > 0; change-- {
		f.stints = append(f.stints, fleet.Stint{
			Worker: fmt.Sprint(len(f.stints)), Chain: chain, Cloud: f.Cloud, PricePerHour: f.PricePerHour, Started: now,
		})
	}
	for i, s := range slices.Backward(f.stints) {
		if change < 0 && s.Chain == chain && s.Ended.IsZero() {
			f.stints[i].Ended = now
			change++
		}
	}
}

// Stints gives when each worker started and ended, or the fault.
func (f *Memory) Stints(context.Context) ([]fleet.Stint, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.stints), f.fault
}

// Count gives the numbers, up to the room that each chain has, or the fault.
func (f *Memory) Count(context.Context) (map[string]int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault != nil {
		return nil, f.fault
	}
	counts := map[string]int{}
	for chain, count := range f.counts {
		counts[chain] = count
		if f.narrow {
			counts[chain] = min(count, f.room)
		}
	}
	return counts, nil
}

// Full tells how much room there is for a chain that was asked for more.
func (f *Memory) Full(chain string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.narrow && f.counts[chain] > f.room {
		return fmt.Sprintf("room for %d", f.room)
	}
	return ""
}

// Reasons gives each scaling so far as chain, number and reason.
func (f *Memory) Reasons() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.reasons...)
}

// Break makes everything fail from now on; nil mends it.
func (f *Memory) Break(fault error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = fault
}

// Narrow leaves room for so many workers a chain; below zero for any number.
func (f *Memory) Narrow(room int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.room, f.narrow = room, room >= 0
}
