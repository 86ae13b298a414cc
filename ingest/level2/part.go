package level2

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"bowecho/internal/radar"
)

// Part is one part of a volume as it comes while the antenna turns: YYYYMMDD-HHMMSS-NNN-S (the first), -I or -E (the
// last), often in a folder SITE/VVV/ where VVV is 1 to 999 and then 1 again.
type Part struct {
	Name string
	Data []byte
}

var partName = regexp.MustCompile(`^(\d{8}-\d{6})-(\d{3})-([SIE])$`)

const partTime = "20060102-150405"

// label is what a part's name says.
type label struct {
	station string // of its folder, "" without one
	start   time.Time
	number  int // from 1
	last    bool
}

func readLabel(name string) (l label, ok bool) {
	folders := strings.Split(strings.ReplaceAll(name, `\`, "/"), "/")
	found := partName.FindStringSubmatch(folders[len(folders)-1])
	if found == nil {
		return l, false
	}
	var err error
	if l.start, err = time.Parse(partTime, found[1]); err != nil {
		return l, false
	}
	l.number, err = strconv.Atoi(found[2])
	l.last = found[3] == "E"
	if n := len(folders); n >= 3 && isStation(folders[n-3]) {
		l.station = folders[n-3]
	}
	return l, err == nil && l.number > 0
}

// IsChunk tells whether a name, with or without folders, is that of a part of a volume in real time.
func IsChunk(name string) bool {
	_, ok := readLabel(name)
	return ok
}

// DecodeParts reads the parts of one volume, in whatever order they stand. Of parts of several volumes it takes the
// volume of which there are most; what is missing or left out stands in the scan's Flaws.
func DecodeParts(parts []Part) (*radar.Scan, error) {
	volume, left := mainVolume(parts)
	if len(volume) == 0 {
		return nil, errors.New("no part of a volume (YYYYMMDD-HHMMSS-NNN-S, -I or -E) among the files")
	}
	all := &content{}
	defer all.release()
	inflated := 0
	for _, p := range volume {
		c, err := read(p.Data)
		all.slabs = append(all.slabs, c.slabs...)
		if err != nil {
			all.flaws.add(fmt.Sprintf("part %s: %v", path.Base(p.Name), err))
			continue
		}
		if inflated += c.bytes(); inflated > maxBytes {
			return nil, fmt.Errorf("%s: the volume's parts inflate to more than %d MiB, which no volume does", path.Base(p.Name), maxBytes>>20)
		}
		all.join(c)
	}
	all.tellMissing(volume)
	if left > 0 {
		all.flaws.add(fmt.Sprintf("%d parts of other volumes left out", left))
	}
	scan, err := all.scan(volume[0].Name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(volume[0].Name), err)
	}
	return scan, nil
}

// join takes what another part holds.
func (c *content) join(part *content) {
	if c.station == "" {
		c.station = part.station
	}
	if c.pattern == 0 {
		c.pattern = part.pattern
	}
	c.radials = append(c.radials, part.radials...)
	c.flaws.join(part.flaws)
}

// mainVolume gives the parts, in order, of the volume of which there are most, and how many other parts there are.
func mainVolume(parts []Part) (volume []Part, left int) {
	byStart := map[time.Time][]Part{}
	var starts []time.Time
	count := 0
	for _, p := range parts {
		l, ok := readLabel(p.Name)
		if !ok {
			continue
		}
		if byStart[l.start] == nil {
			starts = append(starts, l.start)
		}
		count++
		byStart[l.start] = append(byStart[l.start], p)
	}
	for _, start := range starts {
		if len(byStart[start]) > len(volume) {
			volume = byStart[start]
		}
	}
	left = count - len(volume)
	number := func(p Part) int { l, _ := readLabel(p.Name); return l.number }
	slices.SortStableFunc(volume, func(a, b Part) int { return number(a) - number(b) })
	return slices.CompactFunc(volume, func(a, b Part) bool { return number(a) == number(b) }), left
}

// tellMissing notes the numbers that are not among a volume's parts.
func (c *content) tellMissing(volume []Part) {
	next, ended := 1, false
	for _, p := range volume {
		l, _ := readLabel(p.Name)
		if l.number > next {
			c.flaws.add(partsMissing(next, l.number-1))
		}
		next, ended = l.number+1, l.last
	}
	if !ended {
		c.flaws.add(fmt.Sprintf("the volume has no end: part %d is the last that came", next-1))
	}
}

func partsMissing(first, last int) string {
	if first == last {
		return fmt.Sprintf("part %d is missing", first)
	}
	return fmt.Sprintf("parts %d to %d are missing", first, last)
}
