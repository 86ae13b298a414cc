package quality

// evidence is what is known along one ray, on the gates of the reflectivity, where it was gathered. Rows are nil without
// their moment.
type evidence struct {
	view                   *view
	window                 *window
	lowGates               int       // at which the sweep above is low
	z                      []float32 // of echoes still to be judged; NaN elsewhere
	rho                    []float32 // mean correlation
	zTexture               []float32 // dB
	phiTexture, zdrTexture []float32 // degrees, dB
	speed, width           []float32 // m/s
	speedTexture           []float32 // m/s
	ncp, snr               []float32
	above                  []float32 // dBZ
	incoherent             bool      // whether any echo is without coherence
	spare                  [6][]float32
}

// rows of memory.
const (
	spareSpeed = iota
	spareWidth
	spareAbove
	spareSNR
	spareNCP
	spareMoment
)

func newEvidence(v *view) *evidence {
	n := v.gates.Count
	e := &evidence{view: v, window: newWindow(v.gates.SpacingM, n), lowGates: v.gatesBelow(vanishBelowM)}
	memory := make([]float32, n*(len(e.spare)+6))
	row := func() (r []float32) {
		r, memory = memory[:n:n], memory[n:]
		return r
	}
	e.z, e.zTexture = row(), row()
	for i := range e.spare {
		e.spare[i] = row()
	}
	if v.rho.values != nil {
		e.rho = row()
	}
	if v.phi.values != nil {
		e.phiTexture = row()
	}
	if v.zdr.values != nil {
		e.zdrTexture = row()
	}
	if v.speed.values != nil && v.width.values != nil && v.ncp.values == nil && v.nyquist > 0 {
		e.speedTexture = row()
	}
	return e
}

// doubts takes what shows at once between two gates of a ray, and gives between which of them there is an echo that may not
// be weather.
func (e *evidence) doubts(ray, from, to int) (first, last int) {
	v := e.view
	codes := v.codes[ray*v.gates.Count:][:to]
	values := v.z[ray*v.gates.Count:][:to]
	for g := from; g < to; g++ {
		e.z[g] = nan
		if codes[g] == Weather {
			e.z[g] = values[g]
		}
	}
	if e.rho != nil {
		rho := v.rho.row(ray, from, to, e.spare[spareMoment])
		e.window.mean(e.rho[from:to], rho[from:to], e.z[from:to])
	}
	e.speed, e.width = v.speed.row(ray, from, to, e.spare[spareSpeed]), v.width.row(ray, from, to, e.spare[spareWidth])
	e.snr, e.ncp = v.snr.row(ray, from, to, e.spare[spareSNR]), v.ncp.row(ray, from, to, e.spare[spareNCP])
	first, last, e.incoherent = to, to, false
	for g := from; g < to; g++ {
		if codes[g] != Weather {
			continue
		}
		none := e.hasNoCoherence(g)
		e.incoherent = e.incoherent || none
		if none || e.inDoubt(g) {
			if first == to {
				first = g
			}
			last = g + 1
		}
	}
	if first == to {
		last = to
	}
	return first, last
}

// gather takes the textures between two gates of a ray whose doubts are known.
func (e *evidence) gather(ray, from, to int) {
	v, z := e.view, e.z[from:to]
	e.window.texture(e.zTexture[from:to], z, z, endless)
	if e.phiTexture != nil {
		e.window.texture(e.phiTexture[from:to], v.phi.row(ray, from, to, e.spare[spareMoment])[from:to], z, 360)
	}
	if e.zdrTexture != nil {
		e.window.texture(e.zdrTexture[from:to], v.zdr.row(ray, from, to, e.spare[spareMoment])[from:to], z, endless)
	}
	if e.speedTexture != nil && e.incoherent {
		e.window.texture(e.speedTexture[from:to], e.speed[from:to], z, 2*v.nyquist)
	}
	e.above = v.above.row(ray, from, to, e.spare[spareAbove])
}
