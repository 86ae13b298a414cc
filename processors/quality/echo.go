package quality

import "bowecho/internal/radar"

// markEchoes judges every echo by what is around it on its ray. Most echoes raise no doubt; textures are taken only
// around those that do.
func (v *view) markEchoes() {
	n := v.gates.Count
	e := newEvidence(v)
	for ray := range v.rays {
		codes := v.codes[ray*n:][:v.spans[ray].to]
		for from, to := island(codes, v.spans[ray].from, e.window.reach()); from < to; from, to = island(codes, to, e.window.reach()) {
			first, last := e.doubts(ray, from, to)
			if first == last {
				continue
			}
			e.gather(ray, max(from, first-e.window.reach()), min(to, last+e.window.reach()))
			for g := first; g < last; g++ {
				if codes[g] == Weather {
					codes[g] = e.judge(g)
				}
			}
		}
	}
}

// island gives between which gates of a ray there is weather, from a gate on, up to a gap of more than some gates.
func island(codes []Code, from, gap int) (first, last int) {
	for from < len(codes) && codes[from] != Weather {
		from++
	}
	last = from
	for g := from; g < len(codes) && g-last <= gap; g++ {
		if codes[g] == Weather {
			last = g + 1
		}
	}
	return from, last
}

// gatesBelow tells at how many gates the sweep above is lower above the radar than a height in m.
func (v *view) gatesBelow(heightM float64) (n int) {
	for n < v.gates.Count && radar.AboveRadarM(v.gates.CentreM(n), v.aboveDeg) < heightM {
		n++
	}
	return n
}
