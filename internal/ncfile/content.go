package ncfile

import (
	"fmt"

	"github.com/fhs/go-netcdf/netcdf"
)

// Content is a file of plain arrays, for a format whose rules another package knows.
type Content struct {
	Dimensions []Dimension
	Attributes []Attribute // of the file
	Variables  []Variable
}

// Dimension is a named length.
type Dimension struct {
	Name   string
	Length int
}

// Attribute has a string, a float64, a float32 or an int32.
type Attribute struct {
	Name  string
	Value any
}

// Variable is an array on dimensions of the content.
type Variable struct {
	Name       string
	Dimensions []string
	Attributes []Attribute
	Values     any // []float64, []int32, []byte (characters), or func() []float32, called when it is its turn
}

// Write writes a NetCDF-4 file. Arrays of float32 are compressed.
func Write(path string, c *Content) error {
	return create(path, func(ds netcdf.Dataset, s *steps) {
		dims := map[string]netcdf.Dim{}
		for _, d := range c.Dimensions {
			dims[d.Name] = s.dim(ds, d.Name, d.Length)
		}
		for _, a := range c.Attributes {
			s.attribute(ds.Attr(a.Name), a.Value)
		}
		for i := range c.Variables {
			s.array(ds, &c.Variables[i], dims)
		}
	})
}

func (s *steps) attribute(a netcdf.Attr, value any) {
	if s.err != nil {
		return
	}
	switch value := value.(type) {
	case string:
		s.text(a, value)
	case float64:
		s.number(a, value)
	case float32:
		s.do("attribute "+a.Name(), a.WriteFloat32s([]float32{value}))
	case int32:
		s.do("attribute "+a.Name(), a.WriteInt32s([]int32{value}))
	default:
		s.do("attribute "+a.Name(), fmt.Errorf("is a %T", value))
	}
}

// array adds a variable and writes its values.
func (s *steps) array(ds netcdf.Dataset, v *Variable, dims map[string]netcdf.Dim) {
	on := make([]netcdf.Dim, 0, len(v.Dimensions))
	for _, name := range v.Dimensions {
		d, found := dims[name]
		if !found {
			s.do("variable "+v.Name, fmt.Errorf("no dimension %s", name))
		}
		on = append(on, d)
	}
	kinds := map[string]netcdf.Type{"[]float64": netcdf.DOUBLE, "[]int32": netcdf.INT, "[]uint8": netcdf.CHAR, "func() []float32": netcdf.FLOAT}
	to := s.variable(ds, v.Name, kinds[fmt.Sprintf("%T", v.Values)], on...)
	if s.err != nil {
		return
	}
	floats, isFloats := v.Values.(func() []float32)
	if isFloats {
		s.do("compression", to.SetCompression(true, true, 1))
	}
	for _, a := range v.Attributes {
		s.attribute(to.Attr(a.Name), a.Value)
	}
	if s.err != nil {
		return
	}
	var err error
	switch values := v.Values.(type) {
	case []float64:
		err = to.WriteFloat64s(values)
	case []int32:
		err = to.WriteInt32s(values)
	case []byte:
		err = to.WriteBytes(values)
	}
	if isFloats {
		err = to.WriteFloat32s(floats())
	}
	s.do("values of "+v.Name, err)
}
