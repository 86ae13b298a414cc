package dispatcher

import (
	"log/slog"
	"strings"
	"testing"

	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/turn"
)

func TestConfigIsChecked(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	rule := func(name, when string, opens ...string) trigger.Rule {
		return trigger.Rule{Name: name, When: when, Opens: opens}
	}
	chain := func(name string, chain Chain) func(*Config) { return func(c *Config) { c.Chains[name] = chain } }
	for want, spoil := range map[string]func(*Config){
		"dispatcher.chains.hail: on is":                               chain("hail", Chain{On: "sundays", Worker: "mosaic"}),
		"dispatcher.chains.hail: every":                               chain("hail", Chain{On: "scan", Worker: "mosaic", Every: 1}),
		"dispatcher.chains.hail: patience":                            chain("hail", Chain{On: "scan", Worker: "mosaic", Every: 1, Window: 1, Patience: 2}),
		"dispatcher.chains.hail: patience is":                         chain("hail", Chain{On: "scan", Worker: "mosaic", Patience: 2}),
		"every, patience and window are of":                           chain("hail", Chain{On: "grid.mosaic", Worker: "contour", Every: 2}),
		"every_n is -1":                                               chain("hail", Chain{On: "grid.mosaic", Worker: "contour", EveryN: -1}),
		"every_n is 2":                                                chain("hail", Chain{On: "scan", Worker: "mosaic", Every: 1, Window: 1, EveryN: 2}),
		"dispatcher.chains.hail: deadline":                            chain("hail", Chain{On: "grid.mosaic", Worker: "contour", Deadline: -1}),
		"retries is -1, want 0 to 100":                                chain("hail", Chain{On: "grid.mosaic", Worker: "contour", Retries: -1}),
		"priority is 101, want 0 to 100":                              chain("hail", Chain{On: "grid.mosaic", Worker: "contour", Priority: 101}),
		"concurrency.most is -1":                                      chain("hail", Chain{On: "grid.mosaic", Worker: "contour", Concurrency: turn.Limit{Most: -1}}),
		`concurrency.per is "county"`:                                 chain("hail", Chain{On: "grid.mosaic", Worker: "contour", Concurrency: turn.Limit{Most: 1, Per: "county"}}),
		"concurrency.per is radar, which is":                          chain("hail", Chain{On: "grid.mosaic", Worker: "contour", Concurrency: turn.Limit{Most: 1, Per: "radar"}}),
		"resources.memory_mb is -1":                                   chain("hail", Chain{On: "grid.mosaic", Worker: "contour", Resources: Resources{MemoryMB: -1}}),
		"hail: workers_max":                                           chain("hail", Chain{On: "grid.mosaic", Worker: "contour", WorkersMax: -1}),
		"hail: parameters":                                            chain("hail", Chain{On: "grid.mosaic", Worker: "contour", Parameters: map[string]any{"f": storm}}),
		"dispatcher.chains.my-hail: a chain's name":                   chain("my-hail", Chain{On: "grid.mosaic", Worker: "contour"}),
		"dispatcher.budget.period":                                    func(c *Config) { c.Budget.Period = "year" },
		"dispatcher.budget.chains: \"none\" is no chain":              func(c *Config) { c.Budget.Chains = map[string]float64{"none": 1} },
		"dispatcher.scaling.max":                                      func(c *Config) { c.Scaling.Max = 0 },
		"dispatcher.weather.for":                                      func(c *Config) { c.Weather.For = -1 },
		"trigger hail: opens \"none\"":                                func(c *Config) { c.Triggers = append(c.Triggers, rule("hail", "true", "none")) },
		"trigger storm is there twice":                                func(c *Config) { c.Triggers = append(c.Triggers, rule("storm", "true", "mosaic")) },
		"dispatcher.triggers[1].when: line 1, column 9: trigger hail": func(c *Config) { c.Triggers = append(c.Triggers, rule("hail", "summary.km2_50 > 1", "mosaic")) },
		"trigger hail: when: the expression gives a int":              func(c *Config) { c.Triggers = append(c.Triggers, rule("hail", "hour", "mosaic")) },
	} {
		c := DefaultConfig()
		spoil(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want it to hold %q", err, want)
		}
		if _, err := New(c, nil, nil, nil, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s: a dispatcher was made of it", want)
		}
	}
}
