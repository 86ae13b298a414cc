package contour

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/fhs/go-netcdf/netcdf"
	"github.com/paulmach/orb"

	"bowecho/internal/grid"
	"bowecho/internal/polygon"
	"bowecho/internal/realdata"
)

// sequence reads the frames of a grid sequence; never observed is NaN.
func sequence(t testing.TB, name string) []*grid.Field {
	t.Helper()
	ds, err := netcdf.OpenFile(realdata.Path(t, "data", "sequences", name), netcdf.NOWRITE)
	if err != nil {
		t.Fatal(err)
	}
	defer ds.Close()
	v, err := ds.Var("DBZH")
	if err != nil {
		t.Fatal(err)
	}
	shape, err := v.LenDims()
	if err != nil {
		t.Fatal(err)
	}
	packed, err := netcdf.GetInt16s(v)
	if err != nil {
		t.Fatal(err)
	}
	scale := []float64{0}
	if err := v.Attr("scale_factor").ReadFloat64s(scale); err != nil {
		t.Fatal(err)
	}
	var frames []*grid.Field
	for range shape[0] {
		f := grid.NewField(int(shape[1]), int(shape[2]))
		for i := range f.Values {
			if packed[i] != math.MinInt16 {
				f.Values[i] = float32(float64(packed[i]) * scale[0])
			}
		}
		packed = packed[len(f.Values):]
		frames = append(frames, f)
	}
	return frames
}

// TestAgainstContourpy compares areas, polygons and holes with what contourpy found in a real sequence.
func TestAgainstContourpy(t *testing.T) {
	var want struct {
		Frames map[string]map[string]struct {
			AreaCells       float64
			Polygons, Holes int
		}
	}
	data, err := os.ReadFile(realdata.Path(t, "data", "expected", "contour", "mch20150515.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	frames := sequence(t, "mch20150515.nc")
	for index, levels := range want.Frames {
		i, _ := strconv.Atoi(index)
		for name, w := range levels {
			level, _ := strconv.ParseFloat(name, 64)
			got := Polygons(frames[i], level)
			area, holes := totals(got)
			if d := math.Abs(area - w.AreaCells); d > 1e-6*w.AreaCells+5e-4 { // the reference has three decimals
				t.Errorf("frame %d, %g dBZ: %.4f cells, want %.4f", i, level, area, w.AreaCells)
			}
			if len(got) != w.Polygons || holes != w.Holes {
				t.Errorf("frame %d, %g dBZ: %d polygons and %d holes, want %d and %d", i, level, len(got), holes, w.Polygons, w.Holes)
			}
			if err := polygon.Check(got); err != nil {
				t.Errorf("frame %d, %g dBZ: %v", i, level, err)
			}
		}
	}
}

// TestAgainstContourpysPolygons compares each polygon of one frame: areas, rings and bounds, whatever their order.
func TestAgainstContourpysPolygons(t *testing.T) {
	var want struct {
		Features []struct {
			Properties struct{ Level float64 }
			Geometry   struct{ Coordinates orb.Polygon }
		}
	}
	data, err := os.ReadFile(realdata.Path(t, "data", "expected", "contour", "mch20150515_frame8.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	frame := sequence(t, "mch20150515.nc")[8]
	found := map[float64]orb.MultiPolygon{}
	for _, w := range want.Features {
		level, shape := w.Properties.Level, w.Geometry.Coordinates
		if found[level] == nil {
			found[level] = Polygons(frame, level)
		}
		i := slices.IndexFunc(found[level], func(p orb.Polygon) bool {
			a, b := p.Bound(), shape.Bound()
			return len(p) == len(shape) && math.Abs(AreaCells(p)-AreaCells(shape)) < 0.005 &&
				math.Hypot(a.Min[0]-b.Min[0], a.Min[1]-b.Min[1])+math.Hypot(a.Max[0]-b.Max[0], a.Max[1]-b.Max[1]) < 3e-4
		})
		if i < 0 {
			t.Errorf("%g dBZ: no polygon like %v with %.4f cells and %d holes", level, shape.Bound(), AreaCells(shape), len(shape)-1)
			continue
		}
		found[level] = slices.Delete(found[level], i, i+1)
	}
	for level, rest := range found {
		if len(rest) > 0 {
			t.Errorf("%g dBZ: %d polygons too many", level, len(rest))
		}
	}
}

// TestRealIsValidOnMap rounds the areas of each sequence to positions.
func TestRealIsValidOnMap(t *testing.T) {
	for _, name := range []string{"casa_addison20170329.nc", "fmi20160928.nc", "mch20150515.nc", "mrms20190610.nc"} {
		frame := sequence(t, name)[8]
		d := grid.Centred(name, 33, -97, frame.Rows, frame.Cols, 250)
		for _, level := range []float64{15, 20, 30, 40} {
			whole := Polygons(frame, level)
			checkRings(t, whole, -1)
			onMap := OnMap(whole, d)
			checkRings(t, onMap, 1)
			height, width := d.CellKM(frame.Rows / 2)
			cells, _ := totals(whole)
			var km2 float64
			for _, p := range onMap {
				km2 += AreaKM2(p)
			}
			if want := cells * height * width; math.Abs(km2-want) > 0.02*want {
				t.Errorf("%s, %g dBZ: %.2f km², want %.2f", name, level, km2, want)
			}
		}
	}
}

func totals(mp orb.MultiPolygon) (area float64, holes int) {
	for _, p := range mp {
		area += AreaCells(p)
		holes += len(p) - 1
	}
	return area, holes
}
