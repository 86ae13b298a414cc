package trigger

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
	"bowecho/internal/mistake"

	"github.com/google/go-cmp/cmp"
)

func vocabulary(t *testing.T) *Vocabulary {
	t.Helper()
	v, err := NewVocabulary(Known{Chains: []string{"mosaic", "nowcast"}, Products: []string{"mosaic", "nowcast"}, Feeds: []string{"nws"}})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func rule(when string) Rule { return Rule{Name: "storm", When: when, Opens: []string{"nowcast"}} }

var noon = time.Date(2017, 3, 29, 7, 10, 8, 0, time.UTC)

func facts() Facts {
	return Facts{
		Domain: "dfw", Time: noon, Regime: weather.Convective,
		Warnings: []event.Warning{{Event: "Tornado Warning", Severity: "Extreme", Urgency: "Immediate", Certainty: "Observed", Place: "Tarrant", Feed: "nws"}},
		Feeds:    map[string]time.Duration{"nws": 45 * time.Second},
		Seen: weather.Seen{OK: 3, Silent: 1, Convective: 2, Summary: event.Summary{MaxDBZ: 52, EchoFraction: 0.05, Cells: 6,
			Above: []event.Above{{DBZ: 20, KM2: 900}, {DBZ: 45, KM2: 12}}}},
		Queue: map[string]int{"nowcast": 4}, QueueAge: map[string]time.Duration{"nowcast": 1500 * time.Millisecond},
		Products: map[string]Product{
			"mosaic": {Summary: event.Summary{Gates: 9, MaxDBZ: 49}, Time: noon.Add(-90 * time.Second)},
			"nowcast": {Summary: event.Summary{Gates: 9, MaxDBZ: 49}, Time: noon.Add(-30 * time.Second), LeadMinutes: []float64{0, 1, 2, 15},
				Largest: []float64{49, 50, 50, 54},
				Leads:   []event.Summary{{}, {}, {}, {Above: []event.Above{{DBZ: 45, KM2: 31}}}}},
		},
	}
}

func TestRules(t *testing.T) {
	for when, want := range map[string]bool{
		`regime in ["stratiform", "convective"]`:               true,
		`regime == "clear"`:                                    false,
		`summary.km2_45 > 10 && radars.ok >= 2`:                true,
		`summary.km2_55 > 0.0`:                                 false,
		`summary.max_dbz > 55 || (hour >= 18 && hour < 23)`:    false,
		`summary.echo_fraction > 0.01`:                         true,
		`domain.startsWith("d")`:                               true,
		`queue.nowcast < 10 && queue.mosaic == 0`:              true,
		`queue_age_s.nowcast == 1.5 && queue_age_s.mosaic < 1`: true,
		`warnings.exists(w, w.event == "Tornado Warning" && w.severity == "Extreme" && w.area == "Tarrant" && w.feed == "nws")`: true,
		`warnings.exists(w, w.certainty == "Likely")`:                                false,
		`feed_age_s.nws == 45.0`:                                                     true,
		`summary.cells == 6 && products.mosaic.cells == 0 && radars.convective == 2`: true,
		`radars.silent > radars.late`:                                                true,
		`products.mosaic.max_dbz >= 49 && products.mosaic.km2_20 < 1`:                true,
		`products.mosaic.age_s == 90.0`:                                              true,
		`products.nowcast.lead(15).km2_45 > 30`:                                      true,
		`products.nowcast.lead(14).km2_45 > 30`:                                      true, // the nearest that there is
		`products.nowcast.lead(0).km2_45 > 30`:                                       false,
		`products.nowcast.lead(15).largest > 50 && products.nowcast.largest < 50`:    true,
		`time > timestamp("2017-03-29T07:00:00Z")`:                                   true,
		`weekday == "wednesday" && minute == 10`:                                     true,
		"regime == \"convective\" &&\n  summary.km2_20 > 500\n":                      true,
	} {
		trigger, err := vocabulary(t).Compile(rule(when))
		if err != nil {
			t.Errorf("%s: %v", when, err)
			continue
		}
		if a := trigger.Ask(facts(), false); a.Holds != want || !a.Known {
			t.Errorf("%s: %+v; want %v", when, a, want)
		}
	}
}

// TestMistakes holds that each mistake is named with its key, its place in the key's value, and what was likely meant.
func TestMistakes(t *testing.T) {
	floor := -1
	for name, c := range map[string]struct {
		rule Rule
		want string
	}{
		"unknown name":     {rule("regim == 'clear'"), `when: line 1, column 1: trigger storm: when: undeclared reference to 'regim'; did you mean "regime"?`},
		"unknown number":   {rule("hour > 1 &&\n  summary.km2_46 > 1"), `when: line 2, column 11: trigger storm: when: undefined field 'km2_46'; did you mean "summary.km2_4`},
		"unknown chain":    {rule("queue.mosaik > 1"), `when: line 1, column 7: trigger storm: when: undeclared reference to 'queue.mosaik'; did you mean "queue.mosaic"?`},
		"far chain":        {rule("queue.hail > 1"), `undeclared reference to 'queue'; queue has mosaic, nowcast`},
		"unknown product":  {rule("products.nowcst.km2_20 > 1"), `did you mean "products.nowcast"?`},
		"unknown of it":    {rule("products.nowcast.agee > 1"), `did you mean "products.nowcast.age_s"?`},
		"unknown of lead":  {rule("products.nowcast.lead(15).km2_33 > 1"), `did you mean "km2_35"?`},
		"unknown function": {rule("domain.startWith('d')"), `'startWith'; did you mean "startsWith"?`},
		"two numbers":      {rule("summary.max_dbz == 40"), "'(double, int)'; write the number with a point, like 40.0"},
		"never that":       {rule("hour > 2 && regime in ['clear', 'convectiv']"), `when: line 1, column 33: trigger storm: when: regime is never "convectiv", want one of unknown, clear, stratiform, convective; did you mean "convective"?`},
		"no such day":      {rule("'Monday' == weekday"), `column 1: trigger storm: when: weekday is never "Monday"`},
		"wrong type":       {rule("summary.max_dbz > 'much'"), "column 17: trigger storm: when: found no matching overload"},
		"not a yes":        {rule("summary.max_dbz + 1.0"), "true or false"},
		"syntax":           {rule("regime ==\n"), "Syntax error"},
		"nothing":          {rule(""), "when: line 1, column 1: trigger storm: when:"},
		"clear":            {Rule{Name: "storm", When: "true", ClearWhen: "1", Opens: []string{"nowcast"}}, "clear_when: trigger storm: clear_when: the expression gives a int"},
		"opens none":       {Rule{Name: "storm", When: "true"}, "opens: trigger storm: opens is empty"},
		"opens what":       {Rule{Name: "storm", When: "true", Opens: []string{"mosaic", "nowcats"}}, `opens[1]: trigger storm: opens "nowcats", which is no chain; did you mean "nowcast"?`},
		"no name":          {Rule{When: "true"}, "no name"},
		"keeps negative":   {Rule{Name: "storm", When: "true", Opens: []string{"mosaic"}, KeepFor: -1}, "keep_for: trigger storm: keep_for"},
		"waits negative":   {Rule{Name: "storm", When: "true", Opens: []string{"mosaic"}, For: -1}, "for: trigger storm: for"},
		"without data":     {Rule{Name: "storm", When: "true", Opens: []string{"mosaic"}, OnNoData: "holds"}, `on_no_data: trigger storm: on_no_data is "holds", want hold or unknown; did you mean "hold"?`},
		"floor":            {Rule{Name: "storm", When: "true", Opens: []string{"mosaic"}, Floor: &floor}, "floor: trigger storm: floor is -1"},
		"priority":         {Rule{Name: "storm", When: "true", Opens: []string{"mosaic"}, Priority: 101}, "priority: trigger storm: priority is 101, want 0 to 100"},
	} {
		if _, err := vocabulary(t).Compile(c.rule); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to hold %q", name, err, c.want)
		}
	}
	_, err := vocabulary(t).Compile(Rule{Name: "storm", When: "regim == 'clear' || summary.maks > 1", ClearWhen: "hours > 1", Opens: []string{"hail"}})
	if all := mistake.All(err); len(all) != 4 {
		t.Errorf("four mistakes in one rule: got %d: %v", len(all), err)
	}
}

func TestCostIsLimited(t *testing.T) {
	list := "[" + strings.Repeat("1,", 200) + "1]"
	trigger, err := vocabulary(t).Compile(rule(list + ".all(a, " + list + ".all(b, " + list + ".all(c, a+b+c > 0)))"))
	if err != nil {
		t.Fatal(err)
	}
	if a := trigger.Ask(Facts{}, false); a.Known || !strings.Contains(a.Why, "cost") {
		t.Errorf("eight million steps: got %+v, want the cost limit", a)
	}
}

// TestNoData holds what a rule needs: only what it names.
func TestNoData(t *testing.T) {
	lost := facts()
	lost.Products["nowcast"] = Product{Time: noon.Add(-20 * time.Minute), Lost: true}
	silent := Facts{Regime: weather.Unknown, Time: noon, Seen: weather.Seen{Silent: 3}}
	for _, c := range []struct {
		when  string
		facts Facts
		why   string // nothing is known; empty: it is
	}{
		{`regime == "convective"`, silent, "no radar"},
		{`summary.km2_20 > 10`, silent, "no radar"},
		{`regime == "unknown"`, silent, ""}, // asks just that
		{`regime == "unknown" && summary.max_dbz > 10`, silent, "no radar"},
		{`hour >= 6 && radars.silent > 0`, silent, ""},
		{`feed_age_s.nws > 60`, silent, "feed nws has never been heard"},
		{`size(warnings) == 0`, silent, ""},
		{`products.nowcast.km2_20 > 1`, lost, "no nowcast has been made since 06:50:08"},
		{`products.mosaic.km2_20 > 1`, lost, ""},
		{`products.nowcast.lead(15).km2_20 >= 0`, silent, ""}, // not made, since nothing calls for it
		{`products.nowcast.lead(25).km2_20 >= 0`, facts(), "lead(25)"},
	} {
		trigger, err := vocabulary(t).Compile(rule(c.when))
		if err != nil {
			t.Errorf("%s: %v", c.when, err)
			continue
		}
		if a := trigger.Ask(c.facts, false); a.Known != (c.why == "") || !strings.Contains(a.Why, c.why) {
			t.Errorf("%s: %+v, want %q", c.when, a, c.why)
		}
	}
}

func TestValuesTellWhy(t *testing.T) {
	r := rule(`regime == "clear" && products.nowcast.lead(15).km2_45 > 30 || summary.km2_20 > 5`)
	r.ClearWhen = `queue.nowcast == 0 && [1, 2].all(x, x > hour)`
	trigger, err := vocabulary(t).Compile(r)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"regime": "convective", "products.nowcast.lead(15).km2_45": 31.0, "summary.km2_20": 900.0, "queue.nowcast": int64(4), "hour": int64(7)}
	if diff := cmp.Diff(want, trigger.Values(facts())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestStates plays a rule minute by minute. A letter is what is known: h holds, c clear, - neither, ? no data.
func TestStates(t *testing.T) {
	for name, c := range map[string]struct {
		rule      Rule
		says, got string // o open, . closed, u unknown and closed, U unknown and open
	}{
		"at once, and kept for 3 min":      {Rule{KeepFor: 3 * time.Minute}, "--h----h-h------", "..ooo..ooooo...."},
		"not kept":                         {Rule{}, "-hh-h", ".oo.o"},
		"must hold for 2 min":              {Rule{For: 2 * time.Minute}, "-hh-hhhh-", "......oo."},
		"closes when it is clear":          {Rule{ClearWhen: "x"}, "--h---c-c", "..oooo..."},
		"is clear for 2 min":               {Rule{ClearWhen: "x", KeepFor: 2 * time.Minute}, "h-c-c-cccc", "ooooooo..."},
		"unknown opens nothing":            {Rule{}, "-??h-", ".uuo."},
		"unknown keeps for 2 min":          {Rule{KeepFor: 2 * time.Minute}, "hh???-h?h", "ooUuu.oUo"},
		"hold keeps it open":               {Rule{OnNoData: Hold, KeepFor: 2 * time.Minute}, "h-????---", "ooooooo.."},
		"hold keeps it closed":             {Rule{OnNoData: Hold}, "-???h", "....o"},
		"for begins anew without data":     {Rule{For: time.Minute}, "h?hh", ".u.o"},
		"for begins anew on hold":          {Rule{For: time.Minute, OnNoData: Hold}, "h?hh", "...o"},
		"both at once do not close it":     {Rule{ClearWhen: "x"}, "hbbbc", "oooo."},
		"unknown while it waits for clear": {Rule{ClearWhen: "x", KeepFor: time.Minute}, "h-?--c", "oou..."},
	} {
		var s State
		got := ""
		for minute, letter := range c.says {
			before := s
			a := Answer{Known: letter != '?', Holds: letter == 'h' || letter == 'b'}
			a.Clears = letter == 'c' || letter == 'b' || c.rule.ClearWhen == "" && !a.Holds
			changed := s.Step(c.rule, a, noon.Add(time.Duration(minute)*time.Minute))
			if changed != (s.Value() != before.Value() || s.Open != before.Open) {
				t.Errorf("%s, minute %d: changed is %v from %+v to %+v", name, minute, changed, before, s)
			}
			got += map[bool]string{true: "o", false: "."}[s.Open]
			if s.Unknown {
				got = got[:len(got)-1] + map[bool]string{true: "U", false: "u"}[s.Open]
			}
		}
		if got != c.got {
			t.Errorf("%s: %s gives %s, want %s", name, c.says, got, c.got)
		}
	}
}

// TestStoredStatesAreContinued reads what an earlier release stored.
func TestStoredStatesAreContinued(t *testing.T) {
	var s State
	old := fmt.Sprintf(`{"open": true, "held": %q}`, noon.Format(time.RFC3339))
	if err := json.Unmarshal([]byte(old), &s); err != nil {
		t.Fatal(err)
	}
	r := Rule{KeepFor: 5 * time.Minute}
	if s.Step(r, Answer{Known: true, Clears: true}, noon.Add(4*time.Minute)); !s.Open {
		t.Error("closed after 4 minutes, want it kept for 5")
	}
	if s.Step(r, Answer{Known: true, Clears: true}, noon.Add(5*time.Minute)); s.Open {
		t.Error("open after 5 minutes")
	}
}
