package mosaic

import (
	"math"
	"slices"
	"sync"
)

// nobody is the set without radars.
const nobody = 0

// sets are the sets of radars that see a cell together, by number.
type sets struct {
	mu    sync.Mutex
	names [][]string // of each set, in their order
	steps map[step]uint16
}

// step leads from a set to the one with a radar more.
type step struct {
	set   uint16
	radar string
}

func newSets() *sets { return &sets{names: [][]string{nil}, steps: map[step]uint16{}} }

// with gives the set that has a radar more, whose name comes after all that are in it. Of more sets than there are
// numbers, which no network has, the radar is left out.
func (s *sets) with(set uint16, radar string) uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	next, known := s.steps[step{set, radar}]
	switch {
	case known:
		return next
	case len(s.names) > math.MaxUint16:
		return max(set, 1)
	}
	next = uint16(len(s.names))
	s.names = append(s.names, append(slices.Clone(s.names[set]), radar))
	s.steps[step{set, radar}] = next
	return next
}
