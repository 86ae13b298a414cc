package dispatcher

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"bowecho/dispatcher/budget"
	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/weather"
	"bowecho/internal/mistake"
)

// Config is what an operator tunes.
type Config struct {
	Weather  weather.Config `yaml:"weather"`
	Feeds    weather.Feeds  `yaml:"feeds"` // of warnings, by the names of their sources
	Triggers []trigger.Rule `yaml:"triggers"`
	Chains   Chains         `yaml:"chains"`
	Scaling  demand.Config  `yaml:"scaling"`
	Budget   budget.Config  `yaml:"budget"`
}

// DefaultConfig makes a mosaic and a nowcast, its areas and its pictures every minute while there is weather.
func DefaultConfig() Config {
	return Config{
		Weather: weather.DefaultConfig(),
		Triggers: []trigger.Rule{{
			Name: "storm", When: `regime in ["stratiform", "convective"]`, KeepFor: 5 * time.Minute,
			OnNoData: trigger.ToUnknown, Opens: []string{"mosaic", "nowcast", "contour", "picture"}, Floor: new(1),
		}},
		Feeds:   weather.Feeds{},
		Chains:  defaultChains(),
		Scaling: demand.DefaultConfig(),
		Budget:  budget.DefaultConfig(),
	}
}

// Validate tells all that is wrong.
func (c Config) Validate() error {
	var errs []error
	wrong := func(at string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("dispatcher.%s%w", at, err))
		}
	}
	wrong("", c.Weather.Validate())
	wrong("", c.Feeds.Validate())
	wrong("", c.Scaling.Validate())
	wrong("", c.Budget.Validate())
	for _, name := range slices.Sorted(maps.Keys(c.Budget.Chains)) {
		if _, known := c.Chains[name]; !known {
			wrong("budget.chains: ", fmt.Errorf("%q is no chain", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Chains)) {
		wrong("chains."+name+": ", c.Chains[name].validate(name))
	}
	_, err := c.triggers()
	errs = append(errs, mistake.Under("dispatcher", errors.Join(c.hangTogether(), err)))
	return errors.Join(errs...)
}

// triggers compiles the operator's rules. The error tells all that is wrong with them.
func (c Config) triggers() (list []*trigger.Trigger, err error) {
	names, err := trigger.NewVocabulary(c.known())
	if err != nil {
		return nil, err
	}
	var errs []error
	seen := map[string]bool{}
	for i, rule := range c.Triggers {
		at := fmt.Sprintf("triggers[%d]", i)
		t, err := names.Compile(rule)
		if err != nil {
			errs = append(errs, mistake.Under(at, err))
			continue
		}
		if seen[rule.Name] {
			errs = append(errs, &mistake.Mistake{Path: at + ".name", Text: fmt.Sprintf("trigger %s is there twice", rule.Name)})
		}
		seen[rule.Name] = true
		list = append(list, t)
	}
	return list, errors.Join(errs...)
}

// Needs gives the names of which each trigger needs data.
func (c Config) Needs() (map[string][]string, error) {
	triggers, err := c.triggers()
	needs := map[string][]string{}
	for _, t := range triggers {
		needs[t.Name] = t.Names()
	}
	return needs, err
}

// known gives what triggers may speak of.
func (c Config) known() trigger.Known {
	return trigger.Known{Chains: slices.Sorted(maps.Keys(c.Chains)), Products: c.products(), Feeds: slices.Sorted(maps.Keys(c.Feeds))}
}

// essential tells of each chain whether it is.
func (c Config) essential() map[string]bool {
	which := map[string]bool{}
	for name, chain := range c.Chains {
		which[name] = chain.Essential
	}
	return which
}
