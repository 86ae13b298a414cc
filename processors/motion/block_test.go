package motion

import (
	"math"
	"slices"
	"testing"

	"bowecho/internal/grid"
)

// The shorter way gives what the longer one does, to the last bit.
func TestBlocksObservedInFullAreFittedAsOthers(t *testing.T) {
	const rows, cols = 90, 110
	var long, short []frame
	for k := range 4 {
		f := grid.NewField(rows, cols)
		for i := range f.Values {
			x, y := float64(i%cols)-2*float64(k), float64(i/cols)+float64(k)
			if f.Values[i] = float32(35 * math.Sin(x/7) * math.Cos(y/9)); i/cols < 12 {
				f.Values[i] = float32(math.NaN())
			}
		}
		short = append(short, newFrame(f, float64(4-k), DefaultConfig()))
		long = append(long, short[k])
		long[k].shows = make([]sight, len(short[k].shows)) // which have nothing in common
	}
	f := flow{newPlane(short[0].rows, short[0].cols), newPlane(short[0].rows, short[0].cols)}
	for i := range f.u.v {
		f.u.v[i], f.v.v[i] = float32(0.5+0.01*float64(i%13)), float32(-0.3+0.02*float64(i%7))
	}
	if !slices.Contains(short[0].shows, whole) || !slices.Contains(short[0].shows, 0) {
		t.Fatal("no block takes the shorter way, or none the longer")
	}
	want, got := f.trend(long), f.trend(short)
	for name, planes := range map[string][2]plane{"mean": {want.mean, got.mean}, "slope": {want.slope, got.slope}, "spread": {want.spread, got.spread}} {
		for i, v := range planes[0].v {
			if planes[1].v[i] != v {
				t.Fatalf("%s of pixel %d is %g on the shorter way, %g on the longer", name, i, planes[1].v[i], v)
			}
		}
	}
}
