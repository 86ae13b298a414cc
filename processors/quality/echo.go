package quality

import "bowecho/internal/radar"

// markEchoes judges every echo by what is around it on its ray.
func (v *view) markEchoes(p Profile) {
	n := v.gates.Count
	r := newRows(v)
	low := v.gatesBelow(vanishBelowM)
	for ray := range v.rays {
		codes := v.codes[ray*n : (ray+1)*n]
		from, to := span(codes)
		if from == to {
			continue
		}
		e := r.gather(v, ray, from, to)
		for g := from; g < to; g++ {
			if codes[g] == Weather {
				codes[g] = e.judge(g-from, v.nyquist, g < low)
			}
		}
	}
}

// gatesBelow tells how many gates of the sweep above are lower above the radar than a height in m.
func (v *view) gatesBelow(heightM float64) (n int) {
	for n < v.gates.Count && radar.AboveRadarM(v.gates.CentreM(n), v.sweep.ElevationDeg+highestRiseDeg/2) < heightM {
		n++
	}
	return n
}

// rows is memory for one ray, used again for the next.
type rows struct {
	window window
	spare  [14][]float32
}

func newRows(v *view) *rows {
	r := &rows{window: newWindow(v.gates.SpacingM)}
	all := make([]float32, len(r.spare)*v.gates.Count)
	for i := range r.spare {
		r.spare[i] = all[i*v.gates.Count : (i+1)*v.gates.Count]
	}
	return r
}

// gather gives what is known of a ray between two gates.
func (r *rows) gather(v *view, ray, from, to int) *evidence {
	n := v.gates.Count
	part := func(s strip, spare int) []float32 {
		if row := s.row(ray, r.spare[spare]); row != nil {
			return row[from:to]
		}
		return nil
	}
	out := func(i int) []float32 { return r.spare[i][:to-from] }
	e := &evidence{z: out(0), zTexture: out(1)}
	for g := range e.z {
		e.z[g] = nan
		if v.codes[ray*n+from+g] == Weather {
			e.z[g] = v.z[ray*n+from+g]
		}
	}
	r.window.texture(e.zTexture, e.z, e.z, out(2), 0)
	if rho := part(v.rho, 3); rho != nil {
		e.rho = out(4)
		r.window.mean(e.rho, rho, e.z)
	}
	if phi := part(v.phi, 3); phi != nil {
		e.phiTexture = out(5)
		r.window.texture(e.phiTexture, phi, e.z, out(2), 360)
	}
	if zdr := part(v.zdr, 3); zdr != nil {
		e.zdrTexture = out(6)
		r.window.texture(e.zdrTexture, zdr, e.z, out(2), 0)
	}
	e.speed, e.width, e.above = part(v.speed, 7), part(v.width, 8), part(v.above, 9)
	e.snr, e.ncp = part(v.snr, 10), part(v.ncp, 11)
	if e.speed != nil && e.width != nil && e.ncp == nil && v.nyquist > 0 {
		e.speedTexture = out(12)
		r.window.texture(e.speedTexture, e.speed, e.z, out(2), 2*v.nyquist)
	}
	return e
}
