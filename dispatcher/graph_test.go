package dispatcher

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/dispatcher/trigger"
	"bowecho/internal/config"
	"bowecho/internal/event"

	"github.com/google/go-cmp/cmp"
)

// calculations adds to those that are built in, until the test ends.
func calculations(t *testing.T, more map[string]event.Calculation) {
	t.Helper()
	before := maps.Clone(event.Calculations)
	maps.Copy(event.Calculations, more)
	t.Cleanup(func() { event.Calculations = before })
}

// relay is a calculation that makes one kind of another.
func relay(takes, makes string) event.Calculation {
	return event.Calculation{Takes: []string{takes}, Makes: func(string, json.RawMessage) []string { return []string{makes} }}
}

func TestChainsMustHangTogether(t *testing.T) {
	calculations(t, map[string]event.Calculation{
		"there": relay(event.AnyGrid, "grid.there"), "back": relay(event.AnyGrid, "grid.back"), "sink": {Takes: []string{event.AnyGrid}},
	})
	for name, c := range map[string]struct {
		chains Chains
		opens  []string
		want   []string
	}{
		"no such worker":       {Chains{"x": {On: "grid.mosaic", Worker: "contuor"}}, nil, []string{`chains.x.worker: there is no worker "contuor", want one of`, `did you mean "contour"?`}},
		"what it cannot take":  {Chains{"x": {On: "scan", Worker: "contour", Every: 1, Window: 1}}, nil, []string{"chains.x.on: worker contour does not take scan, want grid.*"}},
		"its own kind":         {Chains{"x": {On: "grid.nowcast", Worker: "nowcast"}}, nil, []string{"chains.x.on: worker nowcast does not take grid.nowcast, want grid.mosaic"}},
		"made by none":         {Chains{"x": {On: "grid.nowcst", Worker: "sink"}}, nil, []string{`chains.x.on: no chain makes grid.nowcst; did you mean "grid.nowcast"?`}},
		"a threshold not made": {Chains{"x": {On: "grid.probability_50", Worker: "sink"}}, nil, []string{`no chain makes grid.probability_50; did you mean "grid.probability_20"?`}},
		"told once":            {Chains{"x": {On: "grid.none", Worker: "there"}, "y": {On: "grid.there", Worker: "sink"}}, nil, []string{"chains.x.on: no chain makes grid.none"}},
		"a ring":               {Chains{"x": {On: "grid.back", Worker: "there"}, "y": {On: "grid.there", Worker: "back"}}, nil, []string{"chains.x.on: chains wait for each other in a ring: x on y on x", "chains.y.on: chains wait"}},
		"on itself":            {Chains{"x": {On: "grid.there", Worker: "there"}}, nil, []string{"chains.x.on: chains wait for each other in a ring: x on x"}},
		"two of a product":     {Chains{"x": {On: "grid.mosaic", Worker: "contour"}}, nil, []string{"chains.x: makes areas.reflectivity, which chain contour makes, too"}},
		"opened above nothing": {Chains{"x": {On: "grid.probability_45", Worker: "contour"}}, []string{"x"}, []string{"chains.x: trigger more opens it, but none opens chain probability, which makes the grid.probability_45"}},
		"opened with it":       {Chains{"x": {On: "grid.probability_45", Worker: "contour"}}, []string{"x", "probability"}, nil},
		"of the config's own":  {Chains{"x": {On: "grid.probability_50", Worker: "sink"}, "probability": {On: "grid.mosaic", Worker: "probability", Parameters: map[string]any{"probability": map[string]any{"thresholds_dbz": []int{50}}}}}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := DefaultConfig()
			maps.Copy(cfg.Chains, c.chains)
			if c.opens != nil {
				cfg.Triggers = append(cfg.Triggers, trigger.Rule{Name: "more", When: "true", Opens: c.opens})
			}
			err := cfg.Validate()
			text := ""
			if err != nil {
				text = err.Error()
			}
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q, want it to hold %q", text, want)
				}
			}
			if n := strings.Count(text, "dispatcher.chains."); n > len(c.want) || len(c.want) == 0 && err != nil {
				t.Errorf("%d mistakes, want no more than the one: %s", n, text)
			}
		})
	}
}

func TestStepsAreTold(t *testing.T) {
	var got []string
	for _, s := range DefaultConfig().Steps() {
		got = append(got, strings.Join([]string{s.From, s.Chain, strings.Join(s.Makes, "+"), strings.Join(s.Feeds, "+"), strings.Join(s.Triggers, "+")}, " "))
	}
	want := []string{
		" mosaic grid.mosaic nowcast+probability storm", "mosaic nowcast grid.nowcast contour+picture storm", "nowcast contour areas.reflectivity  storm",
		"nowcast picture pictures.reflectivity  storm", "mosaic probability grid.probability_20+grid.probability_35+grid.probability_45  ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhatFeedsTheUrgentIsUrgent(t *testing.T) {
	cfg := DefaultConfig()
	for name, chain := range cfg.Chains {
		chain.Priority = map[string]int{"contour": 70, "picture": 20}[name]
		cfg.Chains[name] = chain
	}
	want := map[string]int{"mosaic": 70, "nowcast": 70, "contour": 70, "picture": 20, "probability": 0}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got := cfg.priority(name, unraised); got != want[name] {
			t.Errorf("%s has priority %d, want %d", name, got, want[name])
		}
	}
}

// TestNamedChainsChangeOnlyWhatIsSaid holds how a config's chains lie over those that are there.
func TestNamedChainsChangeOnlyWhatIsSaid(t *testing.T) {
	cfg := DefaultConfig()
	text := `
chains:
  contour: {parameters: {levels: [40]}, concurrency: {most: 2}}
  picture: {off: true}
  nowcast:
  areas45: {on: grid.probability_45, worker: contour, deadline: 10s}
`
	if err := config.Parse([]byte(text), &cfg); err != nil {
		t.Fatal(err)
	}
	want := defaultChains()
	contour := want["contour"]
	contour.Parameters, contour.Concurrency.Most = map[string]any{"levels": []any{uint64(40)}}, 2
	want["contour"] = contour
	delete(want, "picture")
	want["areas45"] = Chain{On: "grid.probability_45", Worker: "contour", Deadline: 10 * time.Second, Retries: 4, Priority: 50}
	if diff := cmp.Diff(want, cfg.Chains); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, wrong := range []string{"chains:\n  contour: {evry: 1m}\n", "chains:\n  contour: {every_n: soon}\n"} {
		if err := config.Parse([]byte(wrong), &cfg); err == nil || !strings.HasPrefix(err.Error(), ":2:") {
			t.Errorf("%q: %v, want the place of the mistake", wrong, err)
		}
	}
}
