package level2

import (
	"fmt"
	"path"
	"slices"
	"time"

	"bowecho/internal/radar"
)

// Bounds on what waits for parts that may never come.
const (
	maxOpen    = 4                // volumes of one station
	maxWait    = 15 * time.Minute // behind the newest data of the station: no volume takes longer than 11
	maxWaiting = 512 << 20        // bytes of radials of all stations
	maxClosed  = 1024             // volumes remembered so that late and second parts of them are known
)

// Assembler gives each sweep of a volume as soon as its parts are there, which may come late, twice, in any order, or
// never. The zero Assembler is ready; it is not for use by several goroutines at once.
type Assembler struct {
	open    []*volume // in the order of their first parts' coming
	closed  map[volumeKey]*volume
	order   []volumeKey // of closed ones, the oldest first
	waiting int         // bytes of radials held
	over    []string    // names of parts that Over has not told of yet
}

// volumeKey tells volumes apart. The folders' numbers do not: they come again every few days.
type volumeKey struct {
	station string
	start   time.Time
}

// Add takes a part and gives the sweeps that it completes, each as a scan of its own. It gives the same part's sweeps
// once only. An error says that the part cannot be used; a good copy of it may still come.
func (a *Assembler) Add(name string, data []byte) ([]*radar.Scan, error) {
	l, ok := readLabel(name)
	if !ok {
		return nil, fmt.Errorf("%s: not the name of a volume's part, YYYYMMDD-HHMMSS-NNN-S, -I or -E", path.Base(name))
	}
	c, err := read(data)
	c.keep()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(name), err)
	}
	v, err := a.volume(l, c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(name), err)
	}
	if v == nil || v.has(l.number) {
		return nil, nil
	}
	v.names, v.heard = append(v.names, name), time.Now()
	a.waiting += v.add(l, c)
	done := v.complete()
	a.waiting -= v.forget()
	if v.finished() {
		a.close(v)
	}
	return append(done, a.expire(v)...), nil
}

// volume finds the volume of a part, or begins one; none for a part that was there before.
func (a *Assembler) volume(l label, c *content) (*volume, error) {
	key := volumeKey{stationOf(l, c), l.start}
	for _, v := range a.open {
		if v.key == key {
			return v, nil
		}
	}
	if v := a.closed[key]; v != nil {
		if v.has(l.number) {
			return nil, nil
		}
		return nil, fmt.Errorf("came after its volume was given up; the volume had %d parts by then", len(v.parts))
	}
	v := &volume{key: key, parts: map[int]*content{}}
	a.open = append(a.open, v)
	return v, nil
}

// stationOf gives the station of a part: as its header or radials say, else its folder.
func stationOf(l label, c *content) string {
	if c.station != "" {
		return c.station
	}
	for i := range c.radials {
		if station := c.radials[i].station(); station != "" {
			return station
		}
	}
	return l.station
}

// close puts a volume away and remembers which parts it had.
func (a *Assembler) close(v *volume) {
	a.waiting -= v.drop()
	a.open = slices.DeleteFunc(a.open, func(o *volume) bool { return o == v })
	if a.closed == nil {
		a.closed = map[volumeKey]*volume{}
	}
	a.over, v.names = append(a.over, v.names...), nil
	a.closed[v.key] = v
	a.order = append(a.order, v.key)
	if len(a.order) > maxClosed {
		delete(a.closed, a.order[0])
		a.order = a.order[1:]
	}
}

// giveUp gives what is left of a volume whose missing parts are not waited for any longer.
func (a *Assembler) giveUp(v *volume) []*radar.Scan {
	left := v.rest()
	a.close(v)
	return left
}

// expire gives up volumes that are over one of the bounds. Time is that of the data, and only a volume of which two
// parts came moves it on, so that one part with a wrong date does no harm.
func (a *Assembler) expire(newest *volume) (left []*radar.Scan) {
	same := 0
	for _, v := range slices.Backward(slices.Clone(a.open)) {
		if v.key.station != newest.key.station {
			continue
		}
		same++
		late := len(newest.parts) > 1 && newest.until.Sub(v.until) > maxWait
		if v != newest && late || same > maxOpen {
			left = append(a.giveUp(v), left...)
		}
	}
	for a.waiting > maxWaiting && len(a.open) > 0 {
		left = append(left, a.giveUp(a.open[0])...)
	}
	return left
}

// Holds tells whether a part of that name has come, and its volume is not over.
func (a *Assembler) Holds(name string) bool {
	return slices.ContainsFunc(a.open, func(v *volume) bool { return slices.Contains(v.names, name) })
}

// Over gives the names of the parts whose volumes have been closed since it was last asked: they are not needed again.
func (a *Assembler) Over() (names []string) {
	names, a.over = a.over, nil
	return names
}

// Expire gives up the volumes of which nothing has come for 15 minutes, by the wall clock, and gives what is left of them.
func (a *Assembler) Expire(now time.Time) (left []*radar.Scan) {
	for _, v := range slices.Clone(a.open) {
		if now.Sub(v.heard) > maxWait {
			left = append(left, a.giveUp(v)...)
		}
	}
	return left
}

// Flush gives up all volumes, and gives what is left of them.
func (a *Assembler) Flush() (left []*radar.Scan) {
	for len(a.open) > 0 {
		left = append(left, a.giveUp(a.open[0])...)
	}
	return left
}
