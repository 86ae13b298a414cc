package ncfile

import (
	"math"

	"bowecho/internal/grid"

	"github.com/fhs/go-netcdf/netcdf"
)

// typed is a variable or an attribute, which the library reads as the kind that it has and no other.
type typed interface {
	Type() (netcdf.Type, error)
	Len() (uint64, error)
	ReadFloat64s([]float64) error
	ReadFloat32s([]float32) error
	ReadInt8s([]int8) error
	ReadUint8s([]uint8) error
	ReadInt16s([]int16) error
	ReadUint16s([]uint16) error
	ReadInt32s([]int32) error
	ReadUint32s([]uint32) error
	ReadInt64s([]int64) error
	ReadUint64s([]uint64) error
}

// numbers gives all numbers, of any kind; nil where there are none, or more than most.
func numbers(of typed, most uint64) []float64 {
	kind, err := of.Type()
	n, lenErr := of.Len()
	if err != nil || lenErr != nil || n == 0 || n > most {
		return nil
	}
	switch kind {
	case netcdf.DOUBLE:
		return converted(n, of.ReadFloat64s)
	case netcdf.FLOAT:
		return converted(n, of.ReadFloat32s)
	case netcdf.BYTE:
		return converted(n, of.ReadInt8s)
	case netcdf.UBYTE:
		return converted(n, of.ReadUint8s)
	case netcdf.SHORT:
		return converted(n, of.ReadInt16s)
	case netcdf.USHORT:
		return converted(n, of.ReadUint16s)
	case netcdf.INT:
		return converted(n, of.ReadInt32s)
	case netcdf.UINT:
		return converted(n, of.ReadUint32s)
	case netcdf.INT64:
		return converted(n, of.ReadInt64s)
	case netcdf.UINT64:
		return converted(n, of.ReadUint64s)
	}
	return nil
}

type integer interface {
	int8 | uint8 | int16 | uint16 | int32 | uint32 | int64 | uint64
}

func converted[T integer | float32 | float64](n uint64, read func([]T) error) []float64 {
	raw := make([]T, n)
	if read(raw) != nil {
		return nil
	}
	out := make([]float64, n)
	for i, v := range raw {
		out[i] = float64(v)
	}
	return out
}

// number gives an attribute's number, NaN where there is not one.
func number(a netcdf.Attr) float64 {
	if v := numbers(a, 1); len(v) == 1 {
		return v[0]
	}
	return math.NaN()
}

// coordinates gives the values of the variable that a dimension is named after, nil where there is none.
func coordinates(ds netcdf.Dataset, dim netcdf.Dim) []float64 {
	name, err := dim.Name()
	if err != nil {
		return nil
	}
	v, err := ds.Var(name)
	if err != nil {
		return nil
	}
	return numbers(v, grid.MaxCells)
}
