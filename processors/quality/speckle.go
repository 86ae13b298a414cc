package quality

// markSpeckle marks weather that stands nearly alone: fewer gates of weather than least among the fourteen around it, two
// gates and a ray to each side. Rays follow each other round the turn.
func (v *view) markSpeckle(least int) {
	n := v.gates.Count
	along := make([]uint8, 3*n) // of the ray before, this and the next: gates of weather within two of each, itself included
	before, here, after := along[:n], along[n:2*n], along[2*n:]
	count := func(ray int, counts []uint8) {
		ray = v.turn(ray)
		clear(counts)
		from, to := max(0, v.spans[ray].from-2), min(n, v.spans[ray].to+2)
		countAlong(v.codes[ray*n+from:ray*n+to], counts[from:to])
	}
	// The codes of the first ray change before they are counted for the last.
	first := make([]uint8, n)
	count(-1, before)
	count(0, here)
	copy(first, here)
	for ray := range v.rays {
		count(ray+1, after)
		if ray == v.rays-1 {
			copy(after, first)
		}
		for g := v.spans[ray].from; g < v.spans[ray].to; g++ {
			if v.codes[ray*n+g] == Weather && int(before[g])+int(here[g])+int(after[g])-1 < least {
				v.codes[ray*n+g] = Speckle
			}
		}
		before, here, after = here, after, before
	}
}

// countAlong counts, for each gate of a ray, those of weather within two gates.
func countAlong(ray []Code, counts []uint8) {
	var next, two uint8 // whether the gates after this are weather
	if len(ray) > 0 {
		next = one(ray[0])
	}
	if len(ray) > 1 {
		two = one(ray[1])
	}
	var before, last, here uint8 // the gates before, and this
	for g := range ray {
		before, last, here, next, two = last, here, next, two, 0
		if g+2 < len(ray) {
			two = one(ray[g+2])
		}
		counts[g] = before + last + here + next + two
	}
}

// one counts a gate of weather.
func one(c Code) uint8 {
	if c == Weather {
		return 1
	}
	return 0
}
