package ncfile

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bowecho/internal/grid"
	"bowecho/internal/realdata"

	"github.com/fhs/go-netcdf/netcdf"
)

func sample(leads int) *grid.Grid {
	g := &grid.Grid{
		Product: "nowcast", Quantity: "DBZH", Units: "dBZ", Domain: grid.Centred("dfw", 32.65, -97, 30, 40, 250),
		IssueTime: time.Date(2017, 3, 29, 7, 30, 0, 0, time.UTC), Radars: []string{"addison.tx", "denton.tx"},
	}
	for i := range leads {
		f := grid.NewField(30, 40)
		for k := range f.Values[:1000] {
			f.Values[k] = float32(k%600)/10 + float32(i)/10
		}
		f.Values[3] = grid.NoEchoDBZ
		g.Leads = append(g.Leads, grid.Lead{Minutes: float64(i), Field: f})
	}
	return g
}

func same(t *testing.T, got, want *grid.Field) {
	t.Helper()
	for k, v := range got.Values {
		if w := want.Values[k]; (v != v) != (w != w) || math.Abs(float64(v-w)) > 1e-4 {
			t.Fatalf("cell %d: %g, want %g", k, v, w)
		}
	}
}

func TestGridRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nowcast.nc")
	want := sample(3)
	if err := WriteGrid(path, want); err != nil {
		t.Fatal(err)
	}
	f, err := Read(path, -1)
	if err != nil {
		t.Fatal(err)
	}
	g := f.Grid
	if !f.OnMap || len(g.Leads) != 3 || g.Leads[2].Minutes != 2 || f.StepMinutes != 1 || !g.IssueTime.Equal(want.IssueTime) || strings.Join(g.Radars, " ") != "addison.tx denton.tx" {
		t.Errorf("got %+v of %+v", f, g)
	}
	if math.Abs(g.Domain.NorthDeg-want.Domain.NorthDeg) > 1e-9 || math.Abs(g.Domain.LonSpacingDeg-want.Domain.LonSpacingDeg) > 1e-12 || math.Abs(f.CellSizeM-250) > 0.01 {
		t.Errorf("domain %+v, want %+v", g.Domain, want.Domain)
	}
	for i := range g.Leads {
		same(t, g.Leads[i].Field, want.Leads[i].Field)
	}
	if left, err := filepath.Glob(path + ".*"); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestSequenceToLeads(t *testing.T) {
	path := realdata.Path(t, "data", "sequences", "casa_addison20170329.nc")
	f, err := Read(path, 9)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Grid.Leads) != 10 || f.OnMap || f.StepMinutes != 0.97875 || f.CellSizeM != 250 || f.Grid.Domain.Rows != 480 {
		t.Errorf("%d frames of step %g min, cells of %g m", len(f.Grid.Leads), f.StepMinutes, f.CellSizeM)
	}
	out := filepath.Join(t.TempDir(), "out.nc")
	fields := []*grid.Field{f.Grid.Leads[0].Field, f.Grid.Leads[9].Field}
	if err := WriteLeads(out, f, []int{3, 10}, fields); err != nil {
		t.Fatal(err)
	}
	again, err := Read(out, -1)
	if err != nil || len(again.Grid.Leads) != 2 || math.Abs(again.Grid.Leads[1].Minutes-9.7875) > 1e-9 {
		t.Fatalf("got %+v, %v", again, err)
	}
	same(t, again.Grid.Leads[1].Field, fields[1])
}

func TestErrorsNameTheFile(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.nc")
	if err := os.WriteFile(text, []byte("not a grid"), 0o644); err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(dir, "short.nc")
	g := sample(1)
	g.Quantity = "RATE"
	if err := WriteGrid(short, g); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.nc"): "none.nc", text: "text.nc", short: "no variable DBZH, there is only time",
	} {
		if _, err := Read(path, -1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to hold %q", err, want)
		}
	}
	good := filepath.Join(dir, "good.nc")
	if err := WriteGrid(good, sample(2)); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(good, 2); err == nil || !strings.Contains(err.Error(), "there are 2") {
		t.Errorf("frame 2 of 2: got %v", err)
	}
	if err := WriteGrid(filepath.Join(dir, "no", "such", "folder.nc"), sample(1)); err == nil {
		t.Error("a folder that is not there was written to")
	}
}

// Who writes a file in another language has whole numbers as they come there, and times in seconds.
func TestNumbersOfAnyKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sequence.nc")
	err := create(path, func(ds netcdf.Dataset, s *steps) {
		dims := []netcdf.Dim{s.dim(ds, "time", 3), s.dim(ds, "y", 2), s.dim(ds, "x", 4)}
		at := s.variable(ds, "time", netcdf.INT64, dims[0])
		s.texts(at, "units", "seconds since 2017-03-29 07:10:10")
		dbz := s.variable(ds, "DBZH", netcdf.FLOAT, dims...)
		s.do("dx_km", ds.Attr("dx_km").WriteInt64s([]int64{2}))
		s.do("dt_min", ds.Attr("dt_min").WriteUint8s([]uint8{5}))
		s.do("times", at.WriteInt64s([]int64{0, 300, 600}))
		s.do("values", dbz.WriteFloat32s(make([]float32, 3*2*4)))
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := Read(path, -1)
	if err != nil {
		t.Fatal(err)
	}
	if f.CellSizeM != 2000 || f.StepMinutes != 5 || f.Grid.Leads[1].Minutes != 5 || f.Grid.Leads[2].Minutes != 10 {
		t.Errorf("cells of %g m, steps of %g min, frames at minute %g and %g; want 2000, 5, 5 and 10", f.CellSizeM, f.StepMinutes, f.Grid.Leads[1].Minutes, f.Grid.Leads[2].Minutes)
	}
	if got := time.Date(2017, 3, 29, 7, 10, 10, 0, time.UTC); !f.Grid.IssueTime.Equal(got) {
		t.Errorf("begins at %v, want %v", f.Grid.IssueTime, got)
	}
}

// Each file holds 10 dBZ and then what stands for no value, twice.
func TestValuesOfAnyKind(t *testing.T) {
	nan := math.NaN()
	for name, test := range map[string]struct {
		kind  netcdf.Type
		write func(v netcdf.Var, s *steps)
		want  float64 // of the first
	}{
		"bytes": {netcdf.BYTE, func(v netcdf.Var, s *steps) {
			s.do("fill", v.Attr("_FillValue").WriteInt8s([]int8{-1}))
			s.do("values", v.WriteInt8s([]int8{10, -1, -1, 10}))
		}, 10},
		"bytes without a sign": {netcdf.BYTE, func(v netcdf.Var, s *steps) {
			s.text(v.Attr("_Unsigned"), "true")
			s.number(v.Attr("scale_factor"), 0.5)
			s.number(v.Attr("add_offset"), -32)
			s.do("fill", v.Attr("_FillValue").WriteInt8s([]int8{-1}))
			s.do("values", v.WriteInt8s([]int8{-56, -1, -1, 84})) // 200 halves and 84, less 32
		}, 68},
		"unsigned bytes": {netcdf.UBYTE, func(v netcdf.Var, s *steps) {
			s.do("fill", v.Attr("_FillValue").WriteUint8s([]uint8{255}))
			s.do("missing", v.Attr("missing_value").WriteUint8s([]uint8{254}))
			s.do("values", v.WriteUint8s([]uint8{200, 255, 254, 10}))
		}, 200},
		"whole numbers": {netcdf.INT, func(v netcdf.Var, s *steps) {
			s.number(v.Attr("scale_factor"), 0.01)
			s.do("missing", v.Attr("missing_value").WriteInt32s([]int32{-9999, -9998}))
			s.do("values", v.WriteInt32s([]int32{100_000, -9999, -9998, 1000}))
		}, 1000},
		"doubles": {netcdf.DOUBLE, func(v netcdf.Var, s *steps) {
			s.do("missing", v.Attr("missing_value").WriteFloat64s([]float64{-999}))
			s.do("values", v.WriteFloat64s([]float64{-3.5, -999, math.Inf(1), 10}))
		}, -3.5},
	} {
		path := filepath.Join(t.TempDir(), "values.nc")
		err := create(path, func(ds netcdf.Dataset, s *steps) {
			v := s.variable(ds, "DBZH", test.kind, s.dim(ds, "time", 1), s.dim(ds, "y", 2), s.dim(ds, "x", 2))
			test.write(v, s)
		})
		if err != nil {
			t.Fatal(err)
		}
		f, err := Read(path, -1)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []float64{test.want, nan, nan, 10} {
			if got := float64(f.Grid.Leads[0].Field.Values[i]); got != want && !(got != got && want != want) {
				t.Errorf("%s: value %d is %g, want %g", name, i, got, want)
			}
		}
	}
}

func TestCellsAreAsWideAsTheFileTells(t *testing.T) {
	for name, test := range map[string]struct {
		units   string
		dxKM    float64
		want    float64
		unknown bool
	}{
		"x in metres":     {"m", 0, 500, false},
		"x in kilometres": {"km", 0, 500_000, false},
		"dx_km":           {"m", 2, 2000, false},
		"neither":         {"degrees", 0, 1000, true},
	} {
		path := filepath.Join(t.TempDir(), "cells.nc")
		err := create(path, func(ds netcdf.Dataset, s *steps) {
			dims := []netcdf.Dim{s.dim(ds, "time", 1), s.dim(ds, "y", 1), s.dim(ds, "x", 3)}
			x := s.variable(ds, "x", netcdf.DOUBLE, dims[2])
			s.texts(x, "units", test.units)
			s.values(x, []float64{1000, 500, 0})
			if test.dxKM > 0 {
				s.number(ds.Attr("dx_km"), test.dxKM)
			}
			s.do("values", s.variable(ds, "DBZH", netcdf.FLOAT, dims...).WriteFloat32s(make([]float32, 3)))
		})
		if err != nil {
			t.Fatal(err)
		}
		if f, err := Read(path, -1); err != nil || f.CellSizeM != test.want || f.SizeUnknown != test.unknown {
			t.Errorf("%s: got %+v, %v, want cells of %g m", name, f, err, test.want)
		}
	}
}

func TestRowsFromTheSouthAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "south.nc")
	err := create(path, func(ds netcdf.Dataset, s *steps) {
		dims := []netcdf.Dim{s.dim(ds, "time", 1), s.dim(ds, "lat", 2), s.dim(ds, "lon", 2)}
		for i, name := range []string{"lat", "lon"} {
			s.values(s.variable(ds, name, netcdf.DOUBLE, dims[i+1]), []float64{30, 31})
		}
		s.do("values", s.variable(ds, "DBZH", netcdf.FLOAT, dims...).WriteFloat32s(make([]float32, 4)))
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path, -1); err == nil || !strings.Contains(err.Error(), "south.nc: rows run from south to north") {
		t.Errorf("got %v, want that rows run from south to north", err)
	}
}

// Where the unit of times is not known, frames are as far apart as the file says.
func TestTimesOfUnknownUnit(t *testing.T) {
	for unit, want := range map[string]float64{"": 5, "frames": 5, "hour since 2017-03-29 07:10:10": 60} {
		path := filepath.Join(t.TempDir(), "sequence.nc")
		err := create(path, func(ds netcdf.Dataset, s *steps) {
			dims := []netcdf.Dim{s.dim(ds, "time", 2), s.dim(ds, "y", 2), s.dim(ds, "x", 4)}
			at := s.variable(ds, "time", netcdf.INT, dims[0])
			s.texts(at, "units", unit)
			dbz := s.variable(ds, "DBZH", netcdf.FLOAT, dims...)
			s.number(ds.Attr("dt_min"), 5)
			s.do("times", at.WriteInt32s([]int32{0, 1}))
			s.do("values", dbz.WriteFloat32s(make([]float32, 2*2*4)))
		})
		if err != nil {
			t.Fatal(err)
		}
		if f, err := Read(path, -1); err != nil || math.Abs(f.Grid.Leads[1].Minutes-want) > 1e-9 {
			t.Errorf("unit %q: got %+v, %v, want the second frame after %g minutes", unit, f, err, want)
		}
	}
}
