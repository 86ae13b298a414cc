package quality

// A point is one gate of so much or more, with almost all that lies two and three gates from it on the ray and two rays
// beside it weaker by so much, and seen again at the same place in another look.
const (
	pointDBZ      = 25
	pointOverDB   = 20
	pointAgainDB  = 12 // weaker at most in the other look
	ringGates     = 6
	ringLeast     = 5 // of them weaker
	pointReach    = 1 // gates and rays that a point spills over
	pointSpillsDB = 10
)

// markPoints marks single strong gates that recur in another look, and what they spill to their neighbours.
func (v *view) markPoints() {
	if len(v.again) == 0 {
		return
	}
	n := v.gates.Count
	for ray := range v.rays {
		for g := range n {
			i := ray*n + g
			if v.z[i] >= pointDBZ && v.codes[i].isStrongEcho() && v.isPoint(ray, g) && v.recurs(ray, g) {
				v.spread(ray, g)
			}
		}
	}
}

// isStrongEcho is of an echo that is not yet known to be another thing than a point.
func (c Code) isStrongEcho() bool { return c == Weather || c == LowCorrelation || c == Clutter }

// isPoint tells whether a gate stands out from the ring around it.
func (v *view) isPoint(ray, gate int) bool {
	weaker := 0
	most := v.z[ray*v.gates.Count+gate] - pointOverDB
	for _, off := range [ringGates][2]int{{0, -3}, {0, -2}, {0, 2}, {0, 3}, {-2, 0}, {2, 0}} {
		if !(v.dbz(ray+off[0], gate+off[1]) > most) {
			weaker++
		}
	}
	return weaker >= ringLeast
}

// dbz gives the reflectivity of a gate, rays counted round the turn; no data beyond the ray's ends.
func (v *view) dbz(ray, gate int) float32 {
	if gate < 0 || gate >= v.gates.Count {
		return nan
	}
	return v.z[(ray+v.rays)%v.rays*v.gates.Count+gate]
}

// recurs tells whether another look has it within a gate of the same place.
func (v *view) recurs(ray, gate int) bool {
	least := v.z[ray*v.gates.Count+gate] - pointAgainDB
	for _, s := range v.again {
		if s.values == nil || s.rays[ray] < 0 {
			continue
		}
		for g := gate - pointReach; g <= gate+pointReach; g++ {
			if there := int(s.rays[ray]); s.at(there, g) > least {
				return true
			}
		}
	}
	return false
}

// spread marks a point and those next to it that are over the ring, too.
func (v *view) spread(ray, gate int) {
	least := v.z[ray*v.gates.Count+gate] - pointSpillsDB
	for r := ray - pointReach; r <= ray+pointReach; r++ {
		for g := max(0, gate-pointReach); g <= min(v.gates.Count-1, gate+pointReach); g++ {
			i := (r+v.rays)%v.rays*v.gates.Count + g
			if v.codes[i].isStrongEcho() && v.z[i] > least {
				v.codes[i] = Point
			}
		}
	}
}
