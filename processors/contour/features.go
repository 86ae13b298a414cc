package contour

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/paulmach/orb"
)

// Origin is what all areas of one product have in common.
type Origin struct {
	Product   string
	Units     string
	Domain    string
	IssueTime time.Time
	Radars    []string
	InCells   bool // polygons are in grid coordinates: their areas are given in cells
}

// Collection is a GeoJSON FeatureCollection in the making, one feature a polygon.
type Collection struct {
	origin Origin
	prefix string // of every id
	tail   []byte // the properties that all features share
	data   []byte
	count  int
}

// NewCollection begins a collection.
func NewCollection(o Origin) *Collection {
	issued := o.IssueTime.UTC()
	tail := append([]byte(`,"product":`), quoted(o.Product)...)
	tail = append(append(tail, `,"units":`...), quoted(o.Units)...)
	tail = append(append(tail, `,"domain":`...), quoted(o.Domain)...)
	tail = append(append(tail, `,"issueTime":`...), quoted(issued.Format(time.RFC3339Nano))...)
	tail = append(append(tail, `,"radars":`...), quoted(append([]string{}, o.Radars...))...)
	return &Collection{
		origin: o, tail: tail,
		prefix: o.Domain + "/" + o.Product + "/" + issued.Format("20060102T150405.999Z"),
		data:   []byte(`{"type":"FeatureCollection","features":[`),
	}
}

// Add puts in the polygons of one level and lead time, numbered from 1. A level and lead time is added once: the
// ids of its features are made of domain, product, issue time, level, lead time and number.
func (c *Collection) Add(level, leadMinutes float64, mp orb.MultiPolygon) {
	valid := c.origin.IssueTime.UTC().Add(time.Duration(leadMinutes * float64(time.Minute))).Format(time.RFC3339Nano)
	c.reserve(mp)
	for i, p := range mp {
		if c.count++; c.count > 1 {
			c.data = append(c.data, ',', '\n')
		}
		id := c.prefix + "/" + short(level) + "/" + short(leadMinutes) + "/" + strconv.Itoa(i+1)
		b := append(append(c.data, `{"type":"Feature","id":`...), quoted(id)...)
		b = strconv.AppendFloat(append(b, `,"properties":{"level":`...), level, 'f', -1, 64)
		b = strconv.AppendFloat(append(b, `,"leadMinutes":`...), leadMinutes, 'f', -1, 64)
		b = append(append(b, `,"validTime":`...), quoted(valid)...)
		b = append(c.appendArea(b, p), c.tail...)
		b = appendPolygon(append(b, `},"geometry":`...), p)
		c.data = append(b, '}')
	}
}

// reserve makes room for polygons, twice as much as there is at least, so that what is written is seldom copied.
func (c *Collection) reserve(mp orb.MultiPolygon) {
	const vertexBytes, featureBytes = 24, 200
	need := len(mp) * (featureBytes + len(c.tail) + len(c.prefix))
	for _, p := range mp {
		for _, ring := range p {
			need += vertexBytes * len(ring)
		}
	}
	if need > cap(c.data)-len(c.data) {
		c.data = slices.Grow(c.data, max(need, len(c.data)))
	}
}

// Len gives the number of features.
func (c *Collection) Len() int { return c.count }

// JSON gives the collection. More may be added afterwards.
func (c *Collection) JSON() json.RawMessage {
	return append(c.data[:len(c.data):len(c.data)], "]}\n"...)
}

func (c *Collection) appendArea(b []byte, p orb.Polygon) []byte {
	if c.origin.InCells {
		return strconv.AppendFloat(append(b, `,"areaCells":`...), AreaCells(p), 'f', 4, 64)
	}
	return strconv.AppendFloat(append(b, `,"areaKm2":`...), AreaKM2(p), 'f', 4, 64)
}

// MultiPolygon gives the GeoJSON geometry of polygons.
func MultiPolygon(mp orb.MultiPolygon) json.RawMessage {
	b := []byte(`{"type":"MultiPolygon","coordinates":[`)
	for i, p := range mp {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRings(b, p)
	}
	return append(b, "]}"...)
}

func appendPolygon(b []byte, p orb.Polygon) []byte {
	return append(appendRings(append(b, `{"type":"Polygon","coordinates":`...), p), '}')
}

func appendRings(b []byte, p orb.Polygon) []byte {
	b = append(b, '[')
	for i, ring := range p {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		for k, v := range ring {
			if k > 0 {
				b = append(b, ',')
			}
			b = appendNumber(append(b, '['), v[0])
			b = append(appendNumber(append(b, ','), v[1]), ']')
		}
		b = append(b, ']')
	}
	return append(b, ']')
}

// appendNumber writes a coordinate exactly. Millionths, as OnMap gives them, are written as whole numbers are: fast.
func appendNumber(b []byte, v float64) []byte {
	steps := math.RoundToEven(v * stepsPerDegree)
	if steps/stepsPerDegree != v || math.Abs(steps) > 1e15 {
		return strconv.AppendFloat(b, v, 'f', -1, 64)
	}
	if steps < 0 {
		b, steps = append(b, '-'), -steps
	}
	n := uint64(steps)
	b = strconv.AppendUint(b, n/stepsPerDegree, 10)
	fraction := n % stepsPerDegree
	if fraction == 0 {
		return b
	}
	first, second, third := twoDigits[fraction/1e4], twoDigits[fraction/100%100], twoDigits[fraction%100]
	b = append(b, '.', first[0], first[1], second[0], second[1], third[0], third[1])
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

// twoDigits holds the two digits of each number below 100.
var twoDigits = func() (all [100][2]byte) {
	for i := range all {
		all[i] = [2]byte{'0' + byte(i/10), '0' + byte(i%10)}
	}
	return all
}()

func short(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// quoted gives a string, or strings, as JSON.
func quoted[T string | []string](v T) []byte {
	data, _ := json.Marshal(v) // strings always can be written
	return data
}
