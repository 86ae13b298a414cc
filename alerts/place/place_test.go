package place

import (
	"slices"
	"testing"

	"bowecho/internal/event"

	"github.com/paulmach/orb"
)

func at(lon, lat, withinKM float64) event.Place {
	return event.Place{Name: "x", At: [2]float64{lon, lat}, WithinKM: withinKM}
}

func box(west, south, east, north float64) orb.Bound {
	return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}
}

func TestReach(t *testing.T) {
	// A degree of latitude has 110.6 to 111.7 km; at 60° a degree of longitude has 55.8 km.
	for name, c := range map[string]struct {
		place event.Place
		box   orb.Bound
		want  bool
	}{
		"in the box":                     {at(-97, 33, 0), box(-98, 32, -96, 34), true},
		"beside it":                      {at(-97, 33, 0), box(-96, 32, -95, 34), false},
		"100 km east":                    {at(-97, 0, 100), box(-96.11, -1, -95, 1), true},
		"beyond 100 km":                  {at(-97, 0, 100), box(-96.05, -1, -95, 1), false},
		"100 km north":                   {at(-97, 0, 100), box(-98, 0.9, -95, 1), true},
		"100 km east at 60°":             {at(10, 60, 100), box(11.78, 59, 12, 61), true},
		"120 km east at 60°":             {at(10, 60, 100), box(12.15, 59, 13, 61), false},
		"across the antimeridian, east":  {at(179.9, 0, 50), box(-180, -1, -179.8, 1), true},
		"across the antimeridian, west":  {at(-179.9, 0, 50), box(179.8, -1, 180, 1), true},
		"a box that reaches beyond 180°": {at(-179.9, 0, 5), box(179, -1, 181, 1), true},
		"at the pole":                    {at(0, 89.9, 50), box(170, 89.8, 180, 90), true},
		"at the pole itself":             {at(0, -90, 50), box(-180, -89.7, 180, -89.6), true},
		"near the pole, out of distance": {at(0, 89, 50), box(170, 88, 180, 88.4), false},
	} {
		var got []int
		NewSet([]event.Place{at(50, -40, 1), c.place}).Reach(c.box, func(i int) { got = append(got, i) })
		if want := []int{1}[:btoi(c.want)]; !slices.Equal(got, want) {
			t.Errorf("%s: reached %v, want %v", name, got, want)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestEachPlaceOnce(t *testing.T) {
	set := NewSet([]event.Place{at(0, 90, 500), at(180, 0, 400), at(-180, 0, 400)})
	for _, b := range []orb.Bound{box(-180, -90, 180, 90), box(100, -10, 260, 90), box(-300, -90, 300, 90)} {
		counts := map[int]int{}
		set.Reach(b, func(i int) { counts[i]++ })
		if len(counts) != 3 || counts[0] != 1 || counts[1] != 1 || counts[2] != 1 {
			t.Errorf("%v: reached %v, want each place once", b, counts)
		}
	}
}
