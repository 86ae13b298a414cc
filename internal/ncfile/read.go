package ncfile

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"bowecho/internal/grid"

	"github.com/fhs/go-netcdf/netcdf"
)

// File is what a file of grids holds.
type File struct {
	Grid        *grid.Grid // one lead for each frame, its minutes after the first frame's reference time
	OnMap       bool       // the grid has latitude and longitude; else only its rows and columns mean something
	CellSizeM   float64
	SizeUnknown bool    // the file does not tell how wide cells are: 1 km is taken
	StepMinutes float64 // between frames; 1 where there is only one
}

// quantity is the variable that is read.
const quantity = "DBZH"

// maxFrames and maxValues bound what a file may hold.
const (
	maxFrames = 10_000
	maxValues = 512 << 20
)

// Read reads DBZH(time,y,x) or (time,lat,lon), frames 0 to upTo; -1: all.
func Read(path string, upTo int) (*File, error) {
	defer alone()()
	ds, err := netcdf.OpenFile(path, netcdf.NOWRITE)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	defer ds.Close()
	f, err := read(ds, upTo)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return f, nil
}

func read(ds netcdf.Dataset, upTo int) (*File, error) {
	v, err := ds.Var(quantity)
	if err != nil {
		return nil, fmt.Errorf("no variable %s, there is only %s", quantity, strings.Join(variables(ds), ", "))
	}
	dims, err := v.Dims()
	if err != nil {
		return nil, err
	}
	shape, err := v.LenDims()
	if err != nil {
		return nil, err
	}
	if len(shape) != 3 || shape[0] < 1 || shape[0] > maxFrames {
		return nil, fmt.Errorf("%s has shape %v, want frames × rows × columns", quantity, shape)
	}
	frames := int(shape[0])
	if upTo >= frames {
		return nil, fmt.Errorf("frame %d is asked for, and there are %d, counted from 0", upTo, frames)
	}
	if upTo >= 0 {
		frames = upTo + 1
	}
	f := &File{Grid: &grid.Grid{Quantity: quantity, Units: text(v.Attr("units")), Product: text(ds.Attr("product"))}}
	f.Grid.Radars = strings.Fields(text(ds.Attr("radars")))
	f.place(ds, dims, shape)
	if f.Grid.Domain.LatSpacingDeg < 0 {
		return nil, errors.New("rows run from south to north, want the north first: turn them over, as `cdo invertlat` does")
	}
	if err := f.Grid.Domain.Validate(); err != nil {
		return nil, err
	}
	minutes := f.times(ds, dims[0], int(shape[0]))
	rows, cols := int(shape[1]), int(shape[2])
	values, err := values(v, frames, rows, cols)
	if err != nil {
		return nil, err
	}
	for i := range frames {
		field := &grid.Field{Rows: rows, Cols: cols, Values: values[i*rows*cols : (i+1)*rows*cols]}
		f.Grid.Leads = append(f.Grid.Leads, grid.Lead{Minutes: minutes[i], Field: field})
	}
	return f, nil
}

// place works out where the grid lies, and how large its cells are.
func (f *File) place(ds netcdf.Dataset, dims []netcdf.Dim, shape []uint64) {
	d := grid.Domain{Name: text(ds.Attr("domain")), Rows: int(shape[1]), Cols: int(shape[2])}
	lats, lons := coordinates(ds, dims[1]), coordinates(ds, dims[2])
	north, _ := dims[1].Name()
	if strings.HasPrefix(north, "lat") && len(lats) > 1 && len(lons) > 1 {
		d.LatSpacingDeg = (lats[0] - lats[len(lats)-1]) / float64(len(lats)-1)
		d.LonSpacingDeg = (lons[len(lons)-1] - lons[0]) / float64(len(lons)-1)
		d.NorthDeg, d.WestDeg = lats[0]+d.LatSpacingDeg/2, lons[0]-d.LonSpacingDeg/2
		f.OnMap = true
		height, _ := d.CellKM(d.Rows / 2)
		f.CellSizeM = height * 1000
		f.Grid.Domain = d
		return
	}
	f.CellSizeM = 1000 * number(ds.Attr("dx_km"))
	if !(f.CellSizeM > 0) {
		f.CellSizeM = spacingM(ds, dims[2])
	}
	if f.SizeUnknown = !(f.CellSizeM > 0); f.SizeUnknown {
		f.CellSizeM = 1000
	}
	f.Grid.Domain = grid.Centred(d.Name, 0, 0, d.Rows, d.Cols, math.Min(f.CellSizeM, 1000)) // rows and columns only
}

// spacingM gives how far values of a coordinate in m or km lie apart, NaN where that is not told.
func spacingM(ds netcdf.Dataset, dim netcdf.Dim) float64 {
	at := coordinates(ds, dim)
	name, _ := dim.Name()
	v, err := ds.Var(name)
	if err != nil || len(at) < 2 {
		return math.NaN()
	}
	metres, known := map[string]float64{"m": 1, "metre": 1, "meter": 1, "km": 1000, "kilometre": 1000, "kilometer": 1000}[strings.TrimSuffix(text(v.Attr("units")), "s")]
	if !known {
		return math.NaN()
	}
	return metres * math.Abs(at[len(at)-1]-at[0]) / float64(len(at)-1)
}

// times gives the minutes of each frame, and sets the reference time and the step.
func (f *File) times(ds netcdf.Dataset, dim netcdf.Dim, n int) []float64 {
	f.StepMinutes = 1
	if dt := number(ds.Attr("dt_min")); dt > 0 {
		f.StepMinutes = dt
	}
	minutes := coordinates(ds, dim)
	name, _ := dim.Name()
	if v, err := ds.Var(name); err == nil {
		unit, since, _ := strings.Cut(text(v.Attr("units")), " since ")
		f.Grid.IssueTime, _ = time.Parse(time.DateTime, since)
		minutes = inMinutes(minutes, unit)
	}
	if len(minutes) != n || !rising(minutes) {
		minutes = make([]float64, n)
		for i := range minutes {
			minutes[i] = float64(i) * f.StepMinutes
		}
	}
	if n > 1 && number(ds.Attr("dt_min")) <= 0 {
		f.StepMinutes = (minutes[n-1] - minutes[0]) / float64(n-1)
	}
	return minutes
}

// inMinutes gives times of a unit in minutes, nothing where the unit is not one of time.
func inMinutes(times []float64, unit string) []float64 {
	perMinute := map[string]float64{"seconds": 60, "minutes": 1, "hours": 1. / 60, "days": 1. / (24 * 60)}[strings.TrimSuffix(unit, "s")+"s"]
	if perMinute == 0 {
		return nil
	}
	for i := range times {
		times[i] /= perMinute
	}
	return times
}

func rising(values []float64) bool {
	for i := 1; i < len(values); i++ {
		if !(values[i] > values[i-1]) {
			return false
		}
	}
	return true
}

func variables(ds netcdf.Dataset) (names []string) {
	n, err := ds.NVars()
	if err != nil {
		return nil
	}
	for i := range n {
		if name, err := ds.VarN(i).Name(); err == nil {
			names = append(names, name)
		}
	}
	return names
}

// text gives an attribute's text, nothing where there is none.
func text(a netcdf.Attr) string {
	n, err := a.Len()
	if kind, typeErr := a.Type(); err != nil || typeErr != nil || kind != netcdf.CHAR || n > 1<<16 || n == 0 {
		return ""
	}
	b := make([]byte, n)
	if a.ReadBytes(b) != nil {
		return ""
	}
	return strings.TrimRight(string(b), "\x00")
}
