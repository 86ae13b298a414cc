package trigger

import (
	"strings"
	"testing"
	"time"

	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
)

func vocabulary(t *testing.T) *Vocabulary {
	t.Helper()
	v, err := NewVocabulary([]string{"mosaic", "nowcast"}, []string{"mosaic"})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func rule(when string) Rule { return Rule{Name: "storm", When: when, Opens: []string{"nowcast"}} }

func TestRules(t *testing.T) {
	facts := Facts{
		Domain: "dfw", Time: time.Date(2017, 3, 29, 7, 10, 8, 0, time.UTC), Regime: weather.Convective,
		Seen: weather.Seen{OK: 3, Silent: 1, Summary: event.Summary{MaxDBZ: 52, EchoFraction: 0.05,
			Above: []event.Above{{DBZ: 20, KM2: 900}, {DBZ: 45, KM2: 12}}}},
		Queue:    map[string]int{"nowcast": 4},
		Products: map[string]event.Summary{"mosaic": {MaxDBZ: 49}},
	}
	for when, want := range map[string]bool{
		`regime in ["stratiform", "convective"]`:                      true,
		`regime == "clear"`:                                           false,
		`summary.km2_45 > 10 && radars.ok >= 2`:                       true,
		`summary.km2_55 > 0.0`:                                        false,
		`summary.max_dbz > 55 || (hour >= 18 && hour < 23)`:           false,
		`summary.echo_fraction > 0.01`:                                true,
		`domain.startsWith("d")`:                                      true,
		`queue.nowcast < 10 && queue.mosaic == 0`:                     true,
		`radars.silent > radars.late`:                                 true,
		`products.mosaic.max_dbz >= 49 && products.mosaic.km2_20 < 1`: true,
		`time > timestamp("2017-03-29T07:00:00Z")`:                    true,
	} {
		trigger, err := vocabulary(t).Compile(rule(when))
		if err != nil {
			t.Errorf("%s: %v", when, err)
			continue
		}
		if got, err := trigger.Holds(facts); got != want || err != nil {
			t.Errorf("%s: %v, %v; want %v", when, got, err, want)
		}
	}
}

func TestBadRulesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		rule Rule
		want string
	}{
		"unknown name":    {rule("regim == 'clear'"), "trigger storm: when: line 1, column 1: undeclared reference to 'regim'"},
		"unknown summary": {rule("hour > 1 && summary.km2_46 > 1"), "column 20: undeclared reference to 'summary.km2_46' (did you mean"},
		"unknown chain":   {rule("queue.hail > 1"), "undeclared reference to 'queue"},
		"unknown product": {rule("products.hail.km2_20 > 1"), "column 14: undeclared"},
		"wrong type":      {rule("summary.max_dbz > 'much'"), "column 17: found no matching overload"},
		"not a yes":       {rule("summary.max_dbz + 1.0"), "true or false"},
		"syntax":          {rule("regime ==\n"), "Syntax error"},
		"nothing":         {rule(""), "trigger storm: when: line 1, column 1"},
		"opens none":      {Rule{Name: "storm", When: "true"}, "trigger storm: opens"},
		"no name":         {Rule{When: "true"}, "no name"},
		"keeps negative":  {Rule{Name: "storm", When: "true", Opens: []string{"a"}, KeepFor: -1}, "trigger storm: keep_for"},
	} {
		if _, err := vocabulary(t).Compile(c.rule); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to hold %q", name, err, c.want)
		}
	}
}

func TestCostIsLimited(t *testing.T) {
	list := "[" + strings.Repeat("1,", 200) + "1]"
	trigger, err := vocabulary(t).Compile(rule(list + ".all(a, " + list + ".all(b, " + list + ".all(c, a+b+c > 0)))"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trigger.Holds(Facts{}); err == nil || !strings.Contains(err.Error(), "cost") {
		t.Errorf("eight million steps: got %v, want the cost limit", err)
	}
}

func TestKeepFor(t *testing.T) {
	begin := time.Date(2017, 3, 29, 7, 0, 0, 0, time.UTC)
	var s State
	for _, step := range []struct {
		minute        int
		holds         bool
		open, changed bool
	}{
		{0, false, false, false}, {1, true, true, true}, {2, false, true, false},
		{5, true, true, false}, {9, false, true, false}, {10, false, false, true}, {11, false, false, false},
	} {
		changed := s.Step(step.holds, 5*time.Minute, begin.Add(time.Duration(step.minute)*time.Minute))
		if s.Open != step.open || changed != step.changed {
			t.Errorf("minute %d: open %v, changed %v; want %v, %v", step.minute, s.Open, changed, step.open, step.changed)
		}
	}
}
