package dispatcher

import (
	"iter"
	"maps"
	"slices"

	"bowecho/dispatcher/simulate"
	"bowecho/internal/event"
	"bowecho/internal/grid"
)

// Simulate makes a world's weather be judged, and its chains be ordered and scaled, as the config says.
func (c Config) Simulate(w *simulate.World) error {
	triggers, err := c.triggers()
	if err != nil {
		return err
	}
	w.Weather, w.Triggers, w.Chains = c.Weather, triggers, nil
	for _, name := range slices.Sorted(maps.Keys(c.Chains)) {
		chain := c.Chains[name]
		w.Chains = append(w.Chains, simulate.Chain{
			Name: name, On: chain.On, Makes: chain.makes(), Every: chain.Every, EveryN: chain.EveryN, Deadline: chain.Deadline,
			Priority: chain.Priority, Scaling: c.scaling(name), Takes: simulate.LawOf(chain.Worker),
		})
	}
	return nil
}

// Heard gives recorded scans, by time, to the domains that their radars see.
func Heard(scans []*event.Scan, domains []grid.Domain) iter.Seq[simulate.Scan] {
	scans = slices.Clone(scans)
	slices.SortStableFunc(scans, func(a, b *event.Scan) int { return a.Time.Compare(b.Time) })
	return func(yield func(simulate.Scan) bool) {
		for _, m := range scans {
			for _, d := range domains {
				if sees(m, d) && !yield(simulate.Scan{Scan: m, Domain: d.Name}) {
					return
				}
			}
		}
	}
}
