package nowcast

import (
	"math"
	"sync"

	"bowecho/internal/grid"
)

// distribution counts rain rates in bins whose width is a share of the rate: the upper bits of a float32.
type distribution [bins]int

const (
	binBits   = 16              // bits of a float32 that a bin leaves out: 7 of its fraction stay, which makes bins 0.05 dB wide
	lowestBin = (127 - 16) << 7 // of 2^-16, less than 0.001 dB above the floor; no rain is here, too
	bins      = (31 + 16) << 7  // up to 2^31, more than mostDB above the floor
)

// bin gives where a rate is counted, and how far it is from the bin's lower edge to the upper.
func bin(rate float32) (b int, share float32) {
	bits := math.Float32bits(rate)
	b = int(bits>>binBits) - lowestBin
	if b <= 0 {
		return 0, 0
	}
	if b >= bins {
		return bins - 1, 0
	}
	return b, float32(bits&(1<<binBits-1)) / (1 << binBits)
}

// distributed counts the rates of a plane, as far as it was observed.
func distributed(p plane) *distribution {
	var lock sync.Mutex
	var d distribution
	grid.Bands(p.rows, func(from, to int) {
		var own distribution
		for _, v := range p.v[from*p.cols : to*p.cols] {
			if v == v {
				b, _ := bin(v)
				own[b]++
			}
		}
		lock.Lock()
		defer lock.Unlock()
		for b, n := range own {
			d[b] += n
		}
	})
	return &d
}

func (d *distribution) total() (n int) {
	for _, k := range d {
		n += k
	}
	return n
}

// lowerEdges gives the lower edge of every bin in dBZ; that of no rain is the floor.
func lowerEdges(floor float32) *[bins]float32 {
	var edges [bins]float32
	for b := range edges {
		edges[b] = reflectivity(math.Float32frombits(uint32(b+lowestBin)<<binBits), floor)
	}
	edges[0] = floor
	return &edges
}

// matching gives, for the lower edge of every bin of other, the reflectivity that an equal share of cells exceeds in d.
// Where no rain is left, that is the floor.
func (d *distribution) matching(other *distribution, edges *[bins]float32) *[bins]float32 {
	var out [bins]float32
	scale := float64(d.total()) / float64(max(other.total(), 1))
	b := bins - 1
	for b > 0 && d[b] == 0 {
		b--
	}
	var above, exceeding float64 // cells in bins of d above b, and in those of other from k on
	for k := bins - 1; k >= 0; k-- {
		exceeding += float64(other[k]) * scale
		for b > 0 && above+float64(d[b]) < exceeding {
			above += float64(d[b])
			b--
		}
		switch {
		case b == 0:
			out[k] = edges[0]
		case d[b] == 0 || b == bins-1:
			out[k] = edges[b]
		default:
			out[k] = mix(edges[b+1], edges[b], float32((exceeding-above)/float64(d[b])))
		}
	}
	out[0] = edges[0]
	return &out
}
