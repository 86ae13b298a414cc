package dispatcher

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/weather"
)

// Config is what an operator tunes.
type Config struct {
	Weather  weather.Config   `yaml:"weather"`
	Triggers []trigger.Rule   `yaml:"triggers"`
	Chains   map[string]Chain `yaml:"chains"`
	Scaling  demand.Config    `yaml:"scaling"`
}

// Chain is one kind of processing: on which news it is ordered, who does it, and how soon it must be done.
type Chain struct {
	On         string         `yaml:"on"`         // "scan", or "grid." and a product
	Worker     string         `yaml:"worker"`     // the built-in calculation
	Every      time.Duration  `yaml:"every"`      // on scans: one order each so long, by the data's clock
	Patience   time.Duration  `yaml:"patience"`   // on scans: how long an order waits for other radars that are due
	Window     time.Duration  `yaml:"window"`     // on scans: how old a scan may be and still be used
	History    time.Duration  `yaml:"history"`    // on grids: how far back earlier grids of the product are inputs, too
	Deadline   time.Duration  `yaml:"deadline"`   // after which the result is of no use; live data only
	Parameters map[string]any `yaml:"parameters"` // of the calculation
}

const onScan = "scan"

// product gives the product of the grids on which a chain is ordered, or nothing.
func (c Chain) product() string {
	product, found := strings.CutPrefix(c.On, "grid.")
	if !found {
		return ""
	}
	return product
}

// DefaultConfig makes a mosaic and a nowcast, its areas and its pictures every minute while there is weather.
func DefaultConfig() Config {
	return Config{
		Weather: weather.DefaultConfig(),
		Triggers: []trigger.Rule{{
			Name: "storm", When: `regime in ["stratiform", "convective"]`, KeepFor: 5 * time.Minute,
			Opens: []string{"mosaic", "nowcast", "contour", "picture"},
		}},
		Chains: map[string]Chain{
			"mosaic": {On: onScan, Worker: "mosaic", Every: time.Minute, Patience: 5 * time.Second,
				Window: 5 * time.Minute, Deadline: 90 * time.Second},
			"nowcast": {On: "grid.mosaic", Worker: "nowcast", History: 12 * time.Minute, Deadline: 90 * time.Second},
			"contour": {On: "grid.nowcast", Worker: "contour", Deadline: 90 * time.Second,
				Parameters: map[string]any{"levels": []float64{30, 45}}},
			"picture": {On: "grid.nowcast", Worker: "picture", Deadline: 90 * time.Second},
		},
		Scaling: demand.DefaultConfig(),
	}
}

// Validate tells all that is wrong.
func (c Config) Validate() error {
	errs := []error{c.Weather.Validate(), c.Scaling.Validate()}
	for name, chain := range c.Chains {
		if err := chain.validate(); err != nil {
			errs = append(errs, fmt.Errorf("dispatcher.chains.%s: %w", name, err))
		}
	}
	for _, rule := range c.Triggers {
		if _, err := trigger.Compile(rule); err != nil {
			errs = append(errs, fmt.Errorf("dispatcher.triggers: %w", err))
		}
		for _, chain := range rule.Opens {
			if _, known := c.Chains[chain]; !known {
				errs = append(errs, fmt.Errorf("dispatcher.triggers: %s opens %q, which is no chain", rule.Name, chain))
			}
		}
	}
	return errors.Join(errs...)
}

func (c Chain) validate() error {
	switch {
	case c.On != onScan && c.product() == "":
		return fmt.Errorf("on is %q, want scan, or grid. and a product", c.On)
	case c.Worker == "":
		return errors.New("worker is empty")
	case c.On == onScan && (c.Every <= 0 || c.Window <= 0 || c.Patience < 0 || c.Patience >= c.Every):
		return fmt.Errorf("every %v, window %v, patience %v: want the first two above 0, and less patience than every", c.Every, c.Window, c.Patience)
	case c.Deadline < 0 || c.History < 0:
		return errors.New("deadline or history is negative")
	}
	return nil
}

// chainsOn gives the names of the chains that are ordered on some news, sorted.
func (c Config) chainsOn(on string) (names []string) {
	for name, chain := range c.Chains {
		if chain.On == on {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
