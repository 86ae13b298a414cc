package level2

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"bowecho/internal/radar"
)

// layer is one moment of one sweep, to be filled.
type layer struct {
	rays   []*radial
	index  int // in moments
	moment *radar.Moment
}

// layOut makes the sweeps: first what shape they have, then, side by side, the values.
func layOut(parted [][]*radial, flaws *flaws) ([]radar.Sweep, error) {
	sweeps := make([]radar.Sweep, len(parted))
	var layers []layer
	values, brought := 0, 0
	for i, rays := range parted {
		sweeps[i] = sweepOf(rays)
		found := make([]radar.Moment, 0, len(moments))
		for m := range moments {
			gates, count := gatesOf(rays, m, flaws)
			if gates.Count == 0 {
				continue
			}
			values, brought = values+gates.Count*len(rays), brought+count
			found = append(found, radar.Moment{Name: moments[m].name, Units: moments[m].units, Gates: gates, Coding: codingOf(rays, m)})
			layers = append(layers, layer{rays: rays, index: m, moment: &found[len(found)-1]})
		}
		sweeps[i].Moments = found
	}
	if len(layers) == 0 {
		return nil, errors.New("its radials hold no moment" + because(*flaws))
	}
	if values > maxValues || values > 8*brought+1<<20 {
		return nil, tooMany(values)
	}
	fillAll(layers)
	return sweeps, nil
}

// sweepOf makes a sweep without its moments.
func sweepOf(rays []*radial) radar.Sweep {
	s := radar.Sweep{NyquistMS: rays[0].nyquistMS(), Rays: make([]radar.Ray, len(rays))}
	first := rays[0].ms
	for i, r := range rays {
		s.Rays[i] = r.ray
		s.ElevationDeg += float64(r.ray.ElevationDeg) / float64(len(rays))
		first = min(first, r.ms)
	}
	s.Start = timeOf(first)
	return s
}

// gatesOf gives the gates of a moment, as many as its longest radial has, and how many all bring together. Radials whose
// gates lie elsewhere than those of the first cannot be laid beside them.
func gatesOf(rays []*radial, m int, flaws *flaws) (gates radar.Gates, brought int) {
	var first *coded
	for _, r := range rays {
		c := &r.moments[m]
		if c.at == 0 {
			continue
		}
		if first == nil {
			first, gates = c, c.gates()
		}
		if c.firstM != first.firstM || c.spacingM != first.spacingM {
			c.at = 0
			flaws.add(moments[m].name + " of a radial has other gates than the rest of its sweep")
			continue
		}
		gates.Count = max(gates.Count, int(c.count))
		brought += int(c.count)
	}
	return gates, brought
}

// codingOf gives how all radials of a sweep hold a moment, nothing where they differ.
func codingOf(rays []*radial, m int) (coding radar.Coding) {
	var first *coded
	for _, r := range rays {
		c := &r.moments[m]
		switch {
		case c.at == 0:
		case first == nil:
			first = c
		case c.scale != first.scale || c.offset != first.offset:
			return radar.Coding{}
		}
	}
	if first == nil || first.scale < 0 {
		return radar.Coding{}
	}
	scale := float64(first.scale)
	return radar.Coding{Offset: (codeFolded + 1 - float64(first.offset)) / scale, Quantum: 1 / scale}
}

func fillAll(layers []layer) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(layers)) {
		wait.Go(func() {
			var v converter
			for i := int(next.Add(1)) - 1; i < len(layers); i = int(next.Add(1)) - 1 {
				layers[i].fill(&v)
			}
		})
	}
	wait.Wait()
}

func (l *layer) fill(v *converter) {
	l.moment.Values = radar.NewValues(len(l.rays) * l.moment.Gates.Count)
	for i, r := range l.rays {
		dst := l.moment.Ray(i)
		if c := &r.moments[l.index]; c.at > 0 {
			v.convert(dst, r.body, c)
			continue
		}
		for gate := range dst {
			dst[gate] = radar.NoDataValue
		}
	}
}
