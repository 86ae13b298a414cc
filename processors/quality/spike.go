package quality

import (
	"math"
)

// A ray of the sun, or of another transmitter, holds power that is the same at all ranges: its reflectivity rises with the
// square of range, from the first quarter out to the last gate, and no more than gases that are corrected for make of it.
// Source: Holleman et al. 2010, JTECH 27, 159-166.
const (
	spikeShare      = 0.7  // of the gates beyond the first quarter hold it
	spikeDB         = 3.0  // they keep to a line in so much
	spikeSlopeDBKm  = 0.04 // at most, and spikeFallDBKm at least
	spikeFallDBKm   = -0.01
	spikeWidthDeg   = 4.0 // the sun and the beam together are narrower
	spikeOverDB     = 3.0 // more than the rays beside it
	besideShare     = 0.3 // of a ray's farther gates must hold an echo to count as power
	powerStepDB     = 0.5
	powerSteps      = 512
	weakestPowerDBZ = -120.0 // at 1 km
)

// line is power against range: at gate 0, and from gate to gate. A ray has one where its power keeps to it.
type line struct {
	levelDB, stepDB float64
	farDB           float64 // median power in the farther part of the ray, whatever it is; -Inf where there is little echo
	found           bool
}

func (l line) at(gate int) float64 { return l.levelDB + l.stepDB*float64(gate) }

// markSpikes marks the gates of rays of the sun that are no stronger than it.
func (v *view) markSpikes() {
	if v.sweep.Vertical || v.rays < 3 {
		return
	}
	lines := make([]line, v.rays)
	for ray := range lines {
		lines[ray] = v.constantPower(ray)
	}
	within := max(1, int(spikeWidthDeg/360*float64(v.rays)))
	n := v.gates.Count
	for ray, l := range lines {
		if !l.found || !v.stands(lines, ray, within) {
			continue
		}
		for g := range n {
			i := ray*n + g
			if v.codes[i] == Weather && float64(v.z[i]-v.logDB[g]) < l.at(g)+spikeDB {
				v.codes[i] = SunSpike
			}
		}
	}
}

// stands tells whether rays to both sides, no further apart than a spike is wide, hold less power far out.
func (v *view) stands(lines []line, ray, within int) bool {
	less := func(step int) int {
		for k := 1; k <= within; k++ {
			beside := lines[v.turn(ray+step*k)]
			if beside.farDB < lines[ray].farDB-spikeOverDB {
				return k
			}
		}
		return within + 1
	}
	return less(-1)+less(1) <= within+1
}

// constantPower gives the line to which a ray's power keeps, if it does.
func (v *view) constantPower(ray int) (l line) {
	n := v.gates.Count
	from := n / 4
	middle := from + (n-from)/2
	z, codes := v.z[ray*n:(ray+1)*n], v.codes[ray*n:(ray+1)*n]
	l.farDB = math.Inf(-1)
	if v.spans[ray].to <= middle {
		return l
	}
	far := echoes(codes[middle:]) / float64(n-middle)
	if far > besideShare {
		l.farDB = v.medianPower(z, codes, middle, n)
	}
	if far < spikeShare || echoes(codes[from:middle]) < spikeShare*float64(middle-from) {
		return l
	}
	near := v.medianPower(z, codes, from, middle)
	apart := float64(n-from) / 2 // gates
	l.stepDB = (l.farDB - near) / apart
	l.levelDB = near - l.stepDB*(float64(from)+apart/2)
	slope := l.stepDB / v.gates.SpacingM * 1000
	if slope < spikeFallDBKm || slope > spikeSlopeDBKm {
		return l
	}
	kept := 0
	for g := from; g < n; g++ {
		if codes[g] == Weather && math.Abs(float64(z[g]-v.logDB[g])-l.at(g)) < spikeDB {
			kept++
		}
	}
	l.found = float64(kept) >= spikeShare*float64(n-from)
	return l
}

func echoes(codes []Code) (n float64) {
	for _, c := range codes {
		if c == Weather {
			n++
		}
	}
	return n
}

// medianPower gives the median of reflectivity less the square of range, to powerStepDB.
func (v *view) medianPower(z []float32, codes []Code, from, to int) float64 {
	var counts [powerSteps]int
	all := 0
	for g := from; g < to; g++ {
		if codes[g] == Weather {
			step := int((float64(z[g]-v.logDB[g]) - weakestPowerDBZ) / powerStepDB)
			counts[min(max(step, 0), powerSteps-1)]++
			all++
		}
	}
	step := 0
	for sum := counts[0]; 2*sum < all; sum += counts[step] {
		step++
	}
	return weakestPowerDBZ + (float64(step)+0.5)*powerStepDB
}
