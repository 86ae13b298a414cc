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

// convert writes the values of a radial's moment.
func (c *coded) convert(dst []float32, body []byte) {
	for i := range dst {
		if c.wide {
			dst[i] = c.value(binary.BigEndian.Uint16(body[2*i:]))
		} else {
			dst[i] = c.value(uint16(body[i]))
		}
	}
}

// moveOn writes the codes that radar.Moment holds, which are Level II's plus one: below threshold, range folded and the
// first measurement are 0, 1 and 2 there, and 1, 2 and 3 here. Low and high bytes are apart. It gives something other
// than 0 where a high byte is, and false where a code has no place.
func (c *coded) moveOn(low, high, body []byte) (above uint64, ok bool) {
	if c.wide {
		return moveOnWide(low, high, body)
	}
	const lows, ones, tops = 0x7f7f7f7f7f7f7f7f, 0x0101010101010101, 0x8080808080808080 // of eight bytes
	body = body[:len(low)]
	for len(body) >= 8 {
		codes := binary.LittleEndian.Uint64(body)
		sum := codes&lows + ones // no byte's carry reaches the next
		full := sum & codes & tops >> 7
		binary.LittleEndian.PutUint64(low, sum^codes&tops)
		binary.LittleEndian.PutUint64(high, full)
		above |= full
		low, high, body = low[8:], high[8:], body[8:]
	}
	for i, code := range body {
		next := uint16(code) + 1
		low[i], high[i] = byte(next), byte(next>>8)
		above |= uint64(next >> 8)
	}
	return above, true
}

func moveOnWide(low, high, body []byte) (above uint64, ok bool) {
	high = high[:len(low)]
	last := uint16(0)
	for i := range low {
		code := binary.BigEndian.Uint16(body[2*i:])
		next := code + 1
		low[i], high[i] = byte(next), byte(next>>8)
		above |= uint64(next >> 8)
		last = max(last, code)
	}
	return above, last < math.MaxUint16
}
