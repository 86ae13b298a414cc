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

// extent is rows of a tile, from first until before end.
type extent struct{ first, end int }

func (e extent) and(other extent) extent {
	return extent{min(e.first, other.first), max(e.end, other.end)}
}

// combine puts the layers of a tile together in some of its rows. Layers come in the order of their radars' names.
func (m *Mosaic) combine(layers []*layer, t tile, rows extent, how string) {
	ages := make([][]uint16, len(layers))
	for i, l := range layers {
		ages[i] = l.agesAt(m.Time)
	}
	grid.Bands(rows.end-rows.first, func(from, to int) {
		r := row{metres: make([]float32, t.Cols), tallies: make([]tally, t.Cols), ages: make([]float32, t.Cols)}
		for i := rows.first + from; i < rows.first+to; i++ {
			at := (t.row+i)*m.DBZ.Cols + t.col
			r.dBZ, r.ageS, r.looks = m.DBZ.Values[at:at+t.Cols], m.AgeS[at:at+t.Cols], m.Looks[at:at+t.Cols]
			r.begin(how)
			for k, l := range layers {
				if values, sweeps, places, col := l.row(i); len(values) > 0 {
					r.lay(values, sweeps, places, col, ages[k], how)
				}
			}
			if how == Weighted {
				r.finish()
			}
		}
	})
}

// agesAt gives the age of each sweep in whole seconds.
func (l *layer) agesAt(at time.Time) (ages []uint16) {
	for _, when := range l.times {
		ages = append(ages, uint16(max(0, min(NotSeen-1, at.Sub(when).Seconds()+0.5))))
	}
	return ages
}

// row is one row of a mosaic while layers are put together, and what is needed meanwhile.
type row struct {
	dBZ     []float32
	ageS    []uint16
	looks   []uint8
	metres  []float32 // to the radar that counts, of Nearest
	tallies []tally   // of Weighted; what is seen is the sum of the weights
	ages    []float32
}

func (r *row) begin(how string) {
	clear(r.looks)
	for c := range r.dBZ {
		r.dBZ[c] = nan
	}
	for c := range r.ageS {
		r.ageS[c] = NotSeen
	}
	if how == Weighted {
		clear(r.tallies)
		clear(r.ages)
	}
}

// lay adds what one radar says of the cells from a column on.
func (r *row) lay(values []float32, sweeps []uint16, places []place, col int, ages []uint16, how string) {
	for k, v := range values {
		if v != v {
			continue
		}
		c, age := col+k, ages[sweeps[k]]
		first := r.looks[c] == 0
		if r.looks[c] < math.MaxUint8 {
			r.looks[c]++
		}
		switch how {
		case Nearest:
			if metres := places[k].groundM; first || metres < r.metres[c] {
				r.dBZ[c], r.ageS[c], r.metres[c] = v, age, metres
			}
		case Weighted:
			r.weigh(c, v, float32(age), places[k].groundM)
		default:
			if first || v > r.dBZ[c] || v == r.dBZ[c] && age < r.ageS[c] {
				r.dBZ[c], r.ageS[c] = v, age
			}
		}
	}
}

func (r *row) weigh(c int, v, age, metres float32) {
	distance := float64(metres / lengthM)
	weight := float32(max(leastWeight, math.Exp(-distance*distance-float64(age/lifetimeS))))
	t := tally{seen: 1}
	if v != grid.NoEchoDBZ {
		t.echo, t.dBZ = 1, v
	}
	r.tallies[c].plus(t, weight)
	r.ages[c] += weight * age
}

// finish makes means of weighted sums.
func (r *row) finish() {
	for c, t := range r.tallies {
		if r.looks[c] > 0 {
			r.dBZ[c] = tally{1, t.echo / t.seen, t.dBZ / t.seen}.value()
			r.ageS[c] = uint16(r.ages[c]/t.seen + 0.5)
		}
	}
}
