package quality

// markSpeckle marks weather that stands nearly alone: fewer gates of weather than least among the fourteen around it, two
// gates and a ray to each side. Rays follow each other round the turn.
func (v *view) markSpeckle(least int) {
	n := v.gates.Count
	along := make([]uint8, 3*n) // of the ray before, this and the next: gates of weather within two of each, itself included
	before, here, after := along[:n], along[n:2*n], along[2*n:]
	count := func(ray int, counts []uint8) {
		ray = (ray + v.rays) % v.rays
		countAlong(v.codes[ray*n:(ray+1)*n], counts)
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
		codes := v.codes[ray*n : (ray+1)*n]
		for g, code := range codes {
			if code == Weather && int(before[g])+int(here[g])+int(after[g])-1 < least {
				codes[g] = Speckle
			}
		}
		before, here, after = here, after, before
	}
}

// countAlong counts, for each gate of a ray, those of weather within two gates.
func countAlong(ray []Code, counts []uint8) {
	weather := func(g int) uint8 {
		if g >= 0 && g < len(ray) && ray[g] == Weather {
			return 1
		}
		return 0
	}
	var sum uint8
	for g := range min(2, len(ray)) {
		sum += weather(g)
	}
	for g := range ray {
		sum += weather(g + 2)
		counts[g] = sum
		sum -= weather(g - 2)
	}
}
