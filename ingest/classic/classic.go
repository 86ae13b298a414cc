// Package classic reads and writes NetCDF files of the classic format: CDF-1, CDF-2 and CDF-5.
//
// It is written in Go rather than through netCDF-C because files of strangers are read here: every length is checked
// against the bytes that are there before anything is allocated, and files are decoded side by side, which netCDF-C's
// one lock would not allow. Source: the NetCDF Classic Format Specification, Unidata.
package classic

import (
	"errors"
	"fmt"
)

// Type is the kind of a value.
type Type uint32

// The types of CDF-1 and, from UByte on, of CDF-5.
const (
	Byte Type = iota + 1
	Char
	Short
	Int
	Float
	Double
	UByte
	UShort
	UInt
	Int64
	UInt64
)

var sizes = [...]int64{Byte: 1, Char: 1, Short: 2, Int: 4, Float: 4, Double: 8, UByte: 1, UShort: 2, UInt: 4, Int64: 8, UInt64: 8}

// size gives the bytes of one value, 0 for a type that does not exist.
func (t Type) size() int64 {
	if int(t) >= len(sizes) {
		return 0
	}
	return sizes[t]
}

// Dimension is a named length. The record dimension, of which there is at most one, grows with the file.
type Dimension struct {
	Name   string
	Length int64
	Record bool
}

// Attribute is a text or a list of numbers.
type Attribute struct {
	Name    string
	Text    string
	Numbers []float64 // nil for a text
	Type    Type
}

// Variable is an array in the file.
type Variable struct {
	Name       string
	Dimensions []int // indices into the file's dimensions
	Attributes []Attribute
	Type       Type
	begin      int64
	slab       int64 // bytes of the array, or of one record of it, without padding
	record     bool
}

// File is a header over the bytes that it describes. The bytes are shared, not copied.
type File struct {
	Dimensions []Dimension
	Attributes []Attribute
	Variables  []Variable
	data       []byte
	stride     int64 // bytes of one record of all record variables
}

// ErrNotClassic says that bytes are not a NetCDF file of the classic format.
var ErrNotClassic = errors.New("not a classic NetCDF file")

// Variable gives the variable of that name, or nil.
func (f *File) Variable(name string) *Variable {
	for i := range f.Variables {
		if f.Variables[i].Name == name {
			return &f.Variables[i]
		}
	}
	return nil
}

// Attribute gives the global attribute of that name, or nil.
func (f *File) Attribute(name string) *Attribute {
	for i := range f.Attributes {
		if f.Attributes[i].Name == name {
			return &f.Attributes[i]
		}
	}
	return nil
}

// Shape gives the lengths of a variable's dimensions.
func (f *File) Shape(v *Variable) []int64 {
	shape := make([]int64, len(v.Dimensions))
	for i, d := range v.Dimensions {
		shape[i] = f.Dimensions[d].Length
	}
	return shape
}

// records gives how many blocks of slab bytes a variable has, and how far apart they lie.
func (f *File) records(v *Variable) (count, stride int64) {
	if !v.record {
		return 1, v.slab
	}
	return f.Dimensions[v.Dimensions[0]].Length, f.stride
}

// checkAll holds that each variable lies within the file, and that together they hold no more than it does: otherwise a
// few bytes, read again and again, could fill the memory.
func (f *File) checkAll() error {
	var total int64
	for i := range f.Variables {
		v := &f.Variables[i]
		if err := f.check(v); err != nil {
			return err
		}
		count, _ := f.records(v)
		if total += count * v.slab; total > int64(len(f.data)) {
			return fmt.Errorf("broken header: its variables hold more than the file's %d bytes, up to %s", len(f.data), v.Name)
		}
	}
	return nil
}

// check says what is wrong where a variable reaches beyond the end of the file.
func (f *File) check(v *Variable) error {
	count, stride := f.records(v)
	if count == 0 {
		return nil
	}
	end := v.begin + v.slab
	if have := int64(len(f.data)); v.begin < 0 || end < v.begin || end > have ||
		(stride > 0 && count-1 > (have-end)/stride) {
		missing := "an absurd length"
		if last := end + (count-1)*stride; v.begin >= 0 && count < 1<<32 && stride < 1<<32 && last > have {
			missing = fmt.Sprintf("%d bytes missing", last-have)
		}
		return fmt.Errorf("truncated: variable %s ends beyond the file (%s)", v.Name, missing)
	}
	return nil
}
