package mosaic

import (
	"math"
	"time"

	"bowecho/internal/grid"
)

// lengthM is at what distance a radar counts 1/e of what it counts at its site. Source: Zhang et al. 2005, J. Atmos.
// Oceanic Technol. 22, 30-42, eq. 4. As much as a radar 50 km away loses a sweep that is five minutes old: convective
// echo changes as much in the one as the beam widens in the other.
const (
	lengthM   = 50_000.0
	lifetimeS = 300.0
)

// leastWeight lets a radar count that is the only one, however far.
const leastWeight = 1e-30

// combine puts the layers of a tile together in some of its rows. Layers come in the order of their radars' names.
func (m *Mosaic) combine(layers []*layer, t tile, rows extent, how string) {
	grid.Bands(rows.end-rows.first, func(from, to int) {
		w := newRowWork(t.Cols)
		for row := rows.first + from; row < rows.first+to; row++ {
			w.begin()
			for _, l := range layers {
				w.lay(l, row, m.Time, how)
			}
			w.finish(m, (t.row+row)*m.DBZ.Cols+t.col, how)
		}
	})
}

// extent is rows of a tile, from first until before end.
type extent struct{ first, end int }

func (e extent) and(other extent) extent {
	return extent{min(e.first, other.first), max(e.end, other.end)}
}

// rowWork is the work on one row; its memory is used for the next.
type rowWork struct {
	values  []float32
	ages    []float32 // s
	looks   []uint8
	metres  []float32 // to the radar that counts, of Nearest
	tallies []tally   // of Weighted
	weights []float32
}

func newRowWork(cols int) *rowWork {
	return &rowWork{make([]float32, cols), make([]float32, cols), make([]uint8, cols), make([]float32, cols), make([]tally, cols), make([]float32, cols)}
}

func (w *rowWork) begin() {
	clear(w.looks)
	clear(w.tallies)
	clear(w.ages)
	clear(w.weights)
	for i := range w.values {
		w.values[i] = nan
	}
}

// lay adds what one radar says of a row.
func (w *rowWork) lay(l *layer, row int, at time.Time, how string) {
	i := row - l.ground.firstRow
	if i < 0 || i >= len(l.ground.spans) {
		return
	}
	ages := make([]float32, len(l.times))
	for k, when := range l.times {
		ages[k] = float32(max(0, at.Sub(when).Seconds()))
	}
	s := l.ground.spans[i]
	for k := s.at; k < s.at+s.cols; k++ {
		v, c := l.values[k], s.firstCol+k-s.at
		if v != v {
			continue
		}
		age := ages[l.from[k]]
		switch how {
		case Nearest:
			if metres := l.ground.places[k].groundM; w.looks[c] == 0 || metres < w.metres[c] {
				w.values[c], w.ages[c], w.metres[c] = v, age, metres
			}
		case Weighted:
			w.weigh(c, v, age, l.ground.places[k].groundM)
		default:
			if w.looks[c] == 0 || v > w.values[c] || v == w.values[c] && age < w.ages[c] {
				w.values[c], w.ages[c] = v, age
			}
		}
		if w.looks[c] < math.MaxUint8 {
			w.looks[c]++
		}
	}
}

func (w *rowWork) weigh(c int, v, age, metres float32) {
	distance := float64(metres / lengthM)
	weight := float32(max(leastWeight, math.Exp(-distance*distance-float64(age/lifetimeS))))
	t := tally{seen: 1}
	if v != grid.NoEchoDBZ {
		t.echo, t.dBZ = 1, v
	}
	w.tallies[c].plus(t, weight)
	w.ages[c] += weight * age
	w.weights[c] += weight
}

// finish writes a row into the mosaic, from a cell on.
func (w *rowWork) finish(m *Mosaic, at int, how string) {
	for c, v := range w.values {
		age := w.ages[c]
		if how == Weighted && w.looks[c] > 0 {
			var mean tally
			mean.plus(w.tallies[c], 1/w.weights[c])
			mean.seen = 1 // whatever rounding left of it
			v, age = mean.value(), age/w.weights[c]
		}
		m.DBZ.Values[at+c] = v
		m.Looks[at+c] = w.looks[c]
		m.AgeS[at+c] = NotSeen
		if w.looks[c] > 0 {
			m.AgeS[at+c] = uint16(min(age+0.5, NotSeen-1))
		}
	}
}
