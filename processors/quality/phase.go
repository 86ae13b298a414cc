package quality

import (
	"math"
	"slices"
)

// A gate's phase is sound where it is weather of a high correlation; firstGatesM of such on a ray tell the phase that the
// radar itself adds. The phase is averaged over binM, of which at least leastBins on a ray.
const (
	soundPhaseRhoHV = 0.9
	firstGatesM     = 1500
	nearM           = 15000 // where weather begins nearer, the ray has its own offset
	ownDeg          = 8     // by which that may differ from the median
	binM            = 1000
	leastBinShare   = 0.2 // of a bin's gates
	leastBins       = 2
	followShare     = 0.1 // of a gate's phase in the course from which it is unfolded
)

// phase gives what differential phase the beam has gathered in rain.
type phase struct {
	view            *view
	offsetsDeg      []float64 // what the radar itself adds, by ray
	rhoSpare, spare []float32
	sums, weights   []float64 // of bins
	levels          []level
	binGates, least int
}

// newPhase finds the offsets of a sweep, nil without a ray of sound phase.
func (v *view) newPhase() *phase {
	if v.phi.values == nil || v.rho.values == nil {
		return nil
	}
	n := v.gates.Count
	p := &phase{view: v, rhoSpare: make([]float32, n), spare: make([]float32, n)}
	p.binGates = max(1, int(math.Round(binM/v.gates.SpacingM)))
	p.least = max(1, int(leastBinShare*float64(p.binGates)))
	bins := (n + p.binGates - 1) / p.binGates
	p.sums, p.weights, p.levels = make([]float64, bins), make([]float64, bins), make([]level, 0, bins)
	if !p.findOffsets() {
		return nil
	}
	return p
}

// findOffsets takes the median over the rays of the phase at which their weather begins. A ray whose weather begins near the
// radar has its own, since the antenna's struts and the radome add differently by azimuth, but not far from the median:
// rain may have begun before the radar could see it.
func (p *phase) findOffsets() bool {
	rays := p.view.rays
	p.offsetsDeg = make([]float64, rays)
	starts, near := make([]float64, 0, rays), make([]bool, rays)
	for ray := range rays {
		start, gate, ok := p.start(ray)
		p.offsetsDeg[ray] = start
		if ok {
			starts = append(starts, start)
			near[ray] = p.view.gates.CentreM(gate) < nearM
		}
	}
	if len(starts) == 0 {
		return false
	}
	median := circularMedian(starts)
	for ray, start := range p.offsetsDeg {
		p.offsetsDeg[ray] = median
		if near[ray] {
			p.offsetsDeg[ray] += min(max(turned(start-median), -ownDeg), ownDeg)
		}
	}
	return true
}

// circularMedian gives the median of angles in degrees that lie together, wherever the circle is cut.
func circularMedian(angles []float64) float64 {
	var sin, cos float64
	for _, a := range angles {
		s, c := math.Sincos(a * math.Pi / 180)
		sin, cos = sin+s, cos+c
	}
	middle := math.Atan2(sin, cos) * 180 / math.Pi
	for i, a := range angles {
		angles[i] = turned(a - middle)
	}
	slices.Sort(angles)
	return middle + angles[len(angles)/2]
}

// rows gives a ray's phase and correlation.
func (p *phase) rows(ray int) (phi, rho []float32) {
	return p.view.phi.row(ray, 0, len(p.spare), p.spare), p.view.rho.row(ray, 0, len(p.spare), p.rhoSpare)
}

// sound tells whether a gate's phase can be used. A phase that does not change to the next gate was not measured: some
// radars (Denton) fill it with 180.
func (p *phase) sound(codes []Code, phi, rho []float32, g int) bool {
	return codes[g] == Weather && rho[g] >= soundPhaseRhoHV && valid(phi[g]) && (g == 0 || phi[g] != phi[g-1])
}

// start gives the mean phase of the first gates of weather on a ray, and the last of these gates.
func (p *phase) start(ray int) (deg float64, last int, ok bool) {
	n := p.view.gates.Count
	codes := p.view.codes[ray*n : (ray+1)*n]
	s := p.view.spans[ray]
	if s.from == s.to {
		return 0, 0, false
	}
	phi, rho := p.rows(ray)
	need := max(leastPairs, int(firstGatesM/p.view.gates.SpacingM))
	var sin, cos float64
	found := 0
	for last = s.from; last < s.to && found < need; last++ {
		if p.sound(codes, phi, rho, last) {
			s, c := math.Sincos(float64(phi[last]) * math.Pi / 180)
			sin, cos, found = sin+s, cos+c, found+1
		}
	}
	return math.Atan2(sin, cos) * 180 / math.Pi, last, found == need
}

// gathered writes the phase above the offset in degrees between two gates of a ray, nowhere less than before, and tells
// whether there were bins enough.
func (p *phase) gathered(out []float32, ray, from, to int) bool {
	p.bin(ray, from, to)
	p.rise()
	if len(p.levels) == 0 {
		return false
	}
	p.draw(out, from, to)
	return true
}

// bin sums the unfolded phase of a ray's sound gates. A phase is unfolded to lie within half a turn of its course so far.
func (p *phase) bin(ray, from, to int) {
	clear(p.sums)
	clear(p.weights)
	n := p.view.gates.Count
	codes := p.view.codes[ray*n : (ray+1)*n]
	phi, rho := p.rows(ray)
	course := 0.0 // above the offset
	for g := from; g < to; g++ {
		if !p.sound(codes, phi, rho, g) {
			continue
		}
		step := turned(float64(phi[g]) - p.offsetsDeg[ray] - course)
		b := g / p.binGates
		p.sums[b] += course + step
		p.weights[b]++
		course += followShare * step
	}
}
