package mosaic

import (
	"fmt"
	"math"
	"time"

	"bowecho/internal/grid"
	"bowecho/internal/radar"
)

// view is one sweep, made ready to be looked up: at each place the mean over a window as long as a cell and as wide as a
// cell, or as a gate is long and rays lie apart where these are more. Gates are constant over their length and rays over
// the angle that is theirs, so that the window's shares are exact.
type view struct {
	time      time.Time
	moment    *radar.Moment
	index     *radar.Moment // how far each gate is to be trusted, on the same gates; nil: all are
	path      path
	ends      []float32 // gate before which the window ends, at each point of the path
	fan       fan
	window    int      // gates
	sums      []uint64 // of windows, once they are filled
	first     int      // gate before which the first of them ends
	stride    int      // from one ray to the next
	calm      alike    // where windows are without echo
	dark      alike    // where they are not looked at
	halfCellM float32
	narrowM   float32 // from here on rays lie further apart than a cell is wide
	share     float32 // of the window that a gate and a degree have, from there on
}

// newView checks a sweep. It can be looked up once its sums are filled.
func newView(s seen, d grid.Domain) (*view, error) {
	z := s.sweep.Moment(radar.DBZH)
	g := z.Gates
	if !(g.SpacingM > 0) || g.Count < 1 || g.Count > mostGates || len(z.Values) != len(s.sweep.Rays)*g.Count {
		return nil, fmt.Errorf("sweep of %s at %g°: %d values for %d rays × %d gates of %g m, want one a gate and at most %d gates",
			s.site.Name, s.sweep.ElevationDeg, len(z.Values), len(s.sweep.Rays), g.Count, g.SpacingM, mostGates)
	}
	cellM := d.LatSpacingDeg * math.Pi / 180 * newSurface(s.site.LatitudeDeg).radiusM
	v := &view{time: s.time(), moment: z, window: min(max(1, int(math.Round(cellM/g.SpacingM))), g.Count), halfCellM: float32(cellM / 2)}
	if q := s.sweep.Moment(radar.QIND); q != nil && q.Gates == g && len(q.Values) == len(z.Values) {
		v.index = q
	}
	v.fan = newFan(s.sweep.Rays)
	v.narrowM = max(v.halfCellM, v.halfCellM/(v.fan.halfDeg*math.Pi/180))
	v.share = v.shareOf(v.fan.halfDeg)
	v.path = newPath(s.sweep.ElevationDeg, g.ReachM()+float64(v.window)*g.SpacingM/2)
	for _, p := range v.path.points {
		v.ends = append(v.ends, float32((p.slantM-g.CentreM(0))/g.SpacingM+0.5+float64(v.window)/2))
	}
	return v, nil
}

// shareOf gives the share that a gate and a degree have of a window so many degrees wide to either side.
func (v *view) shareOf(halfDeg float32) float32 { return 1 / (2 * halfDeg * float32(v.window)) }

// end gives before which gate the window of a place ends, NaN beyond the path.
func (v *view) end(step int, between float32) float32 {
	if step+1 >= len(v.ends) {
		return nan
	}
	before, after := v.ends[step], v.ends[step+1]
	return before + between*(after-before)
}

// trust gives how far the gate in the middle of a place's window is to be trusted, 0 to 1.
func (v *view) trust(p place, step int, between float32) float32 {
	if v.index == nil {
		return 1
	}
	gate := int(v.end(step, between) - float32(v.window)/2)
	if gate < 0 || gate >= v.index.Gates.Count {
		return 1
	}
	for _, s := range v.fan.from(p.azimuthDeg) {
		if s.endDeg > p.azimuthDeg {
			if q := v.index.Ray(int(s.ray))[gate]; q >= 0 && q <= 1 {
				return q
			}
			break
		}
	}
	return 1
}

// look gives what the sweep sees at a place between a point of its path and the next, in shares of the window.
func (v *view) look(p place, step int, between float32) (t tally) {
	end := v.end(step, between)
	at := int(end) // of the gates: the window that ends before it
	switch {
	case !(end >= 0) || at < v.first || at > v.first+v.stride-2:
		return t
	case p.groundM >= v.calm.fromM && v.calm.at(p.azimuthDeg, at):
		return tally{seen: 1}
	case p.groundM >= v.dark.fromM && v.dark.at(p.azimuthDeg, at):
		return t
	}
	return v.lookClosely(p, at, end-float32(at))
}

// lookClosely sums the windows that end before a gate and the next, by how far the latter counts.
func (v *view) lookClosely(p place, at int, far float32) (t tally) {
	half, share := v.fan.halfDeg, v.share
	if p.groundM < v.narrowM {
		half = v.halfCellM / max(p.groundM, v.halfCellM) * (180 / math.Pi)
		share = v.shareOf(half)
	}
	low, high := p.azimuthDeg-half, p.azimuthDeg+half
	block := uint(at) / blockGates
	var clear float32
	for k := v.fan.at(low); ; k++ {
		s := &v.fan.sectors[k]
		begin, end := s.beginDeg, s.endDeg
		if !(begin < high) {
			break
		}
		if begin < low {
			begin = low
		}
		if end > high {
			end = high
		}
		wide := end - begin
		if wide <= 0 {
			continue
		}
		switch ray := int(s.ray); {
		case v.calm.on(ray, block):
			clear += wide
		case !v.dark.on(ray, block):
			sum := ray*v.stride + at - v.first
			t = t.with(v.sums[sum], wide*(1-far)).with(v.sums[sum+1], wide*far)
		}
	}
	t.seen += clear * float32(v.window)
	return t.shares(share)
}
