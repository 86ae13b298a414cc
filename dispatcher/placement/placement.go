// Package placement says how many workers of each chain to ask of each cloud: the cheapest that stands well first.
//
// What a cloud is asked for and does not have soon, since it is full or slow, is asked for elsewhere as well, and stays
// asked there: so the cloud itself shows when it has room again. Workers elsewhere go when the others have come.
package placement

import (
	"cmp"
	"maps"
	"slices"
)

// Cloud is where workers can run, as an operator describes it.
type Cloud struct {
	Name         string
	PricePerHour float64            // of a worker, in any money that is the same for all
	Transfer     map[string]float64 // and of what a worker of a chain that has work all the time gets and puts in an hour
	Prefer       int                // a cloud with more is taken first, whatever its price
	Limit        int                // workers; 0: none
	Chains       []string           // that may run there; empty: all
}

// price gives what an hour of a worker of a chain costs, and of what it transfers.
func (c Cloud) price(chain string) float64 { return c.PricePerHour + c.Transfer[chain] }

// State is whether a cloud can be told anything.
type State int

// A cloud that has not answered for a short while is held: what it was asked for stands, and what it had counts. One
// that is gone counts no more.
const (
	Up State = iota
	Held
	Gone
)

// Standing is how a cloud stands now.
type Standing struct {
	State  State
	Groups map[string]Group // of each chain
}

// Group is the workers of a chain in a cloud.
type Group struct {
	Asked int
	Alive int
	Short bool // those that are asked for and not alive will not be so soon
}

// Plan is what to ask of each cloud that is up.
type Plan struct {
	Ask     map[string]map[string]int // workers, by cloud and chain
	Lacking map[string]int            // workers of each chain for which there is no room anywhere
}

// Place spreads the workers that are wanted of each chain over clouds. Where there is too little room those of a higher
// priority get all that they want first; those of the same get each their first worker before any gets its second, and so
// on, for of chains that feed each other none is worth anything without the next.
func Place(wanted, priority map[string]int, clouds []Cloud, now map[string]Standing) Plan {
	p := planner{now: now, used: map[string]int{}, plan: Plan{map[string]map[string]int{}, map[string]int{}}}
	for _, c := range clouds {
		if now[c.Name].State == Up {
			p.up = append(p.up, c)
		}
	}
	for _, c := range p.up {
		p.plan.Ask[c.Name] = map[string]int{}
	}
	chains, left := slices.Sorted(maps.Keys(wanted)), map[string]int{}
	for _, chain := range chains {
		left[chain] = max(wanted[chain]-p.held(chain), 0)
		for _, c := range p.up {
			p.plan.Ask[c.Name][chain] = 0
		}
	}
	for _, equals := range byPriority(chains, priority) {
		p.placeAll(equals, left)
	}
	for _, chain := range chains {
		p.keep(chain, left[chain])
	}
	return p.plan
}

// byPriority gives chains of the same priority together, those of the highest first.
func byPriority(chains []string, priority map[string]int) (groups [][]string) {
	chains = slices.Clone(chains)
	slices.SortStableFunc(chains, func(a, b string) int { return cmp.Compare(priority[b], priority[a]) })
	for i, chain := range chains {
		if i == 0 || priority[chain] != priority[chains[i-1]] {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], chain)
	}
	return groups
}

// planner is a plan in the making.
type planner struct {
	up   []Cloud // that can be told
	now  map[string]Standing
	used map[string]int // workers asked of each cloud
	plan Plan
}

// inOrder gives the clouds that can be told in the order in which they are taken for a chain.
func (p *planner) inOrder(chain string) []Cloud {
	return slices.SortedStableFunc(slices.Values(p.up), func(a, b Cloud) int {
		return cmp.Or(-cmp.Compare(a.Prefer, b.Prefer), cmp.Compare(a.price(chain), b.price(chain)))
	})
}

// held gives how many workers of a chain work in clouds that do not answer for now.
func (p *planner) held(chain string) (n int) {
	for _, s := range p.now {
		if g := s.Groups[chain]; s.State == Held {
			n += min(g.Asked, g.Alive)
		}
	}
	return n
}

// placeAll asks in turn for the workers that chains lack.
func (p *planner) placeAll(chains []string, left map[string]int) {
	for round, more := 0, true; more; round++ {
		more = false
		for _, chain := range chains {
			if round >= left[chain] {
				continue
			}
			more = true
			if !p.placeOne(chain) {
				p.plan.Lacking[chain]++
			}
		}
	}
}

// placeOne asks for one more worker of a chain, and again elsewhere where it will not come soon. It tells whether one
// is there or will come.
func (p *planner) placeOne(chain string) bool {
	for _, c := range p.inOrder(chain) {
		if c.Limit > 0 && p.used[c.Name] >= c.Limit || len(c.Chains) > 0 && !slices.Contains(c.Chains, chain) {
			continue
		}
		p.used[c.Name]++
		p.plan.Ask[c.Name][chain]++
		if g := p.now[c.Name].Groups[chain]; !g.Short || p.plan.Ask[c.Name][chain] <= g.Alive {
			return true
		}
	}
	return false
}

// keep leaves workers where they are that are to go, until those that replace them are alive.
func (p *planner) keep(chain string, wanted int) {
	missing := wanted
	for _, c := range p.up {
		missing -= min(p.plan.Ask[c.Name][chain], p.now[c.Name].Groups[chain].Alive)
	}
	for _, c := range p.inOrder(chain) {
		g := p.now[c.Name].Groups[chain]
		stay := max(min(missing, min(g.Asked, g.Alive)-p.plan.Ask[c.Name][chain]), 0)
		p.plan.Ask[c.Name][chain] += stay
		missing -= stay
	}
}
