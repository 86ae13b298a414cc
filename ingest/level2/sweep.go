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
			for i := int(next.Add(1)) - 1; i < len(layers); i = int(next.Add(1)) - 1 {
				layers[i].fill()
			}
		})
	}
	wait.Wait()
}

// fill gives the moment its codes, which are the file's moved on by one; or its values, where one coding does not do.
func (l *layer) fill() {
	if l.moment.Coding == (radar.Coding{}) || !l.fillCodes() {
		l.moment.Coding = radar.Coding{}
		l.fillValues()
	}
}

func (l *layer) fillCodes() bool {
	gates := l.moment.Gates.Count
	count := len(l.rays) * gates
	codes := radar.NewCodes(2 * count)
	wide := uint64(0)
	for i, r := range l.rays {
		low, high := codes[i*gates:(i+1)*gates], codes[count+i*gates:count+(i+1)*gates]
		c := &r.moments[l.index]
		used := 0
		if c.at > 0 {
			used = int(c.count)
			above, ok := c.moveOn(low[:used], high[:used], r.body[c.at:])
			if !ok {
				return false
			}
			wide |= above
		}
		clear(low[used:]) // no data
		clear(high[used:])
	}
	if wide == 0 {
		codes = codes[:count]
	}
	l.moment.Codes = codes
	return true
}

func (l *layer) fillValues() {
	l.moment.Values = radar.NewValues(len(l.rays) * l.moment.Gates.Count)
	for i, r := range l.rays {
		dst := l.moment.Ray(i)
		c := &r.moments[l.index]
		used := 0
		if c.at > 0 {
			used = int(c.count)
			c.convert(dst[:used], r.body[c.at:])
		}
		for gate := used; gate < len(dst); gate++ {
			dst[gate] = radar.NoDataValue
		}
	}
}
