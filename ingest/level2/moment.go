package level2

import (
	"encoding/binary"
	"math"

	"bowecho/internal/radar"
)

// moments is every moment that Level II knows, under its name there.
var moments = [...]struct{ code, name, units string }{
	{"REF", radar.DBZH, "dBZ"},
	{"VEL", radar.VRADH, "m/s"},
	{"SW ", radar.WRADH, "m/s"},
	{"ZDR", radar.ZDR, "dB"},
	{"PHI", radar.PHIDP, "degrees"},
	{"RHO", radar.RHOHV, "1"},
	{"CFP", radar.CFP, "dB"}, // power removed by the clutter filter
}

func momentOf(code string) int {
	for i := range moments {
		if moments[i].code == code {
			return i
		}
	}
	return -1
}

// coded says how one moment of one radial stands in its body: a value is (code - offset) / scale. It is read once, while
// the body is at hand, since looking there again for each moment costs more than the rest of laying out.
type coded struct {
	at            uint32 // where in the body the codes begin; 0 where the radial has no such moment
	count         uint16 // of gates
	spacingM      uint16
	firstM        int16
	wide          bool // two bytes a gate
	scale, offset float32
}

func (c *coded) gates() radar.Gates {
	return radar.Gates{Count: int(c.count), FirstM: float64(c.firstM), SpacingM: float64(c.spacingM)}
}

// sound tells whether there are gates, whose codes end within the body, and become numbers.
func (c *coded) sound(end int) bool {
	width := 1
	if c.wide {
		width = 2
	}
	return c.count > 0 && c.count <= maxGates && int(c.at)+int(c.count)*width <= end && c.spacingM > 0 &&
		math.Abs(float64(c.scale)) >= 1e-3 && math.Abs(float64(c.scale)) <= 1e6 && math.Abs(float64(c.offset)) <= 1e6
}

// The codes that are no value.
const (
	codeBelow  = 0
	codeFolded = 1
)

func (c *coded) value(code uint16) float32 {
	switch code {
	case codeBelow:
		return radar.BelowThresholdValue
	case codeFolded:
		return radar.RangeFoldedValue
	}
	return (float32(code) - c.offset) / c.scale
}

// usual is how many codes a table holds: differential phase has ten bits and differential reflectivity little more.
const usual = 2048

// converter turns codes to values by a table, which it keeps while scale and offset stay the same.
type converter struct {
	scale, offset float32
	wide          bool
	table         [usual]float32
}

// convert writes the values of a radial's moment, and no data in what is left of dst.
func (v *converter) convert(dst []float32, body []byte, c *coded) {
	if v.scale != c.scale || v.offset != c.offset || v.wide != c.wide {
		v.prepare(c)
	}
	rest := dst[c.count:]
	for i := range rest {
		rest[i] = radar.NoDataValue
	}
	dst, body = dst[:c.count], body[c.at:]
	if c.wide {
		v.convertWide(dst, body, c)
		return
	}
	table := (*[256]float32)(v.table[:256])
	codes := body[:len(dst)]
	for len(codes) >= 8 { // eight at a time takes two thirds of the time
		c, d := (*[8]byte)(codes), (*[8]float32)(dst)
		d[0], d[1], d[2], d[3] = table[c[0]], table[c[1]], table[c[2]], table[c[3]]
		d[4], d[5], d[6], d[7] = table[c[4]], table[c[5]], table[c[6]], table[c[7]]
		codes, dst = codes[8:], dst[8:]
	}
	for i, code := range codes {
		dst[i] = table[code]
	}
}

func (v *converter) convertWide(dst []float32, codes []byte, c *coded) {
	for i := range dst {
		code := binary.BigEndian.Uint16(codes)
		codes = codes[2:]
		if code < usual {
			dst[i] = v.table[code]
		} else {
			dst[i] = c.value(code)
		}
	}
}

func (v *converter) prepare(c *coded) {
	v.scale, v.offset, v.wide = c.scale, c.offset, c.wide
	count := 256
	if c.wide {
		count = usual
	}
	for code := range v.table[:count] {
		v.table[code] = c.value(uint16(code))
	}
}
