package contour

import (
	"encoding/json"
	"math"
	"os"
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

func totals(mp orb.MultiPolygon) (area float64, holes int) {
	for _, p := range mp {
		area += AreaCells(p)
		holes += len(p) - 1
	}
	return area, holes
}
