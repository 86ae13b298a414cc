package dispatcher

import (
	"log/slog"
	"strings"
	"testing"

	"bowecho/dispatcher/trigger"
)

func TestConfigIsChecked(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	rule := func(name, when string, opens ...string) trigger.Rule {
		return trigger.Rule{Name: name, When: when, Opens: opens}
	}
	for want, spoil := range map[string]func(*Config){
		"dispatcher.chains.hail: on is":  func(c *Config) { c.Chains["hail"] = Chain{On: "sundays", Worker: "mosaic"} },
		"dispatcher.chains.hail: worker": func(c *Config) { c.Chains["hail"] = Chain{On: "grid.mosaic"} },
		"dispatcher.chains.hail: every":  func(c *Config) { c.Chains["hail"] = Chain{On: "scan", Worker: "hail"} },
		"dispatcher.chains.hail: patience": func(c *Config) {
			c.Chains["hail"] = Chain{On: "scan", Worker: "hail", Every: 1, Window: 1, Patience: 2}
		},
		"dispatcher.chains.hail: deadline":    func(c *Config) { c.Chains["hail"] = Chain{On: "grid.mosaic", Worker: "hail", Deadline: -1} },
		"dispatcher.chains.hail: workers_max": func(c *Config) { c.Chains["hail"] = Chain{On: "grid.mosaic", Worker: "hail", WorkersMax: -1} },
		"dispatcher.chains.hail: parameters": func(c *Config) {
			c.Chains["hail"] = Chain{On: "grid.mosaic", Worker: "hail", Parameters: map[string]any{"f": storm}}
		},
		"dispatcher.chains.my-hail: a chain's name":                   func(c *Config) { c.Chains["my-hail"] = Chain{On: "grid.mosaic", Worker: "hail"} },
		"dispatcher.scaling.max":                                      func(c *Config) { c.Scaling.Max = 0 },
		"dispatcher.weather.for":                                      func(c *Config) { c.Weather.For = -1 },
		"trigger hail: opens \"none\"":                                func(c *Config) { c.Triggers = append(c.Triggers, rule("hail", "true", "none")) },
		"trigger storm is there twice":                                func(c *Config) { c.Triggers = append(c.Triggers, rule("storm", "true", "mosaic")) },
		"dispatcher.triggers[1].when: line 1, column 8: trigger hail": func(c *Config) { c.Triggers = append(c.Triggers, rule("hail", "summary.km2_50 > 1", "mosaic")) },
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
