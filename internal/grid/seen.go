package grid

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// NotSeen is the age of a cell that no radar sees.
const NotSeen = math.MaxUint16

// Seen says of each cell of a grid which radars see it, and how old what they saw is. A published one is read-only.
type Seen struct {
	AgeS []uint16   // seconds before the grid's time; NotSeen where no radar sees the cell
	By   []uint16   // which radars: a number for Sets
	Sets [][]string // names of radars
}

// At gives the age in seconds and the radars of a cell, none where nobody sees it.
func (s *Seen) At(cell int) (ageS int, by []string) {
	return int(s.AgeS[cell]), s.Sets[s.By[cell]]
}

// Ages are kept in steps of ageStepS; oldAge and more are one step, unseenAge is none.
const (
	ageStepS  = 5
	oldAge    = 254
	unseenAge = 255
)

// wireSeen stands in the header, and its block behind those of the lead times: for each cell a byte of age, and the low
// and the high byte of its set's number. Sets are of places in the header's radars, in the order in which they occur.
type wireSeen struct {
	Bytes int     `json:"bytes"`
	Sets  [][]int `json:"sets"`
}

// encodeSeen gives what stands in the header, and the block.
func encodeSeen(s *Seen, radars []string, cells int) (*wireSeen, []byte, error) {
	if s == nil {
		return nil, nil, nil
	}
	if len(s.AgeS) != cells || len(s.By) != cells {
		return nil, nil, fmt.Errorf("%d ages and %d sets of radars for %d cells", len(s.AgeS), len(s.By), cells)
	}
	planes := make([]byte, 3*cells)
	ages, low, high := planes[:cells], planes[cells:2*cells], planes[2*cells:]
	h := &wireSeen{Sets: [][]int{}}
	numbers := make([]int, len(s.Sets)) // from 1, once they have occurred
	for i, set := range s.By {
		if int(set) >= len(s.Sets) {
			return nil, nil, fmt.Errorf("cell %d is seen by set %d of %d", i, set, len(s.Sets))
		}
		if numbers[set] == 0 {
			h.Sets = append(h.Sets, places(s.Sets[set], radars))
			numbers[set] = len(h.Sets)
		}
		number := numbers[set] - 1
		ages[i], low[i], high[i] = ageCode(s.AgeS[i]), byte(number), byte(number>>8)
	}
	block := wireEncoder.EncodeAll(planes, nil)
	h.Bytes = len(block)
	return h, block, nil
}

// places gives where names stand in a list; those that do not are left out.
func places(names, in []string) []int {
	at := []int{}
	for _, name := range names {
		if i := slices.Index(in, name); i >= 0 {
			at = append(at, i)
		}
	}
	return at
}

func ageCode(ageS uint16) byte {
	if ageS == NotSeen {
		return unseenAge
	}
	return byte(min(oldAge, (int(ageS)+ageStepS/2)/ageStepS))
}

// DecodeSeen reads which radars see the cells of a stored grid, and how old that is, within 2.5 s up to 1270 s and as that
// beyond. It gives nil for a grid that does not say.
func DecodeSeen(data []byte) (*Seen, error) {
	h, blocks, err := readHeader(data)
	if err != nil || h.Seen == nil {
		return nil, wrapSeen(err)
	}
	for _, l := range h.Leads {
		blocks = blocks[l.Bytes:]
	}
	s, err := readSeen(blocks[:h.Seen.Bytes], h)
	return s, wrapSeen(err)
}

func wrapSeen(err error) error {
	if err != nil {
		return fmt.Errorf("stored grid: %w", err)
	}
	return nil
}

func readSeen(block []byte, h wireHeader) (*Seen, error) {
	cells := h.Domain.Rows * h.Domain.Cols
	planes, err := inflate(block, 3*cells)
	if err != nil {
		return nil, err
	}
	s := &Seen{AgeS: make([]uint16, cells), By: make([]uint16, cells)}
	for _, set := range h.Seen.Sets {
		var names []string
		for _, at := range set {
			if at < 0 || at >= len(h.Radars) {
				return nil, fmt.Errorf("radar %d of %d", at, len(h.Radars))
			}
			names = append(names, h.Radars[at])
		}
		s.Sets = append(s.Sets, names)
	}
	for i := range s.By {
		s.By[i] = uint16(planes[cells+i]) | uint16(planes[2*cells+i])<<8
		if int(s.By[i]) >= len(s.Sets) {
			return nil, errors.New("a set of radars that is not there")
		}
		if s.AgeS[i] = NotSeen; planes[i] != unseenAge {
			s.AgeS[i] = ageStepS * uint16(planes[i])
		}
	}
	return s, nil
}

// inflate gives the so many bytes that a block holds, and reads no block that says otherwise.
func inflate(block []byte, size int) ([]byte, error) {
	var z zstd.Header
	if err := z.Decode(block); err != nil {
		return nil, fmt.Errorf("block: %w", err)
	}
	if !z.HasFCS || z.FrameContentSize != uint64(size) {
		return nil, fmt.Errorf("a block of %d bytes, want %d", z.FrameContentSize, size)
	}
	b, err := wireDecoder.DecodeAll(block, make([]byte, 0, size))
	if err != nil || len(b) != size {
		return nil, fmt.Errorf("a block that inflates to %d bytes, want %d: %w", len(b), size, err)
	}
	return b, nil
}
