package classic

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The tags that begin the lists of a header.
const (
	tagDimension = 10
	tagVariable  = 11
	tagAttribute = 12
)

// streaming stands for the number of records in a file that was never closed.
const streaming = math.MaxUint32

// Bounds on a header, those of netCDF itself but for the attributes' size: a header that says more is broken or hostile.
const (
	maxDimensions     = 1024 // of a variable, and of a file
	maxItems          = 8192 // variables, and attributes of one thing
	maxNameBytes      = 256
	maxAttributeBytes = 1 << 20 // of all attributes
)

// Read reads the header of a file and checks that every variable lies within it.
func Read(data []byte) (*File, error) {
	if len(data) < 4 || string(data[:3]) != "CDF" || (data[3] != 1 && data[3] != 2 && data[3] != 5) {
		return nil, ErrNotClassic
	}
	h := &header{data: data, at: 4, offsets: 4, counts: 4, attributeBytes: maxAttributeBytes}
	if data[3] >= 2 {
		h.offsets = 8
	}
	if data[3] == 5 {
		h.counts = 8
	}
	f := &File{data: data}
	records := h.count()
	h.list(tagDimension, maxDimensions, func() { f.Dimensions = append(f.Dimensions, h.dimension(records)) })
	f.Attributes = h.attributes()
	h.list(tagVariable, maxItems, func() { f.Variables = append(f.Variables, h.variable(f)) })
	if h.err != nil {
		return nil, h.err
	}
	f.layRecords()
	if records == streaming {
		f.countRecords()
	}
	return f, f.checkAll()
}

// layRecords works out how far apart the records lie. A slab of a record is padded to four bytes, except where it is
// the only record variable.
func (f *File) layRecords() {
	var only *Variable
	several := false
	for i := range f.Variables {
		v := &f.Variables[i]
		if !v.record {
			continue
		}
		several = only != nil
		only = v
		f.stride = addNoOverflow(f.stride, (v.slab+3)&^3)
	}
	if only != nil && !several {
		f.stride = only.slab
	}
}

// countRecords takes the number of records from the file's size.
func (f *File) countRecords() {
	first := int64(math.MaxInt64)
	for _, v := range f.Variables {
		if v.record {
			first = min(first, v.begin)
		}
	}
	count := int64(0)
	if f.stride > 0 && first < int64(len(f.data)) {
		count = (int64(len(f.data)) - first) / f.stride
	}
	for i := range f.Dimensions {
		if f.Dimensions[i].Record {
			f.Dimensions[i].Length = count
		}
	}
}

// header is a walk through the bytes. After an error everything reads as zero.
type header struct {
	data            []byte
	at              int
	offsets, counts int   // bytes of an offset and of a count
	attributeBytes  int64 // that attributes may still take
	err             error
}

func (h *header) fail(format string, args ...any) {
	if h.err == nil {
		h.err = fmt.Errorf(format, args...)
	}
}

func (h *header) take(n int64) []byte {
	if h.err != nil || n < 0 || n > int64(len(h.data)-h.at) {
		h.fail("truncated: the header ends after %d bytes", len(h.data))
		return nil
	}
	b := h.data[h.at : h.at+int(n)]
	h.at += int(n)
	return b
}

func (h *header) number(bytes int) int64 {
	b := h.take(int64(bytes))
	switch {
	case b == nil:
		return 0
	case bytes == 4:
		return int64(binary.BigEndian.Uint32(b))
	default:
		n := int64(binary.BigEndian.Uint64(b))
		if n < 0 {
			h.fail("broken header: a negative length at byte %d", h.at-bytes)
			return 0
		}
		return n
	}
}

func (h *header) count() int64 { return h.number(h.counts) }

func (h *header) name() string {
	n := h.count()
	if n > maxNameBytes {
		h.fail("broken header: a name of %d bytes at byte %d", n, h.at)
		return ""
	}
	b := h.take(n)
	h.take((4 - n%4) % 4)
	return string(b)
}

// list reads a list, which is absent or a tag, a count, and that many items.
func (h *header) list(tag, most int64, item func()) {
	got, n := h.number(4), h.count()
	if h.err == nil && got != tag && (got != 0 || n != 0) {
		h.fail("broken header: tag %d at byte %d, want %d", got, h.at, tag)
	}
	if n > most {
		h.fail("broken header: a list of %d items at byte %d, want %d at most", n, h.at, most)
	}
	for ; n > 0 && h.err == nil; n-- {
		item()
	}
}

func (h *header) dimension(records int64) Dimension {
	d := Dimension{Name: h.name(), Length: h.count()}
	if d.Length == 0 {
		d.Length, d.Record = records, true
	}
	return d
}

func (h *header) attributes() (list []Attribute) {
	h.list(tagAttribute, maxItems, func() {
		a := Attribute{Name: h.name(), Type: Type(h.number(4))}
		n, size := h.count(), a.Type.size()
		if size == 0 || n > h.attributeBytes/size {
			h.fail("broken header: attribute %s has %d values of type %d", a.Name, n, a.Type)
			return
		}
		h.attributeBytes -= n * size
		b := h.take(n * size)
		h.take((4 - n*size%4) % 4)
		if a.Type == Char {
			a.Text = string(b)
		} else if b != nil {
			a.Numbers = numbers(b, a.Type)
		}
		list = append(list, a)
	})
	return list
}

func (h *header) variable(f *File) Variable {
	v := Variable{Name: h.name()}
	n := h.count()
	if n > maxDimensions {
		h.fail("broken header: variable %s has %d dimensions", v.Name, n)
	}
	for ; n > 0 && h.err == nil; n-- {
		id := h.count()
		if id >= int64(len(f.Dimensions)) {
			h.fail("broken header: variable %s has dimension %d of %d", v.Name, id, len(f.Dimensions))
			return v
		}
		v.Dimensions = append(v.Dimensions, int(id))
	}
	v.Attributes = h.attributes()
	v.Type = Type(h.number(4))
	h.count() // the size that the file claims is not needed, and lies in files of more than 4 GiB
	v.begin = h.number(h.offsets)
	if v.Type.size() == 0 {
		h.fail("broken header: variable %s has type %d", v.Name, v.Type)
	}
	v.slab = v.Type.size()
	for i, id := range v.Dimensions {
		if d := f.Dimensions[id]; i == 0 && d.Record {
			v.record = true
		} else {
			v.slab = mulNoOverflow(v.slab, d.Length)
		}
	}
	return v
}

// tooLarge is more than any file: what reaches it is refused by check.
const tooLarge = math.MaxInt64 / 4

func mulNoOverflow(a, b int64) int64 {
	if b != 0 && a > tooLarge/b {
		return tooLarge
	}
	return a * b
}

func addNoOverflow(a, b int64) int64 { return min(a+b, tooLarge) }
