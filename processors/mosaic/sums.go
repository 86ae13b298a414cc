package mosaic

import (
	"math"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

// A gate's part of a sum is three numbers in one: from the top, whether anything was seen (16 bits), whether that was an
// echo (16), and the echo's reflectivity above floorDBZ in steps (32). Sums of as many gates as a ray may have fit.
const (
	seenGate    = 1 << 48
	echoGate    = 1 << 32
	stepsPerDBZ = 100
	floorDBZ    = -200
	ceilingDBZ  = 200
	mostGates   = math.MaxUint16
)

// fill makes the sums of the windows that end before gates from to to: sums[ray*stride+i-first] is of the window gates
// before gate i. Where windows are calm or dark their sums are not written, as most are.
func (v *view) fill(from, to int) {
	rays, gates := len(v.moment.Values)/v.moment.Gates.Count, v.moment.Gates.Count
	first, end := max(from, 0)/blockGates, min(to, gates+v.window-1)/blockGates+1
	v.calm, v.dark = newAlike(rays, gates+v.window), newAlike(rays, gates+v.window)
	if from > to || first >= end {
		return // the beam is nowhere at a height that is asked for
	}
	v.first, v.stride = first*blockGates, (end-first)*blockGates+1
	v.sums = spareSums.take(rays * v.stride)
	grid.Bands(rays, func(firstRay, endRay int) {
		f := filling{window: v.window, parts: make([]uint64, v.window+v.first+v.stride+blockGates)}
		for ray := firstRay; ray < endRay; ray++ {
			f.ray(v.sums[ray*v.stride:(ray+1)*v.stride], v.moment.Ray(ray), v.calm.ray(ray), v.dark.ray(ray), first, end)
		}
	})
	if v.fan.halfDeg <= alikeDeg {
		v.calm.join(&v.fan, v.halfCellM/(alikeDeg*math.Pi/180))
		v.dark.join(&v.fan, v.halfCellM/(alikeDeg*math.Pi/180))
	}
}

// filling is the work on the sums of a ray; its memory is used for the next.
type filling struct {
	window int
	parts  []uint64 // parts[window+i] is gate i's
}

// ray goes through blocks of windows, writes their sums, and marks those that are calm or dark.
func (f *filling) ray(sums []uint64, gates []float32, calm, dark []uint64, first, end int) {
	at := first * blockGates
	sum := f.start(gates, at)
	part, since := uint64(mixed), at // what all gates have from one on
	skipped := false                 // the parts of gates that are alike are not written until needed
	for block := first; block < end; block++ {
		at := block * blockGates
		if now := partOfBlock(gates, at); now != part {
			if skipped {
				skipped, sum = false, part*uint64(f.window)
				fill(f.parts[at:at+f.window], part)
			}
			part, since = now, at
		}
		if part != mixed && since <= at-f.window {
			skipped = true
			if part == 0 {
				dark[block/64] |= 1 << (block % 64)
			} else {
				calm[block/64] |= 1 << (block % 64)
			}
			continue
		}
		sum = f.block(sums[at-first*blockGates:][:blockGates+1], gates, at, sum)
	}
}

// start writes the parts of the window that ends before a gate, and gives their sum.
func (f *filling) start(gates []float32, at int) (sum uint64) {
	for i := at - f.window; i < at; i++ {
		part := uint64(0)
		if i >= 0 && i < len(gates) {
			part = partOf(gates[i])
		}
		f.parts[f.window+i] = part
		sum += part
	}
	return sum
}

// block writes the sums of a block's windows and of the one after, of which the first is known, and gives the last.
func (f *filling) block(sums []uint64, gates []float32, at int, sum uint64) uint64 {
	came, gone := f.parts[f.window+at:][:blockGates], f.parts[at:][:blockGates]
	inside := gates[min(at, len(gates)):min(at+blockGates, len(gates))]
	for i, dBZ := range inside {
		came[i] = partOf(dBZ)
	}
	clear(came[len(inside):])
	for i, part := range came {
		sums[i] = sum
		sum += part - gone[i]
	}
	sums[blockGates] = sum
	return sum
}

// release gives up the sums: nothing is looked up from then on.
func (v *view) release() {
	spareSums.give(v.sums)
	v.sums = nil
}

// partOf gives a gate's part of a sum. An echo of unknown range, or beyond what can be, is as good as none looked for.
// It has no branches, which echo and none in turn would mislead.
func partOf(dBZ float32) uint64 {
	part := seenGate + echoGate + uint64(int32((dBZ-floorDBZ)*stepsPerDBZ+0.5))
	if !(dBZ > floorDBZ) {
		part = seenGate
	}
	if !(dBZ <= ceilingDBZ) {
		part = 0
	}
	return part
}

// mixed is the part of a block whose gates are not alike.
const mixed = math.MaxUint64

// partOfBlock gives the part that all gates of a block have: seenGate where in none anything was found, 0 where nobody looked.
func partOfBlock(gates []float32, at int) uint64 {
	switch {
	case at+blockGates > len(gates):
		return mixed
	case isCalm(gates[at : at+blockGates]):
		return seenGate
	case isDark(gates[at : at+blockGates]):
		return 0
	}
	return mixed
}

var calmBits = math.Float32bits(radar.BelowThresholdValue)

// isCalm tells whether in none of a block's gates anything was found.
func isCalm(gates []float32) bool {
	g := (*[blockGates]float32)(gates)
	var off uint32
	for _, dBZ := range g {
		off |= math.Float32bits(dBZ) ^ calmBits
	}
	return off == 0
}

// isDark tells whether none of a block's gates holds a value.
func isDark(gates []float32) bool {
	for _, dBZ := range gates {
		if dBZ == dBZ {
			return false
		}
	}
	return true
}
