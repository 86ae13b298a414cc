package nowcast

import (
	"math"
	"sync"

	"bowecho/internal/grid"
)

// distribution counts values of at least 0 in bins whose width is a share of their value: the upper bits of a float32.
type distribution struct {
	bins  []int
	total int // cells observed, with those at 0
}

const (
	binBits = 16 // bits of a float32 that a bin leaves out: 7 of its fraction stay, which makes bins 0.05 dB wide
	allBins = 0x7f800000 >> binBits
)

func bin(v float32) (b int, share float32) {
	bits := math.Float32bits(v)
	return int(bits >> binBits), float32(bits&(1<<binBits-1)) / (1 << binBits)
}

func edge(b int) float32 { return math.Float32frombits(uint32(b) << binBits) }

func distributed(p plane) distribution {
	d := distribution{bins: make([]int, allBins+1)}
	var lock sync.Mutex
	grid.Bands(p.rows, func(from, to int) {
		own, total := make([]int, allBins+1), 0
		for _, v := range p.v[from*p.cols : to*p.cols] {
			if v >= 0 {
				total++
				own[math.Float32bits(v)>>binBits]++
			}
		}
		lock.Lock()
		defer lock.Unlock()
		d.total += total
		for b, n := range own {
			d.bins[b] += n
		}
	})
	return d
}

// given writes to out the values of p, each replaced by that of the same rank in d, in dBZ.
func (d distribution) given(p, out plane, floor float32) plane {
	table := d.matching(distributed(p), floor)
	grid.Bands(p.rows, func(from, to int) {
		for i := from * p.cols; i < to*p.cols; i++ {
			v := p.v[i]
			if v > 0 {
				b, share := bin(v)
				v = mix(table[b], table[b+1], share)
			} else {
				v += floor
			}
			out.v[i] = v
		}
	})
	return out
}

// matching gives for the lower edge of every bin of the other distribution the value in dBZ that as large a share exceeds in d.
func (d distribution) matching(other distribution, floor float32) []float32 {
	table := make([]float32, allBins+2)
	scale := float64(d.total) / float64(max(other.total, 1))
	b, above := allBins, 0.0 // in d: a bin, and how many cells are in those above it
	for b > 0 && d.bins[b] == 0 {
		b--
	}
	var exceeding float64 // in other
	for i := range table {
		k := len(table) - 1 - i
		if k <= allBins {
			exceeding += float64(other.bins[k]) * scale
		}
		for b > 0 && above+float64(d.bins[b]) < exceeding {
			above += float64(d.bins[b])
			b--
		}
		if b == 0 {
			table[k] = floor
			continue
		}
		low, high := reflectivity(edge(b), floor), reflectivity(edge(min(b+1, allBins-1)), floor)
		share := float32(0)
		if n := d.bins[b]; n > 0 {
			share = float32((exceeding - above) / float64(n))
		}
		table[k] = mix(high, low, share)
	}
	return table
}
