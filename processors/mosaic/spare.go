package mosaic

import "sync"

// spareBytes bounds the memory for sums that is kept: as much as those of one super-resolution volume take.
const spareBytes = 64 << 20

// spareSums are used again: those of a volume take longer to get from the system than to fill.
var spareSums spare

type spare struct {
	sync.Mutex
	lists [][]uint64
	bytes int
}

// take gives a list of so many sums, which hold anything.
func (s *spare) take(n int) []uint64 {
	s.Lock()
	defer s.Unlock()
	best := -1
	for i, list := range s.lists {
		if cap(list) >= n && (best < 0 || cap(list) < cap(s.lists[best])) {
			best = i
		}
	}
	if best < 0 {
		return make([]uint64, n)
	}
	list := s.lists[best]
	last := len(s.lists) - 1
	s.lists[best], s.lists[last] = s.lists[last], nil
	s.lists, s.bytes = s.lists[:last], s.bytes-8*cap(list)
	return list[:n]
}

// give takes a list back.
func (s *spare) give(list []uint64) {
	s.Lock()
	defer s.Unlock()
	if list == nil || s.bytes+8*cap(list) > spareBytes {
		return
	}
	s.lists, s.bytes = append(s.lists, list), s.bytes+8*cap(list)
}
