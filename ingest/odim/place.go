package odim

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"bowecho/ingest/hdf5"
	"bowecho/internal/radar"
)

// place is a group of the file. What it does not say itself, the groups above it say: an attribute of what, where or
// how holds for all below, unless it is given again there.
type place struct {
	file  *hdf5.File
	paths []string // the group's own first
}

func (p place) below(name string) place {
	return place{p.file, append([]string{p.paths[0] + "/" + name}, p.paths...)}
}

func (p place) attribute(group, name string) (hdf5.Attribute, bool) {
	for _, path := range p.paths {
		if a, found := p.file.Attribute(path+"/"+group, name); found {
			return a, true
		}
	}
	return hdf5.Attribute{}, false
}

// text gives an attribute in UTF-8; some writers use Latin-1.
func (p place) text(group, name string) string {
	a, _ := p.attribute(group, name)
	return utf8Of(strings.TrimSpace(a.Text))
}

func utf8Of(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	runes := make([]rune, 0, len(text))
	for _, b := range []byte(text) {
		runes = append(runes, rune(b))
	}
	return string(runes)
}

// numbers gives an attribute's numbers; some writers put them as text, with commas between.
func (p place) numbers(group, name string) []float64 {
	a, _ := p.attribute(group, name)
	if a.Text == "" {
		return a.Numbers
	}
	var list []float64
	for _, word := range strings.Split(a.Text, ",") {
		n, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil {
			return nil
		}
		list = append(list, n)
	}
	return list
}

// number gives the one number of an attribute, NaN where there is none.
func (p place) number(group, name string) float64 {
	if n := p.numbers(group, name); len(n) > 0 {
		return n[0]
	}
	return math.NaN()
}

// or gives a number, and another where the file does not say it.
func or(n, otherwise float64) float64 {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return otherwise
	}
	return n
}

// positive gives the first of several attributes of how that is above 0, else 0.
func (p place) positive(names ...string) float64 {
	for _, name := range names {
		if n := p.number("how", name); n > 0 && !math.IsInf(n, 0) {
			return n
		}
	}
	return 0
}

// time gives the time whose attributes in what begin with "start", "end" or nothing.
func (p place) time(prefix string) (time.Time, error) {
	date, clock := p.text("what", prefix+"date"), p.text("what", prefix+"time")
	if len(clock) == 4 {
		clock += "00"
	}
	t, err := time.Parse("20060102150405", date+clock)
	if err != nil {
		return t, fmt.Errorf("%sdate %q and %stime %q are no time", prefix, date, prefix, clock)
	}
	return t, nil
}

// siteNames are the kinds of names in the attribute source, the best first: the ODIM node, OPERA's number, the place,
// the WMO's numbers, a national one.
var siteNames = []string{"NOD", "RAD", "PLC", "WMO", "WIGOS", "STN"}

// siteName gives the best name in the attribute source, and all of it where there is none.
func siteName(source string) string {
	said := map[string]string{}
	for _, item := range strings.FieldsFunc(source, func(r rune) bool { return r == ',' || r == ';' }) {
		if kind, name, found := strings.Cut(item, ":"); found && strings.Trim(name, "0 ") != "" {
			said[strings.TrimSpace(kind)] = strings.TrimSpace(name)
		}
	}
	for _, kind := range siteNames {
		if name := said[kind]; name != "" {
			return name
		}
	}
	return source
}

func (p place) site() (radar.Site, error) {
	s := radar.Site{
		Name:        siteName(p.text("what", "source")),
		LatitudeDeg: p.number("where", "lat"), LongitudeDeg: p.number("where", "lon"), HeightM: or(p.number("where", "height"), 0),
	}
	switch {
	case s.Name == "":
		return s, errors.New("no attribute source in /what; whose file is it?")
	case !(math.Abs(s.LatitudeDeg) <= 90) || !(math.Abs(s.LongitudeDeg) <= 180) || !(s.HeightM > -500 && s.HeightM < 9000):
		return s, fmt.Errorf("radar %s stands at latitude %g, longitude %g, height %g m, which is not on the earth",
			s.Name, s.LatitudeDeg, s.LongitudeDeg, s.HeightM)
	}
	return s, nil
}
