package dispatcher

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"bowecho/internal/config"
	"bowecho/internal/event"
)

// Chains hang together by the kinds of news: what one makes, others are ordered on. Each is ordered on one kind, and each
// kind is made by one chain, or by the ingest. So there is one way from a scan to any product.

// mistake is what is wrong with a chain's place among the others.
type mistake struct {
	chain string
	err   error
}

// mistakes tells where chains do not fit together, and where triggers open what is ordered on nothing.
func (c Config) mistakes() (list []mistake) {
	names := slices.Sorted(maps.Keys(c.Chains))
	makers := map[string]string{}
	for _, name := range names {
		if err := c.checkWorker(name); err != nil {
			list = append(list, mistake{name, err})
			continue // what it makes is not known
		}
		for _, kind := range c.Chains[name].makes() {
			if first, made := makers[kind]; made {
				list = append(list, mistake{name, fmt.Errorf("makes %s, which chain %s makes, too: want one chain for each product", kind, first)})
				continue
			}
			makers[kind] = name
		}
	}
	for _, name := range names {
		err := c.checkSource(name, makers)
		if err == nil {
			err = c.checkOpened(name, makers)
		}
		if err != nil {
			list = append(list, mistake{name, err})
		}
	}
	return list
}

// checkWorker tells whether a chain's calculation is there and works on what the chain is ordered on.
func (c Config) checkWorker(name string) error {
	chain := c.Chains[name]
	calculation, known := event.Calculations[chain.Worker]
	workers := slices.Sorted(maps.Keys(event.Calculations))
	switch {
	case !known:
		return fmt.Errorf("worker is %q, want one of %s%s", chain.Worker, strings.Join(workers, ", "), suggestion(chain.Worker, workers))
	case !calculation.Accepts(chain.On):
		return fmt.Errorf("on is %s, which worker %s does not take, want %s", chain.On, chain.Worker, strings.Join(calculation.Takes, " or "))
	}
	return nil
}

func suggestion(name string, known []string) string {
	if near := config.Nearest(name, known); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// checkSource tells whether what a chain is ordered on comes from scans in the end.
func (c Config) checkSource(name string, makers map[string]string) error {
	path := []string{name}
	for at := name; c.Chains[at].On != event.ScanNews; {
		on := c.Chains[at].On
		maker, made := makers[on]
		switch {
		case !made && at == name:
			kinds := slices.DeleteFunc(slices.Sorted(maps.Keys(makers)), func(kind string) bool { return !strings.HasPrefix(kind, event.GridNews) })
			return fmt.Errorf("on is %s, which no chain makes%s", on, suggestion(on, kinds))
		case !made:
			return nil // told of the chain that lacks it
		case slices.Contains(path, maker):
			return fmt.Errorf("chains wait for each other in a ring: %s", strings.Join(append(path, maker), " on "))
		}
		path, at = append(path, maker), maker
	}
	return nil
}

// checkOpened tells whether some trigger opens the chain that makes what a chain is ordered on, where one opens the chain.
func (c Config) checkOpened(name string, makers map[string]string) error {
	openers := c.openers(name)
	maker, made := makers[c.Chains[name].On]
	if len(openers) == 0 || !made || len(c.openers(maker)) > 0 {
		return nil
	}
	return fmt.Errorf("trigger %s opens it, but no trigger opens chain %s, which makes the %s that it is ordered on: add %s to a trigger's opens",
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
		for _, kind := range chain.makes() {
			if product, grid := strings.CutPrefix(kind, event.GridNews); grid {
				names = append(names, product)
			}
		}
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

// priority gives how urgent a chain is: as the most urgent that lives on what it makes, for nothing is soon whose
// inputs are late.
func (c Config) priority(name string) int {
	most := c.Chains[name].Priority
	for _, next := range c.fed(name) {
		most = max(most, c.priority(next))
	}
	return most
}

// Steps gives the chains as a graph, those that make something before those that are ordered on it.
func (c Config) Steps() (steps []event.Step) {
	var walk func(from string, names []string)
	walk = func(from string, names []string) {
		for _, name := range names {
			chain := c.Chains[name]
			steps = append(steps, event.Step{
				Chain: name, Worker: chain.Worker, Takes: chain.On, From: from, Makes: chain.makes(), Feeds: c.fed(name),
				EverySeconds: chain.Every.Seconds(), EveryN: chain.EveryN, DeadlineSeconds: chain.Deadline.Seconds(),
				Priority: c.priority(name), Most: chain.Concurrency.Most, Per: chain.Concurrency.Per, Essential: chain.Essential,
				Triggers: c.openers(name),
			})
			walk(name, c.fed(name))
		}
	}
	walk("", c.chainsOn(event.ScanNews))
	return steps
}
