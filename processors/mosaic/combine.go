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

// nearness holds what a radar counts each nearnessM from its site. A line between them is within 0.00003 of it; from the last
// on it is nothing.
var nearness = func() (at [1024]float32) {
	for i := range at[:len(at)-2] {
		distance := float64(i) * nearnessM / lengthM
		at[i] = float32(math.Exp(-distance * distance))
	}
	return at
}()

const nearnessM = 500

// weightAt gives what a radar counts at a distance.
func weightAt(metres float32) float32 {
	at := metres / nearnessM
	i := min(int(at), len(nearness)-2)
	before, after := nearness[i], nearness[i+1]
	return before + (at-float32(i))*(after-before)
}

// extent is rows of a tile, from first until before end.
type extent struct{ first, end int }

func (e extent) and(other extent) extent {
	return extent{min(e.first, other.first), max(e.end, other.end)}
}

// combine puts the layers of a tile together in some of its rows. Layers come in the order of their radars' names.
func (m *Mosaic) combine(layers []*layer, t tile, rows extent, how string) {
	ages := make([][]age, len(layers))
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

// age is how old a sweep is, in seconds, and what it counts for that.
type age struct {
	s      uint16
	weight float32
}

// agesAt gives the age of each sweep in whole seconds.
func agesAt(at time.Time, times []time.Time) (ages []age) {
	for _, when := range times {
		s := uint16(max(0, min(grid.NotSeen-1, at.Sub(when).Seconds()+0.5)))
		ages = append(ages, age{s, float32(math.Exp(-float64(s) / lifetimeS))})
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
func (r *row) lay(s strip, ages []age, radar string) (sees bool) {
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
				dBZ[k], ageS[k], r.metres[c] = v, age.s, metres
			}
		case Weighted:
			r.weigh(s.col+k, v, float32(age.s), age.weight*s.trust[k]*weightAt(s.places[k].groundM))
		default:
			if first || v > dBZ[k] || v == dBZ[k] && age.s < ageS[k] {
				dBZ[k], ageS[k] = v, age.s
			}
		}
	}
	return sees
}

// weigh adds a value, and how old it is, to the weighted sums of a cell.
func (r *row) weigh(c int, v, ageS, weight float32) {
	weight = max(leastWeight, weight)
	t := tally{seen: 1}
	if v != grid.NoEchoDBZ {
		t.echo, t.dBZ = 1, v
	}
	r.tallies[c].plus(t, weight)
	r.ages[c] += weight * ageS
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
