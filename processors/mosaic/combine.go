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
		ages[i] = agesAt(m.Time, l.times)
	}
	grid.Bands(rows.end-rows.first, func(from, to int) {
		r := newRow(m, t, how)
		for i := rows.first + from; i < rows.first+to; i++ {
			r.begin(i)
			for k, l := range layers {
				r.lay(l.row(i), ages[k], l.look.Radar)
			}
			r.finish()
		}
	})
}

// agesAt gives the age of each sweep in whole seconds.
func agesAt(at time.Time, times []time.Time) (ages []uint16) {
	for _, when := range times {
		ages = append(ages, uint16(max(0, min(grid.NotSeen-1, at.Sub(when).Seconds()+0.5))))
	}
	return ages
}

// row is one row of a tile of a mosaic while radars are put together, and what is needed meanwhile.
type row struct {
	mosaic  *Mosaic
	tile    tile
	how     string
	dBZ     []float32
	ageS    []uint16
	seenBy  []uint16
	metres  []float32 // to the radar that counts, of Nearest
	tallies []tally   // of Weighted; what is seen is the sum of the weights
	ages    []float32
}

func newRow(m *Mosaic, t tile, how string) *row {
	r := &row{mosaic: m, tile: t, how: how}
	switch how {
	case Nearest:
		r.metres = make([]float32, t.Cols)
	case Weighted:
		r.tallies, r.ages = make([]tally, t.Cols), make([]float32, t.Cols)
	}
	return r
}

// begin turns to a row of the tile, of which nobody has seen anything yet.
func (r *row) begin(i int) {
	m := r.mosaic
	at := (r.tile.row+i)*m.DBZ.Cols + r.tile.col
	r.dBZ, r.ageS, r.seenBy = m.DBZ.Values[at:at+r.tile.Cols], m.AgeS[at:at+r.tile.Cols], m.seenBy[at:at+r.tile.Cols]
	fill(r.dBZ, nan)
	fill(r.ageS, grid.NotSeen)
	clear(r.seenBy)
	clear(r.tallies)
	clear(r.ages)
}

// lay adds what one radar says of some cells, and tells whether it says anything.
func (r *row) lay(s strip, ages []uint16, radar string) (sees bool) {
	var before, after uint16 // the last step from a set of radars to the next
	dBZ, ageS, seenBy := r.dBZ[s.col:][:len(s.values)], r.ageS[s.col:][:len(s.values)], r.seenBy[s.col:][:len(s.values)]
	for k, v := range s.values {
		if v != v {
			continue
		}
		set, age := seenBy[k], ages[s.sweeps[k]]
		if !sees || set != before {
			sees, before, after = true, set, r.mosaic.sets.with(set, radar)
		}
		seenBy[k] = after
		first := set == nobody
		switch r.how {
		case Nearest:
			if c, metres := s.col+k, s.places[k].groundM; first || metres < r.metres[c] {
				dBZ[k], ageS[k], r.metres[c] = v, age, metres
			}
		case Weighted:
			r.weigh(s.col+k, v, float32(age), s.places[k].groundM, s.trust[k])
		default:
			if first || v > dBZ[k] || v == dBZ[k] && age < ageS[k] {
				dBZ[k], ageS[k] = v, age
			}
		}
	}
	return sees
}

func (r *row) weigh(c int, v, age, metres, trust float32) {
	distance := float64(metres / lengthM)
	weight := max(leastWeight, trust*float32(math.Exp(-distance*distance-float64(age/lifetimeS))))
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
		if r.seenBy[c] != nobody {
			r.dBZ[c] = tally{1, t.echo / t.seen, t.dBZ / t.seen}.value()
			r.ageS[c] = uint16(r.ages[c]/t.seen + 0.5)
		}
	}
}
