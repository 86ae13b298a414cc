package warning

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"bowecho/internal/event"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// heading begins a text product: what it is, who sent it, and the day and time of the month in UTC.
// Source: WMO-No. 386, Manual on the GTS, part II: "WFUS54 KLIX 061501".
var heading = regexp.MustCompile(`(?m)^[A-Z]{4}[0-9]{2} [A-Z]{4} ([0-9]{2})([0-9]{2})([0-9]{2})\b`)

func isText(head string) bool {
	at := heading.FindStringIndex(strings.ReplaceAll(head, "\r", ""))
	return at != nil && at[0] < 64 // but for a number of the line
}

var (
	codes     = regexp.MustCompile(`(?m)^([A-Z]{2}[CZ][0-9]{3}[-0-9A-Z>\n ]*?)-?[0-9]{6}-[ \t]*$`)
	latLon    = regexp.MustCompile(`(?m)^LAT\.\.\.LON((?:[ \t\n]+[0-9]{4,5})+)`)
	halfPlace = regexp.MustCompile(`[0-9]{4,5}`)
)

// readText reads text products one after the other. What has no VTEC warns of nothing that begins and ends, and is left out.
// Source: NWS Directive 10-1701 (text product formats) and 10-1703 (VTEC).
func readText(data []byte) (*Bulletin, error) {
	text := strings.ReplaceAll(string(data), "\r", "")
	b := &Bulletin{Format: "NWS text"}
	starts := heading.FindAllStringSubmatchIndex(text, -1)
	for i, at := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		head := heading.FindStringSubmatch(text[at[0]:end])
		b.takeProduct(text[at[0]:end], head[1:])
	}
	return b, nil
}

// takeProduct takes the segments of a product. One event may stand in several: what still holds counts more than where it
// has ended, and its areas add up.
func (b *Bulletin) takeProduct(product string, sent []string) {
	var here Bulletin
	for segment := range strings.SplitSeq(product, "$$") {
		area, err := outline(segment)
		for _, m := range vtecs.FindAllStringSubmatch(segment, -1) {
			w, wrong := vtecOf(m).warning(sent)
			w.Area, w.Codes = area, countiesOf(segment)
			here.join(w, errors.Join(err, wrong))
		}
	}
	for _, w := range here.Warnings {
		b.add(w, nil)
	}
	b.Flaws = append(b.Flaws, here.Flaws...)
}

func (b *Bulletin) join(w event.Warning, err error) {
	i := slices.IndexFunc(b.Warnings, func(other event.Warning) bool { return other.ID == w.ID })
	if err != nil || i < 0 {
		b.add(w, err)
		return
	}
	switch other := &b.Warnings[i]; {
	case !other.Ended.IsZero() && w.Ended.IsZero():
		*other = w
	case other.Ended.IsZero() == w.Ended.IsZero():
		other.Codes = append(other.Codes, w.Codes...)
		other.Area = areaOf(append(polygons(other.Area), polygons(w.Area)...))
	}
}

func polygons(g *geojson.Geometry) orb.MultiPolygon {
	if g == nil {
		return nil
	}
	switch shape := g.Geometry().(type) {
	case orb.Polygon:
		return orb.MultiPolygon{shape}
	case orb.MultiPolygon:
		return shape
	}
	return nil
}

// outline reads the polygon of a segment: hundredths of degrees north, and west.
func outline(segment string) (*geojson.Geometry, error) {
	m := latLon.FindStringSubmatch(segment)
	if m == nil {
		return nil, nil
	}
	numbers := halfPlace.FindAllString(m[1], -1)
	if len(numbers)%2 != 0 {
		return nil, fmt.Errorf("LAT...LON has %d numbers, want pairs", len(numbers))
	}
	var ring orb.Ring
	for i := 0; i < len(numbers); i += 2 {
		lat, lon := hundredths(numbers[i]), -hundredths(numbers[i+1])
		if lon < -180 { // Guam lies beyond
			lon += 360
		}
		ring = append(ring, orb.Point{lon, lat})
	}
	ring, err := ringOf(ring)
	if err != nil {
		return nil, fmt.Errorf("LAT...LON: %w", err)
	}
	return areaOf(orb.MultiPolygon{{ring}}), nil
}

func hundredths(digits string) float64 {
	n, _ := strconv.Atoi(digits) // of digits only
	return float64(n) / 100
}

// countiesOf gives the codes of the counties and zones of a segment, as "UGC TXC113".
// "TXC113-121>123-OKC019-" is TXC113, TXC121, TXC122, TXC123 and OKC019.
func countiesOf(segment string) (list []string) {
	m := codes.FindStringSubmatch(segment)
	if m == nil {
		return nil
	}
	prefix := ""
	for _, item := range strings.FieldsFunc(m[1], func(r rune) bool { return r == '-' || r == '\n' || r == ' ' }) {
		if len(item) >= 6 && item[0] >= 'A' {
			prefix, item = item[:3], item[3:]
		}
		from, to, ranged := strings.Cut(item, ">")
		first, err := strconv.Atoi(from)
		last := first
		if ranged && err == nil {
			last, err = strconv.Atoi(to)
		}
		if err != nil || prefix == "" || last-first > 1000 {
			continue
		}
		for n := first; n <= last; n++ {
			list = append(list, fmt.Sprintf("UGC %s%03d", prefix, n))
		}
	}
	return list
}

// sentAt gives when a product was sent, from the day and time in its heading, in the month that brings it nearest to a time
// that it names.
func sentAt(heading []string, near time.Time) time.Time {
	var at [3]int
	for i, digits := range heading {
		at[i], _ = strconv.Atoi(digits) // of two digits each
	}
	best := time.Time{}
	for month := -1; month <= 1; month++ {
		t := time.Date(near.Year(), near.Month()+time.Month(month), at[0], at[1], at[2], 0, 0, time.UTC)
		if t.Day() == at[0] && (best.IsZero() || t.Sub(near).Abs() < best.Sub(near).Abs()) {
			best = t
		}
	}
	return best
}
