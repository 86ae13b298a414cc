package dispatcher

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bowecho/internal/event"
	"bowecho/internal/mistake"
)

// Chains hang together by the kinds of news: what one makes, others are ordered on. Each is ordered on one kind, and each
// kind is made by one chain, or by the ingest. So there is one way from a scan to any product.

// hangTogether tells where chains do not fit together, and where triggers open what is ordered on nothing.
func (c Config) hangTogether() error {
	names := slices.Sorted(maps.Keys(c.Chains))
	makers := map[string]string{}
	var errs []error
	wrong := func(name, key, text string) {
		if text != "" {
			errs = append(errs, &mistake.Mistake{Path: strings.TrimSuffix("chains."+name+"."+key, "."), Text: text})
		}
	}
	for _, name := range names {
		for _, kind := range c.Chains[name].makes() {
			if first, made := makers[kind]; made {
				wrong(name, "", fmt.Sprintf("makes %s, which chain %s makes, too: want one chain for each product", kind, first))
				continue
			}
			makers[kind] = name
		}
	}
	for _, name := range names {
		wrong(name, "worker", c.Chains[name].checkWorker())
		wrong(name, "on", c.checkOn(name, makers))
		wrong(name, "", c.checkOpened(name, makers))
	}
	return errors.Join(errs...)
}

// checkWorker tells whether a chain's calculation is there.
func (c Chain) checkWorker() string {
	if _, known := event.Calculations[c.Worker]; known {
		return ""
	}
	workers := slices.Sorted(maps.Keys(event.Calculations))
	return fmt.Sprintf("there is no worker %q, want one of %s%s", c.Worker, strings.Join(workers, ", "), mistake.Proposal(c.Worker, workers))
}

// checkOn tells whether the calculation works on what a chain is ordered on, and whether that comes from scans in the end.
func (c Config) checkOn(name string, makers map[string]string) string {
	chain := c.Chains[name]
	if calculation, known := event.Calculations[chain.Worker]; known && !calculation.Accepts(chain.On) {
		return fmt.Sprintf("worker %s does not take %s, want %s", chain.Worker, chain.On, strings.Join(calculation.Takes, " or "))
	}
	path := []string{name}
	for at := name; c.Chains[at].On != event.ScanNews; {
		maker, made := makers[c.Chains[at].On]
		switch {
		case !made && at == name:
			kinds := slices.DeleteFunc(slices.Sorted(maps.Keys(makers)), func(kind string) bool { return !strings.HasPrefix(kind, event.GridNews) })
			return fmt.Sprintf("no chain makes %s%s", chain.On, mistake.Proposal(chain.On, kinds))
		case !made:
			return "" // told of the chain that lacks it
		case slices.Contains(path, maker):
			return "chains wait for each other in a ring: " + strings.Join(append(path, maker), " on ")
		}
		path, at = append(path, maker), maker
	}
	return ""
}

// checkOpened tells whether some trigger opens the chain that makes what a chain is ordered on, where one opens the chain.
func (c Config) checkOpened(name string, makers map[string]string) string {
	openers := c.openers(name)
	maker, made := makers[c.Chains[name].On]
	if len(openers) == 0 || !made || len(c.openers(maker)) > 0 {
		return ""
	}
	return fmt.Sprintf("trigger %s opens it, but none opens chain %s, which makes the %s that it is ordered on: add %s to a trigger's opens",
		openers[0], maker, c.Chains[name].On, maker)
}

// openers names the triggers that open a chain.
func (c Config) openers(chain string) (names []string) {
	for _, rule := range c.Triggers {
		if slices.Contains(rule.Opens, chain) {
			names = append(names, rule.Name)
		}
	}
	return names
}

// products gives the products of the grids that chains make, sorted.
func (c Config) products() (names []string) {
	for _, chain := range c.Chains {
		names = append(names, chain.products()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// fed names the chains that are ordered on what a chain makes, sorted.
func (c Config) fed(name string) (names []string) {
	for _, kind := range c.Chains[name].makes() {
		names = append(names, c.chainsOn(kind)...)
	}
	slices.Sort(names)
	return names
}

// priority gives how urgent a chain is, 0 to 100: as the most urgent that lives on what it makes, for nothing is soon whose
// inputs are late. Raised tells how much more each counts for now.
func (c Config) priority(name string, raised func(chain string) int) int {
	most := min(c.Chains[name].Priority+raised(name), 100)
	for _, next := range c.fed(name) {
		most = max(most, c.priority(next, raised))
	}
	return most
}

// unraised is that no chain counts more than the config says.
func unraised(string) int { return 0 }

// Steps gives the chains as a graph, those that make something before those that are ordered on it, with the priorities
// that the config says.
func (c Config) Steps() []event.Step { return c.steps(unraised) }

// Steps is Config.Steps of the config as it is now, with priorities as triggers raise them for now.
func (d *Dispatcher) Steps() []event.Step {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cfg.steps(d.raised)
}

func (c Config) steps(raised func(chain string) int) []event.Step {
	steps := []event.Step{}
	var walk func(from string, names []string)
	walk = func(from string, names []string) {
		for _, name := range names {
			chain := c.Chains[name]
			steps = append(steps, event.Step{
				Chain: name, Worker: chain.Worker, Takes: chain.On, From: from, Makes: chain.makes(), Feeds: c.fed(name),
				EverySeconds: chain.Every.Seconds(), EveryN: chain.EveryN, DeadlineSeconds: chain.Deadline.Seconds(),
				Priority: c.priority(name, raised), Most: chain.Concurrency.Most, Per: chain.Concurrency.Per, Essential: chain.Essential,
				Triggers: c.openers(name),
			})
			walk(name, c.fed(name))
		}
	}
	walk("", c.chainsOn(event.ScanNews))
	return steps
}
