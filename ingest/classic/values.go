package classic

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Float32s gives all values of a variable of type Float, record by record.
func (f *File) Float32s(v *Variable) ([]float32, error) {
	if v.Type != Float {
		return f.converted(v)
	}
	count, stride := f.records(v)
	per := int(v.slab / 4)
	out := make([]float32, int(count)*per) // check has held this against the file's size
	for r := range int(count) {
		from := v.begin + int64(r)*stride
		floats(out[r*per:(r+1)*per], f.data[from:from+v.slab])
	}
	return out, nil
}

// floats converts big-endian bytes; one load and one swap a value.
func floats(out []float32, b []byte) {
	for i := range out {
		out[i] = math.Float32frombits(binary.BigEndian.Uint32(b[4*i:]))
	}
}

func (f *File) converted(v *Variable) ([]float32, error) {
	wide, err := f.Float64s(v)
	if err != nil {
		return nil, err
	}
	out := make([]float32, len(wide))
	for i, w := range wide {
		out[i] = float32(w)
	}
	return out, nil
}

// Float64s gives all values of a variable of any type but Char, record by record.
func (f *File) Float64s(v *Variable) ([]float64, error) {
	if v.Type == Char {
		return nil, fmt.Errorf("variable %s is text, want numbers", v.Name)
	}
	count, stride := f.records(v)
	var out []float64
	for r := range count {
		from := v.begin + r*stride
		out = append(out, numbers(f.data[from:from+v.slab], v.Type)...)
	}
	return out, nil
}

// numbers converts big-endian bytes of a type.
func numbers(b []byte, t Type) []float64 {
	size := int(t.size())
	out := make([]float64, len(b)/size)
	for i := range out {
		out[i] = number(b[i*size:], t)
	}
	return out
}

func number(b []byte, t Type) float64 {
	switch t {
	case Byte:
		return float64(int8(b[0]))
	case UByte, Char:
		return float64(b[0])
	case Short:
		return float64(int16(binary.BigEndian.Uint16(b)))
	case UShort:
		return float64(binary.BigEndian.Uint16(b))
	case Int:
		return float64(int32(binary.BigEndian.Uint32(b)))
	case UInt:
		return float64(binary.BigEndian.Uint32(b))
	case Float:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	case Double:
		return math.Float64frombits(binary.BigEndian.Uint64(b))
	case Int64:
		return float64(int64(binary.BigEndian.Uint64(b)))
	default:
		return float64(binary.BigEndian.Uint64(b))
	}
}

// Text gives the characters of a variable of type Char that is not laid out in records.
func (f *File) Text(v *Variable) (string, error) {
	if v.Type != Char || v.record {
		return "", fmt.Errorf("variable %s is not text of a fixed length", v.Name)
	}
	return string(f.data[v.begin : v.begin+v.slab]), nil
}
