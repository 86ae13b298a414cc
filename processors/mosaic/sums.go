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
// before gate i. Where windows are calm their sums are not written, as most are.
func (v *view) fill(from, to int) {
	rays, gates := len(v.moment.Values)/v.moment.Gates.Count, v.moment.Gates.Count
	first, end := max(from, 0)/calmGates, min(to, gates+v.window-1)/calmGates+1
	v.calm = newCalm(rays, gates+v.window)
	if from > to || first >= end {
		return // the beam is nowhere at a height that is asked for
	}
	v.first, v.stride = first*calmGates, (end-first)*calmGates+1
	v.sums = spareSums.take(rays * v.stride)
	grid.Bands(rays, func(firstRay, endRay int) {
		f := filling{window: v.window, clear: v.clear, parts: make([]uint64, v.window+v.first+v.stride+calmGates)}
		for ray := firstRay; ray < endRay; ray++ {
			f.ray(v.sums[ray*v.stride:(ray+1)*v.stride], v.moment.Ray(ray), v.calm.ray(ray), first, end)
		}
	})
	if v.fan.halfDeg <= calmDeg {
		v.calm.join(&v.fan, v.halfCellM/(calmDeg*math.Pi/180))
	}
}

// filling is the work on the sums of a ray; its memory is used for the next.
type filling struct {
	window int
	clear  uint64
	parts  []uint64 // parts[window+i] is gate i's
}

// ray goes through blocks of windows, writes their sums, and marks those that are calm.
func (f *filling) ray(sums []uint64, gates []float32, quiet []uint64, first, end int) {
	at := first * calmGates
	sum := f.start(gates, at)
	stir := at - 1    // the last gate that is not calm
	wasQuiet := false // the parts of calm gates are not written until needed
	for block := first; block < end; block++ {
		at := block * calmGates
		if next := at + calmGates; next > len(gates) || !isCalm(gates[at:next]) {
			stir = next - 1
		}
		if stir < at-f.window {
			quiet[block/64] |= 1 << (block % 64)
			wasQuiet = true
			continue
		}
		if wasQuiet {
			wasQuiet, sum = false, f.clear
			fill(f.parts[at:at+f.window], seenGate)
		}
		sum = f.block(sums[at-first*calmGates:][:calmGates+1], gates, at, sum)
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
	came, gone := f.parts[f.window+at:][:calmGates], f.parts[at:][:calmGates]
	inside := gates[min(at, len(gates)):min(at+calmGates, len(gates))]
	for i, dBZ := range inside {
		came[i] = partOf(dBZ)
	}
	clear(came[len(inside):])
	for i, part := range came {
		sums[i] = sum
		sum += part - gone[i]
	}
	sums[calmGates] = sum
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

var calmBits = math.Float32bits(radar.BelowThresholdValue)

// isCalm tells whether in none of a block's gates anything was found.
func isCalm(gates []float32) bool {
	g := (*[calmGates]float32)(gates)
	var off uint32
	for _, dBZ := range g {
		off |= math.Float32bits(dBZ) ^ calmBits
	}
	return off == 0
}
