// Package ncfile is the one door to netCDF-C: grids to files and back, as CF-1.10 NetCDF.
package ncfile

import (
	"fmt"
	"os"

	"github.com/fhs/go-netcdf/netcdf"
)

// steps runs calls of the library until one fails.
type steps struct{ err error }

func (s *steps) do(what string, err error) {
	if s.err == nil && err != nil {
		s.err = fmt.Errorf("%s: %w", what, err)
	}
}

func (s *steps) dim(ds netcdf.Dataset, name string, n int) netcdf.Dim {
	if s.err != nil {
		return netcdf.Dim{}
	}
	d, err := ds.AddDim(name, uint64(n))
	s.do("dimension "+name, err)
	return d
}

func (s *steps) variable(ds netcdf.Dataset, name string, t netcdf.Type, dims ...netcdf.Dim) netcdf.Var {
	if s.err != nil {
		return netcdf.Var{}
	}
	v, err := ds.AddVar(name, t, dims)
	s.do("variable "+name, err)
	return v
}

func (s *steps) text(a netcdf.Attr, value string) {
	if s.err == nil && value != "" {
		s.do("attribute "+a.Name(), a.WriteBytes([]byte(value)))
	}
}

func (s *steps) texts(v netcdf.Var, pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		s.text(v.Attr(pairs[i]), pairs[i+1])
	}
}

func (s *steps) number(a netcdf.Attr, value float64) {
	if s.err == nil {
		s.do("attribute "+a.Name(), a.WriteFloat64s([]float64{value}))
	}
}

func (s *steps) values(v netcdf.Var, values []float64) {
	if s.err == nil {
		s.do("values", v.WriteFloat64s(values))
	}
}

// create writes a file through a function. Nobody ever reads half of it, and a failure leaves nothing behind.
func create(path string, write func(netcdf.Dataset, *steps)) error {
	defer alone()()
	part := path + ".part"
	ds, err := netcdf.CreateFile(part, netcdf.CLOBBER|netcdf.NETCDF4)
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	var s steps
	write(ds, &s)
	s.do("close", ds.Close())
	if s.err == nil {
		s.do("rename", os.Rename(part, path))
	}
	if s.err != nil {
		_ = os.Remove(part)
		return fmt.Errorf("write %s: %w", path, s.err)
	}
	return nil
}
