package ncfile

import (
	"math"
	"strings"
	"time"

	"bowecho/internal/grid"

	"github.com/fhs/go-netcdf/netcdf"
)

// Packing of reflectivity: tenths of a dBZ, as in the sequences that nowcasts are scored on.
const (
	scale = 0.1
	fill  = math.MinInt16
)

// pack gives the values of fields as they are stored, one after the other.
func pack(fields []*grid.Field) []int16 {
	var out []int16
	if len(fields) > 0 {
		out = make([]int16, 0, len(fields)*len(fields[0].Values))
	}
	for _, f := range fields {
		for _, v := range f.Values {
			code := int16(fill)
			if v == v {
				code = int16(math.Round(math.Max(-3276, math.Min(3276, float64(v))) / scale))
			}
			out = append(out, code)
		}
	}
	return out
}

// described is what files say of quantities.
var described = map[string][]string{
	"DBZH":  {"standard_name", "equivalent_reflectivity_factor", "long_name", "reflectivity; fill = never observed"},
	"AGE":   {"long_name", "time since the cell was seen; fill = never observed"},
	"LOOKS": {"long_name", "number of radars that see the cell"},
}

// packed adds the variable that holds a quantity, and gives a function that writes its frames.
func (s *steps) packed(ds netcdf.Dataset, quantity, units string, dims []netcdf.Dim) (v netcdf.Var, frames func([]*grid.Field)) {
	v = s.variable(ds, quantity, netcdf.SHORT, dims...)
	if s.err != nil {
		return v, func([]*grid.Field) {}
	}
	s.do("compression", v.SetCompression(true, true, 1))
	s.do("fill value", v.Attr("_FillValue").WriteInt16s([]int16{fill}))
	s.number(v.Attr("scale_factor"), scale)
	s.number(v.Attr("add_offset"), 0)
	s.texts(v, "units", units)
	s.texts(v, described[quantity]...)
	return v, func(fields []*grid.Field) {
		if s.err == nil { // all at once: the library's chunks span frames, and are packed anew at each visit
			s.do("values", v.WriteInt16s(pack(fields)))
		}
	}
}

// WriteGrid writes a grid in latitude and longitude, readable by ncdump and QGIS: DBZH(time,lat,lon), north first.
// In it -32 dBZ is "looked and saw nothing". Other quantities of the same domain and times become further variables.
func WriteGrid(path string, g *grid.Grid, others ...*grid.Grid) error {
	return create(path, func(ds netcdf.Dataset, s *steps) {
		d := g.Domain
		dims := []netcdf.Dim{s.dim(ds, "time", len(g.Leads)), s.dim(ds, "lat", d.Rows), s.dim(ds, "lon", d.Cols)}
		coordinate := func(name string, dim netcdf.Dim, at func(i int) float64, n int, attributes ...string) {
			v := s.variable(ds, name, netcdf.DOUBLE, dim)
			s.texts(v, attributes...)
			values := make([]float64, n)
			for i := range values {
				values[i] = at(i)
			}
			s.values(v, values)
		}
		since := "minutes since " + g.IssueTime.UTC().Format(time.DateTime)
		coordinate("time", dims[0], func(i int) float64 { return g.Leads[i].Minutes }, len(g.Leads), "units", since, "standard_name", "time", "calendar", "standard")
		coordinate("lat", dims[1], func(i int) float64 { lat, _ := d.Position(float64(i), 0); return lat }, d.Rows, "units", "degrees_north", "standard_name", "latitude")
		coordinate("lon", dims[2], func(i int) float64 { _, lon := d.Position(0, float64(i)); return lon }, d.Cols, "units", "degrees_east", "standard_name", "longitude")
		issued := s.variable(ds, "forecast_reference_time", netcdf.DOUBLE)
		s.texts(issued, "units", since, "standard_name", "forecast_reference_time")
		s.values(issued, []float64{0})
		crs := s.variable(ds, "crs", netcdf.INT)
		s.texts(crs, "grid_mapping_name", "latitude_longitude")
		s.number(crs.Attr("semi_major_axis"), 6378137)
		s.number(crs.Attr("inverse_flattening"), 298.257223563)
		s.text(ds.Attr("Conventions"), "CF-1.10")
		s.text(ds.Attr("title"), g.Product+" of "+g.Domain.Name)
		s.text(ds.Attr("product"), g.Product)
		s.text(ds.Attr("domain"), g.Domain.Name)
		s.text(ds.Attr("radars"), strings.Join(g.Radars, " "))
		for _, quantity := range append([]*grid.Grid{g}, others...) {
			v, write := s.packed(ds, quantity.Quantity, quantity.Units, dims)
			s.texts(v, "grid_mapping", "crs", "coordinates", "forecast_reference_time")
			fields := make([]*grid.Field, len(quantity.Leads))
			for i, lead := range quantity.Leads {
				fields[i] = lead.Field
			}
			write(fields)
		}
	})
}

// WriteLeads writes DBZH(lead,y,x) for lead times in steps of the file that they were made from.
func WriteLeads(path string, from *File, leads []int, fields []*grid.Field) error {
	return create(path, func(ds netcdf.Dataset, s *steps) {
		d := from.Grid.Domain
		dims := []netcdf.Dim{s.dim(ds, "lead", len(leads)), s.dim(ds, "y", d.Rows), s.dim(ds, "x", d.Cols)}
		lead := s.variable(ds, "lead", netcdf.DOUBLE, dims[0])
		s.texts(lead, "units", "minutes", "standard_name", "forecast_period")
		minutes := make([]float64, len(leads))
		for i, step := range leads {
			minutes[i] = float64(step) * from.StepMinutes
		}
		s.values(lead, minutes)
		_, write := s.packed(ds, "DBZH", "dBZ", dims)
		s.text(ds.Attr("Conventions"), "CF-1.10")
		s.number(ds.Attr("dx_km"), from.CellSizeM/1000)
		s.number(ds.Attr("dt_min"), from.StepMinutes)
		write(fields)
	})
}
