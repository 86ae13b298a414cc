package dispatcher

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/weather"
	"bowecho/internal/mistake"
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
	On         string         `yaml:"on"`          // "scan", or "grid." and a product
	Worker     string         `yaml:"worker"`      // the built-in calculation
	Every      time.Duration  `yaml:"every"`       // on scans: one order each so long, by the data's clock
	Patience   time.Duration  `yaml:"patience"`    // on scans: how long an order waits for other radars that are due
	Window     time.Duration  `yaml:"window"`      // on scans: how old a scan may be and still be used
	History    time.Duration  `yaml:"history"`     // how far back earlier grids of the product, or one earlier scan of each radar, are inputs, too
	Deadline   time.Duration  `yaml:"deadline"`    // after which the result is of no use; live data only
	WorkersMax int            `yaml:"workers_max"` // 0: as scaling.max says
	Parameters map[string]any `yaml:"parameters"`  // of the calculation
}

// On what news a chain is ordered: scans, or the grids of a product.
const (
	onScan = "scan"
	onGrid = "grid."
)

// product gives the product of the grids on which a chain is ordered, or nothing.
func (c Chain) product() string {
	product, found := strings.CutPrefix(c.On, onGrid)
	if !found {
		return ""
	}
	return product
}

// DefaultConfig makes a mosaic and a nowcast, its areas and its pictures every minute while there is weather. The chain
// of probabilities is there for triggers that open it.
func DefaultConfig() Config {
	return Config{
		Weather: weather.DefaultConfig(),
		Triggers: []trigger.Rule{{
			Name: "storm", When: `regime in ["stratiform", "convective"]`, KeepFor: 5 * time.Minute,
			OnNoData: trigger.ToUnknown, Opens: []string{"mosaic", "nowcast", "contour", "picture"}, Floor: new(1),
		}},
		Chains: map[string]Chain{
			"mosaic": {On: onScan, Worker: "mosaic", Every: time.Minute, Patience: 5 * time.Second,
				Window: 5 * time.Minute, History: 6 * time.Minute, Deadline: 90 * time.Second},
			"nowcast":     {On: "grid.mosaic", Worker: "nowcast", History: 12 * time.Minute, Deadline: 90 * time.Second},
			"probability": {On: "grid.mosaic", Worker: "probability", History: 21 * time.Minute, Deadline: 90 * time.Second},
			"contour": {On: "grid.nowcast", Worker: "contour", Deadline: 90 * time.Second,
				Parameters: map[string]any{"levels": []float64{30, 45}}},
			"picture": {On: "grid.nowcast", Worker: "picture", Deadline: 90 * time.Second},
		},
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
	_, err := c.triggers()
	errs = append(errs, mistake.Under("dispatcher", err))
	return errors.Join(errs...)
}

// chainName is what can stand in a subject and in an expression.
var chainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func (c Chain) validate(name string) error {
	switch {
	case !chainName.MatchString(name):
		return errors.New("a chain's name has a to z, 0 to 9 and _ only, and begins with a letter")
	case c.On != onScan && !chainName.MatchString(c.product()):
		return fmt.Errorf("on is %q, want scan, or grid. and a product", c.On)
	case c.Worker == "":
		return errors.New("worker is empty, want the name of a calculation")
	case c.On == onScan && (c.Every <= 0 || c.Window <= 0):
		return fmt.Errorf("every is %v and window %v, want above 0s", c.Every, c.Window)
	case c.On == onScan && (c.Patience < 0 || c.Patience >= c.Every):
		return fmt.Errorf("patience is %v, want 0s or more and less than every, which is %v", c.Patience, c.Every)
	case c.Deadline < 0 || c.History < 0:
		return fmt.Errorf("deadline is %v and history %v, want 0s or more", c.Deadline, c.History)
	case len(c.Parameters) > 0 && c.parameters() == nil:
		return errors.New("parameters cannot be written as JSON, want names with numbers, texts, lists and maps")
	case c.WorkersMax < 0 || c.WorkersMax > 10_000:
		return fmt.Errorf("workers_max is %d, want 0 to 10000", c.WorkersMax)
	}
	return nil
}

// parameters gives a chain's parameters as a calculation reads them; nothing where there are none.
func (c Chain) parameters() json.RawMessage {
	data, err := json.Marshal(c.Parameters)
	if err != nil || len(c.Parameters) == 0 {
		return nil
	}
	return data
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

// known gives what triggers may speak of.
func (c Config) known() trigger.Known {
	return trigger.Known{Chains: slices.Sorted(maps.Keys(c.Chains)), Products: c.products()}
}

// products gives the products on which chains are ordered, sorted.
func (c Config) products() (names []string) {
	for _, chain := range c.Chains {
		if p := chain.product(); chainName.MatchString(p) {
			names = append(names, p)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// products gives the products of the grids that a chain makes: the calculation's, of its name.
func (c Chain) products() []string { return []string{c.Worker} }

// scaling gives the bounds of a chain's workers.
func (c Config) scaling(chain string) demand.Config {
	bounds := c.Scaling
	if most := c.Chains[chain].WorkersMax; most > 0 {
		bounds.Max = most
	}
	return bounds
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

// window gives how long scans are remembered: as long as any chain may use them and those before, and two slots more.
func (c Config) window() (longest time.Duration) {
	for _, chain := range c.Chains {
		if chain.On == onScan {
			longest = max(longest, chain.Window+chain.History+2*chain.Every)
		}
	}
	return longest
}

// history gives how long grids of a product are remembered.
func (c Config) history(product string) (longest time.Duration) {
	for _, chain := range c.Chains {
		if chain.product() == product {
			longest = max(longest, chain.History)
		}
	}
	return longest
}
