package mosaic

import (
	"fmt"
	"math"
	"sync"
	"time"

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

// view is one sweep, made ready to be looked up: at each place the mean over a window as long as a cell and as wide as a
// cell, or as a gate is long and rays lie apart where these are more. Gates are constant over their length and rays over
// the angle that is theirs, so that the window's shares are exact.
type view struct {
	time      time.Time
	moment    *radar.Moment
	path      path
	begins    []float32 // gate with which the window begins, at each point of the path
	fan       fan
	window    int      // gates
	stride    int      // of sums: a window more than there are gates
	sums      []uint64 // of windows, once they are filled
	clear     uint64   // the sum of a window without echo
	halfCellM float32
	narrowM   float32 // from here on rays lie further apart than a cell is wide
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
	v.clear = uint64(v.window) * seenGate
	v.stride = g.Count + v.window + 1
	v.fan = newFan(s.sweep.Rays)
	v.narrowM = max(v.halfCellM, v.halfCellM/(v.fan.halfDeg*math.Pi/180))
	v.path = newPath(s.sweep.ElevationDeg, g.ReachM()+float64(v.window)*g.SpacingM/2)
	for _, p := range v.path.points {
		v.begins = append(v.begins, float32((p.slantM-g.CentreM(0))/g.SpacingM+0.5-float64(v.window)/2))
	}
	return v, nil
}

// fill makes the sums of the windows that begin with gates from to to: sums[ray*stride+window+i] is of the window gates
// from gate i on.
func (v *view) fill(from, to int) {
	from, to = max(from, -v.window), min(to, v.moment.Gates.Count)
	rays := len(v.moment.Values) / v.moment.Gates.Count
	v.sums = sumsOf(rays * v.stride)
	if from > to {
		return // the beam is nowhere at a height that is asked for
	}
	grid.Bands(rays, func(first, end int) {
		for ray := first; ray < end; ray++ {
			v.fillRay(v.sums[ray*v.stride:(ray+1)*v.stride], v.moment.Ray(ray), from, to)
		}
	})
}

func (v *view) fillRay(sums []uint64, gates []float32, from, to int) {
	var sum uint64
	first := max(0, from)
	sums[first] = 0
	for i, dBZ := range gates[first:min(len(gates), to+v.window)] {
		sum += partOf(dBZ)
		sums[first+i+1] = sum // of the gates before the next, for now
	}
	end := min(len(gates), to+v.window)
	// From behind, since a window's sum is put where the sum up to its end was.
	for i := to; i >= from; i-- {
		whole := sums[min(end, i+v.window)]
		if i > first {
			whole -= sums[i]
		}
		sums[i+v.window] = whole
	}
}

// spareSums are used again: those of a volume take longer to get from the system than to fill.
var spareSums sync.Pool

func sumsOf(n int) []uint64 {
	if spare, ok := spareSums.Get().(*[]uint64); ok && cap(*spare) >= n {
		return (*spare)[:n]
	}
	return make([]uint64, n)
}

// release gives up the sums: nothing is looked up from then on.
func (v *view) release() {
	sums := v.sums
	v.sums = nil
	spareSums.Put(&sums)
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

// look gives what the sweep sees at a place between a point of its path and the next, in shares of the window.
func (v *view) look(p place, step int, between float32) (t tally) {
	if step+1 >= len(v.begins) {
		return t
	}
	end := v.begins[step] + between*(v.begins[step+1]-v.begins[step]) + float32(v.window)
	at := int(end) // of the sums: the window that begins with the gate before
	if !(end >= 0) || at >= v.stride-1 {
		return t
	}
	far := end - float32(at)
	half := v.fan.halfDeg
	if p.groundM < v.narrowM {
		half = v.halfCellM / max(p.groundM, v.halfCellM) * (180 / math.Pi)
	}
	low, high := p.azimuthDeg-half, p.azimuthDeg+half
	var clear float32
	for _, s := range v.fan.from(low) {
		if s.beginDeg >= high {
			break
		}
		wide := min(high, s.endDeg) - max(low, s.beginDeg)
		if wide <= 0 {
			continue
		}
		sums := v.sums[int(s.ray)*v.stride+at:][:2]
		if sums[0] == v.clear && sums[1] == v.clear { // most of what is looked at
			clear += wide
			continue
		}
		t.add(sums[0], wide*(1-far))
		t.add(sums[1], wide*far)
	}
	t.seen += clear * float32(v.window)
	return t.shares(1 / (2 * half * float32(v.window)))
}
