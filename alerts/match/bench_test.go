package match

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"bowecho/alerts/place"
	"bowecho/internal/event"

	"github.com/paulmach/orb"
)

// storms gives wavy areas of about 130 vertices and 8 to 40 km across, over ten by ten degrees and 31 lead times.
func storms(n int) []area {
	random := rand.New(rand.NewPCG(1, 2))
	areas := make([]area, n)
	for i := range areas {
		lon, lat, size := -100+10*random.Float64(), 30+10*random.Float64(), 0.04+0.15*random.Float64()
		ring := make(orb.Ring, 0, 130)
		for k := range 129 {
			angle := 2 * math.Pi * float64(k) / 129
			r := size * (1 + 0.2*math.Sin(7*angle))
			ring = append(ring, orb.Point{lon + r*math.Cos(angle), lat + r*math.Sin(angle)})
		}
		areas[i] = area{45, float64(i % 31), orb.Polygon{append(ring, ring[0])}}
	}
	return areas
}

func watchers(n int) *place.Set {
	random := rand.New(rand.NewPCG(3, 4))
	places := make([]event.Place, n)
	for i := range places {
		places[i] = event.Place{
			Name: fmt.Sprint(i), At: [2]float64{-100 + 10*random.Float64(), 30 + 10*random.Float64()},
			WithinKM: 5, Hazards: []event.Hazard{atLeast(45)},
		}
	}
	return place.NewSet(places)
}

func BenchmarkFind(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		set, areas := watchers(n), announce(b, dbz, all, storms(1000)...)
		b.Run(fmt.Sprintf("%d places, 1000 polygons", n), func(b *testing.B) {
			b.ReportAllocs()
			reached := 0
			for b.Loop() {
				reached = 0
				for _, f := range Find(set, areas) {
					if f.Sight == Reached {
						reached++
					}
				}
			}
			b.ReportMetric(float64(reached), "reached")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/place")
		})
	}
}
