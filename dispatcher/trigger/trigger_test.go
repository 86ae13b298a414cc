package trigger

import (
	"strings"
	"testing"
	"time"
)

func TestRules(t *testing.T) {
	facts := Facts{Regime: "convective", Domain: "dfw", MaxDBZ: 52, KM2: map[string]float64{"20": 900, "45": 12}, RadarsOK: 3, Hour: 7}
	for when, want := range map[string]bool{
		`regime in ["stratiform", "convective"]`:      true,
		`regime == "clear"`:                           false,
		`km2["45"] > 10.0 && radars_ok >= 2`:          true,
		`max_dbz > 55.0 || (hour >= 18 && hour < 23)`: false,
		`domain.startsWith("d")`:                      true,
	} {
		trigger, err := Compile(Rule{Name: "t", When: when, Opens: []string{"nowcast"}})
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
		"unknown name": {Rule{Name: "t", When: "regim == 'clear'", Opens: []string{"a"}}, "regim"},
		"not a yes":    {Rule{Name: "t", When: "max_dbz + 1.0", Opens: []string{"a"}}, "true or false"},
		"wrong type":   {Rule{Name: "t", When: "max_dbz > 'much'", Opens: []string{"a"}}, "1:9"},
		"syntax":       {Rule{Name: "t", When: "regime ==", Opens: []string{"a"}}, "Syntax error"},
		"opens none":   {Rule{Name: "t", When: "true"}, "chains"},
	} {
		if _, err := Compile(c.rule); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to hold %q", name, err, c.want)
		}
	}
}

func TestCostIsLimited(t *testing.T) {
	list := "[" + strings.Repeat("1,", 200) + "1]"
	trigger, err := Compile(Rule{Name: "t", Opens: []string{"a"}, When: list + ".all(a, " + list + ".all(b, " + list + ".all(c, a+b+c > 0)))"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trigger.Holds(Facts{}); err == nil {
		t.Error("eight million steps were taken")
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
