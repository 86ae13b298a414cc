package simulate

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"bowecho/internal/event"
)

// network is the radars of a made-up weather.
type network struct {
	domains int
	radars  int           // in each
	cadence time.Duration // of each radar
	gates   int
	lasts   time.Duration
	systems []system
}

// system is weather that comes, grows, and passes over the domains, one after the other.
type system struct {
	begins            time.Duration // over the first domain
	grows, lasts, ebb time.Duration
	strength          float64 // 1: as strong as storms get
	convective        bool
	first, last       int // domains
	lag               time.Duration
}

// over gives how strong the system is over a domain.
func (s system) over(domain int, t time.Duration) float64 {
	if domain < s.first || domain > s.last {
		return 0
	}
	t -= s.begins + time.Duration(domain-s.first)*s.lag
	switch {
	case t < 0 || t > s.grows+s.lasts+s.ebb:
		return 0
	case t < s.grows:
		return s.strength * float64(t) / float64(s.grows)
	case t < s.grows+s.lasts:
		return s.strength
	default:
		return s.strength * (1 - float64(t-s.grows-s.lasts)/float64(s.ebb))
	}
}

var epoch = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

// scans gives all scans by time. Each radar sees a system a little earlier or later, and somewhat more or less of it.
func (n network) scans(seed uint64) iter.Seq[Scan] {
	type radar struct {
		domain int
		names  [2]string
		next   time.Duration
		lag    time.Duration
		swing  [2]float64 // of all areas and of cores, which wander
		chance *rand.Rand
	}
	return func(yield func(Scan) bool) {
		var radars []*radar
		for d := range n.domains {
			for i := range n.radars {
				name := fmt.Sprintf("radar%d", d*n.radars+i)
				r := chance(seed, name)
				radars = append(radars, &radar{
					domain: d, names: [2]string{name, fmt.Sprintf("domain%d", d)}, chance: r,
					next: time.Duration(r.Int64N(int64(n.cadence))), lag: time.Duration(r.Int64N(int64(10 * time.Minute))),
				})
			}
		}
		for {
			soonest := slices.MinFunc(radars, func(a, b *radar) int { return int(a.next - b.next) })
			if soonest.next > n.lasts {
				return
			}
			keep := math.Exp(-n.cadence.Minutes() / 6)
			for i := range soonest.swing {
				soonest.swing[i] = keep*soonest.swing[i] + math.Sqrt(1-keep*keep)*soonest.chance.NormFloat64()
			}
			summary := n.seen(soonest.domain, soonest.next-soonest.lag, soonest.swing, soonest.chance)
			at := epoch.Add(soonest.next)
			soonest.next += time.Duration(float64(n.cadence) * (0.97 + 0.06*soonest.chance.Float64()))
			m := &event.Scan{V: event.Version, ID: soonest.names[0], Radar: soonest.names[0], Time: at, Elevations: []float64{1}, Summary: summary}
			if !yield(Scan{m, soonest.names[1]}) {
				return
			}
		}
	}
}

// seen gives what a radar sees of all systems, besides speckle.
func (n network) seen(domain int, t time.Duration, swing [2]float64, r *rand.Rand) event.Summary {
	km2 := [5]float64{r.Float64()}
	cells := 0.0
	echo := 0.002
	for _, s := range n.systems {
		is := s.over(domain, t)
		if is == 0 {
			continue
		}
		all, cores := math.Exp(0.2*swing[0]), math.Exp(0.2*swing[0]+0.3*swing[1])
		echo += 0.4 * is * all
		km2[0] += 4000 * is * all
		if !s.convective {
			km2[1] += 60 * is * all
			continue
		}
		for i, most := range []float64{0, 1200, 500, 180, 24} {
			km2[i] += most * math.Pow(is, 1+float64(i)/3) * cores
		}
		cells += 12 * math.Pow(is, 1.5) * cores
	}
	sum := event.Summary{Gates: n.gates, EchoFraction: min(echo, 1), MaxDBZ: 20, Cells: int(cells)}
	for i, dBZ := range []float64{20, 35, 40, 45, 55} {
		if km2[i] > 1 {
			sum.MaxDBZ = dBZ
		}
		sum.Above = append(sum.Above, event.Above{DBZ: dBZ, KM2: km2[i]})
	}
	return sum
}
