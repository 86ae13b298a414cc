package dispatcher

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/turn"
	"bowecho/internal/event"
)

// Chain is one kind of processing: on which news it is ordered, who does it, and how soon it must be done.
type Chain struct {
	On          string         `yaml:"on"`          // "scan", or "grid." and a product
	Worker      string         `yaml:"worker"`      // the built-in calculation
	Every       time.Duration  `yaml:"every"`       // on scans: one order each so long, by the data's clock; 0: one for each scan
	EveryN      int            `yaml:"every_n"`     // only each so many-th of its news; 0: all
	Patience    time.Duration  `yaml:"patience"`    // on scans: how long an order waits for other radars that are due
	Window      time.Duration  `yaml:"window"`      // on scans: how old a scan may be and still be used; 0: the scan alone
	History     time.Duration  `yaml:"history"`     // how far back earlier grids of the product, or one earlier scan of each radar, are inputs, too
	Deadline    time.Duration  `yaml:"deadline"`    // after which the result is of no use; live data only
	Retries     int            `yaml:"retries"`     // how often an order that failed is tried again
	Priority    int            `yaml:"priority"`    // 0 to 100; where there are too few places for workers, more goes first
	Concurrency turn.Limit     `yaml:"concurrency"` // how many orders may be in hand at once
	Essential   bool           `yaml:"essential"`   // goes on when the budget is spent
	WorkersMax  int            `yaml:"workers_max"` // 0: as scaling.max says
	Resources   Resources      `yaml:"resources"`   // of one worker
	Parameters  map[string]any `yaml:"parameters"`  // of the calculation
}

// Resources is what one worker takes of the machine it is placed on. Zero: what the job template says.
type Resources struct {
	CPUMHz   int `yaml:"cpu_mhz"`
	MemoryMB int `yaml:"memory_mb"`
}

// usual is what a chain is that says nothing: it is tried five times and is as urgent as most.
func usual() Chain { return Chain{Retries: 4, Priority: 50} }

// Chains is all chains by name.
type Chains map[string]Chain

// defaultChains makes what alerts need before what is looked at. That of probabilities is there for triggers that open it.
// Twenty orders a domain are more than any number of workers has to do at once; a chain for which no place is found fills
// the queue of all with no more.
func defaultChains() Chains {
	minute := func(c Chain) Chain {
		c.Deadline, c.Retries, c.Concurrency = 90*time.Second, usual().Retries, turn.Limit{Most: 20, Per: turn.PerDomain}
		return c
	}
	return Chains{
		"mosaic": minute(Chain{On: event.ScanNews, Worker: "mosaic", Every: time.Minute, Patience: 5 * time.Second,
			Window: 5 * time.Minute, History: 6 * time.Minute, Priority: 80, Essential: true}),
		"nowcast":     minute(Chain{On: "grid.mosaic", Worker: "nowcast", History: 12 * time.Minute, Priority: 80, Essential: true}),
		"probability": minute(Chain{On: "grid.mosaic", Worker: "probability", History: 21 * time.Minute, Priority: 40}),
		"contour": minute(Chain{On: "grid.nowcast", Worker: "contour", Priority: 80, Essential: true,
			Parameters: map[string]any{"levels": []float64{30, 45}}}),
		"picture": minute(Chain{On: "grid.nowcast", Worker: "picture", Priority: 30}),
	}
}

// UnmarshalYAML reads chains over those that are there: one that is named changes in what is said of it, one that is new
// begins as usual, and `off: true` takes one away.
func (c *Chains) UnmarshalYAML(read func(any) error) error {
	var named map[string]later
	if err := read(&named); err != nil {
		return err
	}
	all := Chains{}
	for name, chain := range *c {
		all[name] = chain
	}
	for name, value := range named {
		written := struct {
			Chain `yaml:",inline"`
			Off   bool `yaml:"off"`
		}{Chain: usual()}
		if chain, known := all[name]; known {
			written.Chain = chain
		}
		if value.read != nil {
			if err := value.read(&written); err != nil {
				return err
			}
		}
		all[name] = written.Chain
		if written.Off {
			delete(all, name)
		}
	}
	*c = all
	return nil
}

// later is a value that is read when it is known into what.
type later struct{ read func(any) error }

// UnmarshalYAML keeps the reader.
func (l *later) UnmarshalYAML(read func(any) error) error {
	l.read = read
	return nil
}

// product gives the product of the grids on which a chain is ordered, or nothing.
func (c Chain) product() string {
	product, found := strings.CutPrefix(c.On, event.GridNews)
	if !found {
		return ""
	}
	return product
}

// single tells whether a chain on scans is ordered for each scan by itself.
func (c Chain) single() bool { return c.On == event.ScanNews && c.Every == 0 }

// makes gives the kinds of news that come of a chain.
func (c Chain) makes() []string {
	calculation, known := event.Calculations[c.Worker]
	if !known || calculation.Makes == nil || !calculation.Accepts(c.On) {
		return nil
	}
	return calculation.Makes(c.On, c.parameters())
}

// products gives the products of the grids that a chain makes.
func (c Chain) products() (names []string) {
	for _, kind := range c.makes() {
		if product, grid := strings.CutPrefix(kind, event.GridNews); grid {
			names = append(names, product)
		}
	}
	return names
}

// parameters gives a chain's parameters as a calculation reads them; nothing where there are none.
func (c Chain) parameters() json.RawMessage {
	data, err := json.Marshal(c.Parameters)
	if err != nil || len(c.Parameters) == 0 {
		return nil
	}
	return data
}

// chainName is what can stand in a subject and in an expression.
var chainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// mostResources is more than any machine has, in MHz and in MB.
const mostResources = 10_000_000

// validate tells what is wrong with a chain, whatever the others are.
func (c Chain) validate(name string) error {
	onScan := c.On == event.ScanNews
	switch {
	case !chainName.MatchString(name):
		return errors.New("a chain's name has a to z, 0 to 9 and _ only, and begins with a letter")
	case !onScan && !chainName.MatchString(c.product()):
		return fmt.Errorf("on is %q, want scan, or grid. and a product", c.On)
	case c.Every < 0 || c.Window < 0 || onScan && c.Every > 0 && c.Window == 0:
		return fmt.Errorf("every is %v and window %v, want 0s or more, and a window where there is one order each so long", c.Every, c.Window)
	case c.Patience < 0 || c.Patience > 0 && c.Patience >= c.Every:
		return fmt.Errorf("patience is %v, want 0s or more and less than every, which is %v", c.Patience, c.Every)
	case !onScan && (c.Every > 0 || c.Patience > 0 || c.Window > 0):
		return errors.New("every, patience and window are of chains on scans; every_n thins out grids")
	case c.EveryN < 0 || c.EveryN > 1 && c.Every > 0:
		return fmt.Errorf("every_n is %d, want 0 or more, and with every: 0s", c.EveryN)
	case c.Deadline < 0 || c.History < 0:
		return fmt.Errorf("deadline is %v and history %v, want 0s or more", c.Deadline, c.History)
	case len(c.Parameters) > 0 && c.parameters() == nil:
		return errors.New("parameters cannot be written as JSON, want names with numbers, texts, lists and maps")
	}
	return errors.Join(c.checkConcurrency(), c.checkNumbers())
}

func (c Chain) checkConcurrency() error {
	if err := c.Concurrency.Validate(); err != nil {
		return fmt.Errorf("concurrency.%w", err)
	}
	if c.Concurrency.Per == turn.PerRadar && !c.single() {
		return errors.New("concurrency.per is radar, which is of chains on scans with every: 0s: others work on many radars")
	}
	return nil
}

func (c Chain) checkNumbers() error {
	for _, n := range []struct {
		key         string
		value, most int
	}{
		{"retries", c.Retries, 100}, {"priority", c.Priority, 100}, {"workers_max", c.WorkersMax, 10_000},
		{"resources.cpu_mhz", c.Resources.CPUMHz, mostResources}, {"resources.memory_mb", c.Resources.MemoryMB, mostResources},
	} {
		if n.value < 0 || n.value > n.most {
			return fmt.Errorf("%s is %d, want 0 to %d", n.key, n.value, n.most)
		}
	}
	return nil
}

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
		if chain.On == event.ScanNews {
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
