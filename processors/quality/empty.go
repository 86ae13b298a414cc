package quality

import "math"

// leastDBZ is weaker than any weather that a scanning radar measures. Some radars (Denton) hand on the receiver's noise as
// reflectivity near -70 dBZ.
const leastDBZ = -40

// markEmpty marks gates that hold no echo, no usable one, or only noise. All others become Weather, to be judged.
func (v *view) markEmpty(p Profile) {
	n := v.gates.Count
	snrSpare, flagSpare := make([]float32, n), make([]float32, n)
	missing := Unobserved
	if p.MissingIsNoEcho {
		missing = NoEcho
	}
	for ray := range v.rays {
		z, codes := v.z[ray*n:(ray+1)*n], v.codes[ray*n:(ray+1)*n]
		for g, value := range z {
			codes[g] = emptiness(value, missing)
		}
		if snr := v.snr.row(ray, 0, n, snrSpare); snr != nil {
			markBelow(codes, snr, float32(p.MinSNRDB))
		}
		if p.BadFlag != 0 {
			markFlagged(codes, v.flag.row(ray, 0, n, flagSpare), p.BadFlag)
		}
		for g := range min(p.FirstGates, n) {
			codes[g] = FirstGates
		}
		v.spans[ray] = spanOf(codes)
	}
}

// span is between which gates of a ray there are echoes: from the first to before the last. Later marks leave it as it is.
type span struct{ from, to int }

func spanOf(codes []Code) (s span) {
	for s.to = len(codes); s.to > 0 && codes[s.to-1] != Weather; s.to-- {
	}
	for s.from < s.to && codes[s.from] != Weather {
		s.from++
	}
	return s
}

// emptiness gives what a value alone tells.
func emptiness(dbz float32, missing Code) Code {
	switch {
	case dbz >= leastDBZ && dbz <= math.MaxFloat32:
		return Weather
	case dbz != dbz:
		return missing
	case dbz > 0:
		return Folded
	case dbz < -math.MaxFloat32:
		return NoEcho
	default:
		return Noise
	}
}

func markBelow(codes []Code, snr []float32, least float32) {
	for g, s := range snr {
		if s < least && codes[g] == Weather && valid(s) {
			codes[g] = Noise
		}
	}
}

func markFlagged(codes []Code, flag []float32, bad float32) {
	for g, f := range flag {
		if f == bad && codes[g] == Weather {
			codes[g] = BadFlag
		}
	}
}
