package ncfile

import (
	"fmt"
	"math"
	"slices"

	"github.com/fhs/go-netcdf/netcdf"
)

// part is where in a variable values are read: from a place in each dimension on, so many along each.
type part struct{ start, count []uint64 }

// values reads the first frames at once and unpacks them; what is filled or missing is NaN.
func values(v netcdf.Var, frames, rows, cols int) ([]float32, error) {
	if frames > maxValues/(rows*cols) {
		return nil, fmt.Errorf("%d frames of %d × %d are more than %d values", frames, rows, cols, maxValues)
	}
	kind, err := v.Type()
	if err != nil {
		return nil, err
	}
	of := part{[]uint64{0, 0, 0}, []uint64{uint64(frames), uint64(rows), uint64(cols)}}
	p, n := packingOf(v, kind), frames*rows*cols
	switch kind {
	case netcdf.BYTE:
		return unpacked(p, n, of, v.ReadInt8Slice)
	case netcdf.UBYTE:
		return unpacked(p, n, of, v.ReadUint8Slice)
	case netcdf.SHORT:
		return unpacked(p, n, of, v.ReadInt16Slice)
	case netcdf.USHORT:
		return unpacked(p, n, of, v.ReadUint16Slice)
	case netcdf.INT:
		return unpacked(p, n, of, v.ReadInt32Slice)
	case netcdf.UINT:
		return unpacked(p, n, of, v.ReadUint32Slice)
	case netcdf.FLOAT:
		return unpacked(p, n, of, v.ReadFloat32Slice)
	case netcdf.DOUBLE:
		return unpacked(p, n, of, v.ReadFloat64Slice)
	}
	return nil, fmt.Errorf("%s is a %v, want numbers of at most 32 bits, or doubles", quantity, kind)
}

// packing says what stored numbers mean, as the NetCDF conventions have it.
type packing struct {
	missing     []float64 // these stand for no value
	wrap        float64   // added to numbers below 0 that are meant without a sign; else 0
	factor, add float64
}

func packingOf(v netcdf.Var, kind netcdf.Type) packing {
	p := packing{factor: number(v.Attr("scale_factor")), add: number(v.Attr("add_offset"))}
	if math.IsNaN(p.factor) {
		p.factor = 1
	}
	if math.IsNaN(p.add) {
		p.add = 0
	}
	if text(v.Attr("_Unsigned")) == "true" {
		p.wrap = map[netcdf.Type]float64{netcdf.BYTE: 1 << 8, netcdf.SHORT: 1 << 16, netcdf.INT: 1 << 32}[kind]
	}
	for _, name := range []string{"_FillValue", "missing_value"} {
		p.missing = append(p.missing, numbers(v.Attr(name), mostMissing)...)
	}
	return p
}

const mostMissing = 16 // values that stand for no value: more are surely a slip

// unpacked reads n numbers and gives what they mean.
func unpacked[T integer | float32 | float64](p packing, n int, of part, read func(into []T, start, count []uint64) error) ([]float32, error) {
	raw, out := make([]T, n), make([]float32, n)
	if err := read(raw, of.start, of.count); err != nil {
		return nil, err
	}
	for i, r := range raw {
		out[i] = p.value(float64(r))
	}
	return out, nil
}

func (p *packing) value(raw float64) float32 {
	if slices.Contains(p.missing, raw) || math.IsNaN(raw) || math.IsInf(raw, 0) {
		return float32(math.NaN())
	}
	if raw < 0 {
		raw += p.wrap
	}
	return float32(raw*p.factor + p.add)
}
