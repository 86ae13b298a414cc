package quality

import "math"

// A point is a gate of pointDBZ or more from which the echo falls off by pointOverDB two and three texture lags away on its
// ray, with next to nothing as strong in the box around but what it spills, and that falls off so in another look, too, in
// which it is not much weaker.
const (
	pointDBZ      = 25
	pointOverDB   = 20
	pointAgainDB  = 12
	alongLeast    = 3    // of four places on the ray
	beamDeg       = 1.0  // to both sides of which a point spills
	boxRays       = 2    // on each side of these
	boxLags       = 3    // on each side of the gate
	boxShare      = 0.08 // of the box at most
	pointSpillsDB = 10   // weaker at most is what a point spills to its neighbours
)

// spill is how far from its gate a point may still be seen strongly, to each side.
type spill struct{ rays, gates int }

// markPoints marks single strong gates that recur in another look, and what they spill to their neighbours.
func (v *view) markPoints() {
	if len(v.again) == 0 {
		return
	}
	n := v.gates.Count
	s := spill{rays: max(1, int(math.Round(beamDeg*float64(v.rays)/360))), gates: lagGates(v.gates.SpacingM)}
	for ray := range v.rays {
		for g := v.spans[ray].from; g < v.spans[ray].to; g++ {
			i := ray*n + g
			if v.z[i] >= pointDBZ && v.codes[i].mayBePoint() && v.isPoint(ray, g, s) && v.recurs(ray, g, s.gates) {
				v.markPoint(ray, g, s)
			}
		}
	}
}

// mayBePoint is of echoes that are not surely another thing.
func (c Code) mayBePoint() bool { return c == Weather || c == LowCorrelation || c == Clutter }

// isPoint tells whether a gate stands out from all around it.
func (v *view) isPoint(ray, gate int, s spill) bool {
	most := v.z[ray*v.gates.Count+gate] - pointOverDB
	if fallsOff(func(g int) float32 { return v.dbz(ray, g) }, gate, s.gates, most) < alongLeast {
		return false
	}
	strong, across, along := 0, s.rays+boxRays, boxLags*s.gates
	for r := -across; r <= across; r++ {
		for g := -along; g <= along; g++ {
			inside := r >= -s.rays && r <= s.rays && g >= -s.gates && g <= s.gates
			if !inside && v.dbz(ray+r, gate+g) > most {
				strong++
			}
		}
	}
	return float64(strong) <= boxShare*float64((2*across+1)*(2*along+1))
}

// fallsOff counts the places along a ray that hold no more than so much, none of echo among them.
func fallsOff(at func(gate int) float32, gate, lag int, most float32) (n int) {
	for _, g := range [4]int{gate - 3*lag, gate - 2*lag, gate + 2*lag, gate + 3*lag} {
		if !(at(g) > most) {
			n++
		}
	}
	return n
}

// dbz gives the reflectivity of a gate, rays counted round the turn; no data beyond the ray's ends.
func (v *view) dbz(ray, gate int) float32 {
	if gate < 0 || gate >= v.gates.Count {
		return nan
	}
	return v.z[v.turn(ray)*v.gates.Count+gate]
}

// turn counts rays round the turn.
func (v *view) turn(ray int) int { return ((ray % v.rays) + v.rays) % v.rays }

// recurs tells whether another look has a point within a lag of the same place.
func (v *view) recurs(ray, gate, lag int) bool {
	least := v.z[ray*v.gates.Count+gate] - pointAgainDB
	for _, s := range v.again {
		if s.values == nil || s.rays[ray] < 0 {
			continue
		}
		at := func(g int) float32 { return s.at(int(s.rays[ray]), g) }
		for g := gate - lag; g <= gate+lag; g++ {
			if z := at(g); z > least && fallsOff(at, g, lag, z-pointOverDB) >= alongLeast {
				return true
			}
		}
	}
	return false
}

// markPoint marks a point and what it spills.
func (v *view) markPoint(ray, gate int, s spill) {
	least := v.z[ray*v.gates.Count+gate] - pointSpillsDB
	for r := ray - s.rays; r <= ray+s.rays; r++ {
		for g := max(0, gate-s.gates); g <= min(v.gates.Count-1, gate+s.gates); g++ {
			i := v.turn(r)*v.gates.Count + g
			if v.codes[i].mayBePoint() && v.z[i] > least {
				v.codes[i] = Point
			}
		}
	}
}
