package classic

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Writer makes a CDF-1 file of which every variable lies on the record dimension first.
type Writer struct {
	Dimensions []Dimension // one of them the record dimension, its length the number of records
	Attributes []Attribute
	Variables  []Variable
	Values     [][]float64 // of each variable, record by record; nil where Floats holds them
	Floats     [][]float32
}

// Bytes gives the file.
func (w *Writer) Bytes() ([]byte, error) {
	records, slabs, stride, err := w.layout()
	if err != nil {
		return nil, err
	}
	size := len(w.header(slabs, 0, records))
	if int64(size)+int64(records)*int64(stride) > math.MaxInt32 {
		return nil, fmt.Errorf("%d records of %d bytes are more than CDF-1 can hold", records, stride)
	}
	out := w.header(slabs, size, records)
	out = append(out, make([]byte, records*stride)...)
	for i, v := range w.Variables {
		offset := size
		for _, s := range slabs[:i] {
			offset += pad4(s)
		}
		w.fill(out[offset:], i, v.Type, slabs[i], stride, records)
	}
	return out, nil
}

func pad4(n int) int { return (n + 3) &^ 3 }

func (w *Writer) layout() (records int, slabs []int, stride int, err error) {
	for _, d := range w.Dimensions {
		if d.Record {
			records = int(d.Length)
		}
	}
	for i, v := range w.Variables {
		if len(v.Dimensions) == 0 || !w.Dimensions[v.Dimensions[0]].Record {
			return 0, nil, 0, fmt.Errorf("variable %s does not lie on the record dimension", v.Name)
		}
		slab, values := int(v.Type.size()), records
		for _, d := range v.Dimensions[1:] {
			slab *= int(w.Dimensions[d].Length)
			values *= int(w.Dimensions[d].Length)
		}
		if got := len(w.Values[i]) + len(w.Floats[i]); got != values {
			return 0, nil, 0, fmt.Errorf("variable %s has %d values, want %d", v.Name, got, values)
		}
		slabs = append(slabs, slab)
		stride += pad4(slab)
	}
	if len(w.Variables) < 2 {
		return 0, nil, 0, fmt.Errorf("%d variables, want at least 2: a single one is laid differently", len(w.Variables))
	}
	return records, slabs, stride, nil
}

// fill writes one variable's slabs, a stride apart.
func (w *Writer) fill(out []byte, variable int, t Type, slab, stride, records int) {
	per := slab / int(t.size())
	for r := range records {
		b := out[r*stride:]
		for i := range per {
			switch k := r*per + i; {
			case w.Floats[variable] != nil:
				binary.BigEndian.PutUint32(b[4*i:], math.Float32bits(w.Floats[variable][k]))
			case t == Double:
				binary.BigEndian.PutUint64(b[8*i:], math.Float64bits(w.Values[variable][k]))
			case t == Float:
				binary.BigEndian.PutUint32(b[4*i:], math.Float32bits(float32(w.Values[variable][k])))
			default:
				binary.BigEndian.PutUint32(b[4*i:], uint32(int32(w.Values[variable][k])))
			}
		}
	}
}

// header gives the header of a file whose data begin at a byte.
func (w *Writer) header(slabs []int, begin, records int) []byte {
	b := append([]byte("CDF\x01"), be32(records)...)
	b = append(append(b, be32(tagDimension)...), be32(len(w.Dimensions))...)
	for _, d := range w.Dimensions {
		length := int(d.Length)
		if d.Record {
			length = 0
		}
		b = append(appendName(b, d.Name), be32(length)...)
	}
	b = appendAttributes(b, w.Attributes)
	b = append(append(b, be32(tagVariable)...), be32(len(w.Variables))...)
	for i, v := range w.Variables {
		b = append(appendName(b, v.Name), be32(len(v.Dimensions))...)
		for _, d := range v.Dimensions {
			b = append(b, be32(d)...)
		}
		b = appendAttributes(b, v.Attributes)
		b = append(append(append(b, be32(int(v.Type))...), be32(pad4(slabs[i]))...), be32(begin)...)
		begin += pad4(slabs[i])
	}
	return b
}

func be32(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }

func appendName(b []byte, name string) []byte {
	b = append(append(b, be32(len(name))...), name...)
	return append(b, make([]byte, pad4(len(name))-len(name))...)
}

func appendAttributes(b []byte, list []Attribute) []byte {
	if len(list) == 0 {
		return append(b, make([]byte, 8)...)
	}
	b = append(append(b, be32(tagAttribute)...), be32(len(list))...)
	for _, a := range list {
		b = appendName(b, a.Name)
		if a.Numbers == nil {
			b = appendName(append(b, be32(int(Char))...), a.Text)
			continue
		}
		b = append(append(b, be32(int(Double))...), be32(len(a.Numbers))...)
		for _, n := range a.Numbers {
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(n))
		}
	}
	return b
}
