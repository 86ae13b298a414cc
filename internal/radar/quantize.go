package radar

import "math"

// finestQuantum is how finely a moment is kept where its range allows, in its own units; no radar measures finer.
const finestQuantum = 0.01

// correlationQuantum is the same for moments between 0 and 1.
const correlationQuantum = 0.0001

// usual holds whatever a moment of that name can be, so that its values need not be looked through first.
var usual = map[string]Coding{
	DBZH: {-200, finestQuantum}, VRADH: {-200, finestQuantum}, WRADH: {-200, finestQuantum}, ZDR: {-200, finestQuantum},
	PHIDP: {-200, finestQuantum}, KDP: {-200, finestQuantum}, SNRH: {-200, finestQuantum},
	RHOHV: {-3, correlationQuantum}, NCP: {-3, correlationQuantum},
}

// fitting gives the finest coding that holds all measurements.
func fitting(values []float32) (c Coding) {
	least, most := extremes(values)
	c.Quantum = finestQuantum
	if least >= -0.1 && most <= 2 {
		c.Quantum = correlationQuantum
	}
	c.Quantum = max(c.Quantum, (most-least)/(codesOfMeasurements-1))
	c.Offset = math.Floor(least/c.Quantum) * c.Quantum
	if (most-c.Offset)/c.Quantum > codesOfMeasurements-2 {
		c.Offset = least
	}
	return c
}

// The bits of values that are no measurements. With them the loops over the millions of gates of a volume need no
// branches, which echo and none in turn would mislead.
const (
	exponentBits       = 0x7f800000
	rangeFoldedBits    = 0x7f800000
	belowThresholdBits = 0xff800000
)

// extremes gives the least and the most of the measurements, zeros where there is none.
func extremes(values []float32) (least, most float64) {
	low, high := uint32(math.MaxUint32), uint32(0) // of ranks
	for _, v := range values {
		bits := math.Float32bits(v)
		rank := bits ^ (uint32(int32(bits)>>31) | 1<<31) // grows with the value
		least, most := rank, rank
		if bits&exponentBits == exponentBits {
			least, most = math.MaxUint32, 0
		}
		low, high = min(low, least), max(high, most)
	}
	if low > high {
		return 0, 0
	}
	return valueOfRank(low), valueOfRank(high)
}

func valueOfRank(rank uint32) float64 {
	return float64(math.Float32frombits(rank ^ (^uint32(int32(rank)>>31) | 1<<31)))
}

// quantize writes the codes of values, a plane of their low and one of their high bytes, and tells whether there was
// one for each.
func (c Coding) quantize(low, high []byte, values []float32) bool {
	scale, bias := 1/c.Quantum, 0.5-c.Offset/c.Quantum
	low, high = low[:len(values)], high[:len(values)]
	var steps uint32
	for i, v := range values {
		bits := math.Float32bits(v)
		step := int32(float64(v)*scale + bias)
		special := uint16(CodeNoData)
		if bits == belowThresholdBits {
			special = CodeBelowThreshold
		}
		if bits == rangeFoldedBits {
			special = CodeRangeFolded
		}
		code := uint16(step) + FirstCode
		if bits&exponentBits == exponentBits {
			step, code = 0, special
		}
		steps |= uint32(step) + FirstCode
		low[i], high[i] = byte(code), byte(code>>8)
	}
	return steps <= math.MaxUint16
}

// pack gives the block of a moment, and says how it is made.
func pack(m *Moment, b *wireBlock) []byte {
	codes := m.Codes
	if b.Coding = m.Coding; codes == nil {
		codes, b.Coding = m.coded()
		defer spareCodes.keep(codes)
	}
	block := wireEncoder.EncodeAll(codes, nil)
	b.Bytes = len(block)
	return block
}

// coded gives the codes of a moment's values, and what they stand for: as the moment says, if all have one, else as is
// usual for such a moment, else as finely as its range allows.
func (m *Moment) coded() ([]byte, Coding) {
	codes := NewCodes(2 * len(m.Values))
	low, high := codes[:len(m.Values)], codes[len(m.Values):]
	for _, c := range []Coding{m.Coding, usual[m.Name]} {
		if c.Quantum > 0 && c.quantize(low, high, m.Values) {
			return codes, c
		}
	}
	c := fitting(m.Values)
	c.quantize(low, high, m.Values)
	return codes, c
}
