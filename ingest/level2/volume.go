package level2

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"bowecho/internal/radar"
)

// unnamed is the name of a radar of which neither the file nor its name tells.
const unnamed = "unknown"

// scan puts the radials in order: a sweep for each number of a cut, in order of appearance.
func (c *content) scan(name string) (*radar.Scan, error) {
	if len(c.radials) == 0 {
		return nil, errors.New("no radial in it" + because(c.flaws) + "; ask for it again")
	}
	station := c.name(name)
	scan := &radar.Scan{Format: "level2", BeamWidthDeg: beamWidthOf(station), Pattern: c.radials[0].pattern()}
	if scan.Pattern == 0 {
		scan.Pattern = c.pattern
	}
	var placed bool
	if scan.Site, placed = c.site(station); !placed {
		c.flaws.add("neither the file nor the list of stations tells where " + station + " stands: latitude and longitude are 0")
	}
	first, last := c.radials[0].ms, c.radials[0].ms
	for i := range c.radials {
		first, last = min(first, c.radials[i].ms), max(last, c.radials[i].ms)
	}
	scan.Start, scan.End = timeOf(first), timeOf(last)
	var err error
	if scan.Sweeps, err = layOut(cuts(c.radials), &c.flaws); err != nil {
		return nil, err
	}
	scan.Flaws = c.flaws.list()
	return scan, nil
}

func because(f flaws) string {
	if len(f.texts) == 0 {
		return ", only metadata"
	}
	return ": " + strings.Join(f.list(), "; ")
}

// name gives the station's name: as the volume's header says, or its radials, or else the file's name.
func (c *content) name(file string) string {
	if c.station != "" {
		return c.station
	}
	if station := c.radials[0].station(); station != "" {
		return station
	}
	if station := siteOfFile(file); station != "" {
		return station
	}
	return unnamed
}

// site gives where the radar stands: as its radials say, or else the list of stations; false where neither does.
func (c *content) site(station string) (radar.Site, bool) {
	for i := range c.radials {
		if s, ok := c.radials[i].site(); ok {
			s.Name = station
			return s, true
		}
		if i == 100 { // they all say the same
			break
		}
	}
	s, ok := sites()[station]
	s.Name = station
	return s, ok
}

// station gives what message 31 calls its station, "" where it does not.
func (r *radial) station() string {
	if r.legacy || !isStation(string(r.body[:4])) {
		return ""
	}
	return string(r.body[:4])
}

// site gives where message 31 says that its antenna stands. TDWRs may give degrees × 1000, and give the height of the
// antenna twice: as that of the ground, and as that above it.
func (r *radial) site() (s radar.Site, ok bool) {
	if r.legacy || r.volume == 0 {
		return s, false
	}
	b := r.body[r.volume:]
	s.LatitudeDeg, s.LongitudeDeg = float64(float32At(b[8:])), float64(float32At(b[12:]))
	if math.Abs(s.LatitudeDeg) > 90 || math.Abs(s.LongitudeDeg) > 180 {
		s.LatitudeDeg, s.LongitudeDeg = s.LatitudeDeg/1000, s.LongitudeDeg/1000
	}
	ground, above := float64(int16(binary.BigEndian.Uint16(b[16:]))), float64(binary.BigEndian.Uint16(b[18:]))
	if s.HeightM = ground; above != ground {
		s.HeightM += above
	}
	somewhere := math.Abs(s.LatitudeDeg) <= 90 && math.Abs(s.LongitudeDeg) <= 180 && (s.LatitudeDeg != 0 || s.LongitudeDeg != 0)
	return s, somewhere && s.HeightM > -500 && s.HeightM < 9000
}

// cuts parts radials by the number of their cut, in order of appearance. A cut that comes twice is one.
func cuts(radials []radial) (parted [][]*radial) {
	var place, count [256]int
	for i := range radials {
		count[radials[i].cut]++
	}
	for i := range radials {
		r := &radials[i]
		if place[r.cut] == 0 {
			parted = append(parted, make([]*radial, 0, count[r.cut]))
			place[r.cut] = len(parted)
		}
		p := place[r.cut] - 1
		parted[p] = append(parted[p], r)
	}
	return parted
}

// tooMany says why a volume is refused before memory is taken for it.
func tooMany(values int) error {
	return fmt.Errorf("its sweeps would have %d values, far more than its radials bring or any volume has", values)
}
