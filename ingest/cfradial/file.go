package cfradial

import (
	"fmt"
	"slices"
	"strings"

	"bowecho/ingest/classic"
	"bowecho/ingest/hdf5"
)

// file is what the two kinds of NetCDF files have in common.
type file interface {
	names() []string
	shape(variable string) []int // nil where there is no such variable
	text(variable, attribute string) string
	number(variable, attribute string) (values []float64)
	numbers(variable string) ([]float64, error)
	texts(variable string) ([]string, error) // one for each row
}

// global stands for the file itself where an attribute's variable is asked for.
const global = ""

// classicFile is NetCDF of the classic format.
type classicFile struct{ *classic.File }

func (f classicFile) names() (list []string) {
	for _, v := range f.Variables {
		list = append(list, v.Name)
	}
	return list
}

func (f classicFile) shape(name string) []int {
	v := f.Variable(name)
	if v == nil {
		return nil
	}
	shape := make([]int, 0, len(v.Dimensions))
	for _, n := range f.Shape(v) {
		shape = append(shape, int(n))
	}
	return shape
}

func (f classicFile) attribute(variable, name string) (none classic.Attribute) {
	list := f.Attributes
	if variable != global {
		v := f.Variable(variable)
		if v == nil {
			return none
		}
		list = v.Attributes
	}
	if i := slices.IndexFunc(list, func(a classic.Attribute) bool { return a.Name == name }); i >= 0 {
		return list[i]
	}
	return none
}

func (f classicFile) text(variable, name string) string {
	return clean(f.attribute(variable, name).Text)
}

func (f classicFile) number(variable, name string) []float64 {
	return f.attribute(variable, name).Numbers
}

func (f classicFile) numbers(name string) ([]float64, error) {
	v := f.Variable(name)
	if v == nil {
		return nil, fmt.Errorf("no variable %s", name)
	}
	return f.Float64s(v)
}

func (f classicFile) texts(name string) ([]string, error) {
	v := f.Variable(name)
	if v == nil {
		return nil, fmt.Errorf("no variable %s", name)
	}
	all, err := f.Text(v)
	if err != nil {
		return nil, err
	}
	return rows(all, f.shape(name)), nil
}

// hdf5File is NetCDF-4.
type hdf5File struct{ *hdf5.File }

// bareDimension begins the mark that netCDF-C puts on what HDF5 needs for a dimension and is no variable.
const bareDimension = "This is a netCDF dimension but not a netCDF variable"

func (f hdf5File) names() []string {
	return slices.DeleteFunc(f.Members("/"), func(name string) bool { return strings.HasPrefix(f.text(name, "NAME"), bareDimension) })
}

func (f hdf5File) shape(name string) []int {
	if shape, found := f.Shape("/" + name); found {
		return shape
	}
	return nil
}

func (f hdf5File) text(variable, name string) string {
	a, _ := f.Attribute("/"+variable, name)
	return clean(a.Text)
}

func (f hdf5File) number(variable, name string) []float64 {
	a, _ := f.Attribute("/"+variable, name)
	return a.Numbers
}

func (f hdf5File) numbers(name string) ([]float64, error) { return f.Numbers("/" + name) }

func (f hdf5File) texts(name string) ([]string, error) {
	list, err := f.Texts("/" + name)
	if err != nil || !slices.ContainsFunc(list, func(s string) bool { return len(s) > 1 }) {
		all := make([]byte, 0, len(list)) // a character each
		for _, s := range list {
			all = append(all, (s + "\x00")[0])
		}
		return rows(string(all), f.shape(name)), err
	}
	for i, s := range list {
		list[i] = clean(s)
	}
	return list, nil
}

// rows cuts characters into texts, one for each row of an array of that shape.
func rows(all string, shape []int) (list []string) {
	if len(shape) == 0 || shape[len(shape)-1] < 1 {
		return nil
	}
	length := shape[len(shape)-1]
	for ; len(all) >= length; all = all[length:] {
		list = append(list, clean(all[:length]))
	}
	return list
}

// clean takes off what pads a text.
func clean(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	return strings.TrimSpace(s)
}
