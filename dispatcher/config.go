package dispatcher

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/weather"
)

// Config is what an operator tunes.
type Config struct {
	Weather  weather.Config `yaml:"weather"`
	Triggers []trigger.Rule `yaml:"triggers"`
	Chains   Chains         `yaml:"chains"`
	Scaling  demand.Config  `yaml:"scaling"`
}

// DefaultConfig makes a mosaic and a nowcast, its areas and its pictures every minute while there is weather.
func DefaultConfig() Config {
	return Config{
		Weather: weather.DefaultConfig(),
		Triggers: []trigger.Rule{{
			Name: "storm", When: `regime in ["stratiform", "convective"]`, KeepFor: 5 * time.Minute,
			Opens: []string{"mosaic", "nowcast", "contour", "picture"},
		}},
		Chains:  defaultChains(),
		Scaling: demand.DefaultConfig(),
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
	wrong("", c.Scaling.Validate())
	for _, name := range slices.Sorted(maps.Keys(c.Chains)) {
		wrong("chains."+name+": ", c.Chains[name].validate(name))
	}
	for _, m := range c.mistakes() {
		wrong("chains."+m.chain+": ", m.err)
	}
	_, err := c.triggers()
	wrong("triggers: ", err)
	return errors.Join(errs...)
}

// triggers compiles the operator's rules. The error tells all that is wrong with them.
func (c Config) triggers() (list []*trigger.Trigger, err error) {
	names, err := trigger.NewVocabulary(slices.Sorted(maps.Keys(c.Chains)), c.products())
	if err != nil {
		return nil, err
	}
	var errs []error
	seen := map[string]bool{}
	for _, rule := range c.Triggers {
		t, err := names.Compile(rule)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if seen[rule.Name] {
			errs = append(errs, fmt.Errorf("trigger %s is there twice", rule.Name))
		}
		seen[rule.Name] = true
		for _, chain := range rule.Opens {
			if _, known := c.Chains[chain]; !known {
				errs = append(errs, fmt.Errorf("trigger %s: opens %q, which is no chain", rule.Name, chain))
			}
		}
		list = append(list, t)
	}
	return list, errors.Join(errs...)
}
