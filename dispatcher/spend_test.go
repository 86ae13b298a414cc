package dispatcher

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/dispatcher/fleet"
	"bowecho/dispatcher/fleet/fleettest"
	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// thrifty is a config with a budget of 10 a day, of which pictures may take 2.
func thrifty() Config {
	cfg := DefaultConfig()
	cfg.Budget.Limit, cfg.Budget.Chains = 10, map[string]float64{"picture": 2}
	return cfg
}

// opened gives a dispatcher with its bucket, in whose domain a storm has opened all chains.
func opened(t *testing.T, cfg Config, client *stream.Client, now time.Time) *Dispatcher {
	t.Helper()
	d := bare(t, cfg)
	d.client, d.spender.client = client, client
	d.spender.now = func() time.Time { return now }
	if err := d.restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.state = newState() // of the budget alone there is to be news
	hear(d, 1, "addison 10:00")
	d.state.Outbox = nil
	return d
}

// hoursOf lets one worker of each of some chains have worked for so many hours at 1 an hour.
func hoursOf(hours float64, chains ...string) (list []fleet.Stint) {
	for _, chain := range chains {
		started := seven
		list = append(list, fleet.Stint{
			Worker: chain, Chain: chain, Cloud: "east", PricePerHour: 1, Started: started, Ended: started.Add(time.Duration(hours * float64(time.Hour))),
		})
	}
	return list
}

func gridOf(product, key string) *event.Grid {
	return &event.Grid{V: event.Version, ID: key, Product: product, Domain: dfw, Key: key, IssueTime: at("10:00")}
}

func chainsOf(d *Dispatcher, subject string) (names []string) {
	for _, l := range d.state.Outbox {
		if rest, found := strings.CutPrefix(l.Subject, subject); found {
			name, _, _ := strings.Cut(rest, ".")
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func budgetEvents(t *testing.T, client *stream.Client) (list []string) {
	t.Helper()
	err := client.Each(t.Context(), stream.Events, "event.budget.>", time.Time{}, func(m stream.Message) error {
		d, err := event.Decode[event.Decision](m.Data)
		if err == nil {
			list = append(list, d.Subj+" "+d.Value)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestWhenTheBudgetIsSpent goes through a day: what is refused, what is said, what a restart knows, and what lifts it.
func TestWhenTheBudgetIsSpent(t *testing.T) {
	client := streamtest.Connect(t)
	now := seven.Add(10 * time.Hour)
	var d *Dispatcher
	for _, step := range []struct {
		name             string
		limit            float64
		after            time.Duration
		stints           []fleet.Stint
		restart          bool
		ordered, refused []string
		open             bool // whether a worker of the chain picture stays ready
		said             []string
	}{
		{"all are ordered", 10, 0, hoursOf(1, "nowcast"), false, []string{"contour", "picture"}, nil, true, nil},
		{"half is spent", 10, 0, hoursOf(5, "nowcast"), false, []string{"contour", "picture"}, nil, true, []string{"all 50%"}},
		{"a chain's own limit is", 10, 0, hoursOf(2, "picture"), false, []string{"contour"}, []string{"picture"}, false, []string{"picture 50%", "picture 80%", "picture 100%"}},
		{"all is", 10, 0, hoursOf(5, "mosaic"), false, []string{"contour"}, []string{"picture"}, false, []string{"all 80%", "all 100%"}},
		{"after a restart", 10, 0, hoursOf(5, "mosaic"), true, []string{"contour"}, []string{"picture"}, false, nil},
		{"the limit is raised", 40, 0, nil, false, []string{"contour"}, []string{"picture"}, false, []string{"all lifted"}},
		{"a new day", 10, 24 * time.Hour, nil, false, []string{"contour", "picture"}, nil, true, []string{"picture lifted"}},
	} {
		if d == nil || step.restart {
			d = opened(t, thrifty(), client, now)
		}
		before := len(budgetEvents(t, client))
		d.cfg.Budget.Limit = step.limit
		if step.restart {
			// what was refused before is from the first order on
		} else if err := d.spender.look(t.Context(), step.stints, true, false, now.Add(step.after)); err != nil {
			t.Fatal(err)
		}
		d.state.Domains["dfw"].Grids = map[string][]event.Input{}
		d.state.Outbox = nil
		d.hearGrid(gridOf("nowcast", step.name))
		if got := chainsOf(d, "work."); !slices.Equal(got, step.ordered) {
			t.Errorf("%s: ordered %v, want %v", step.name, got, step.ordered)
		}
		if got := chainsOf(d, "event.refused."); !slices.Equal(got, step.refused) {
			t.Errorf("%s: refused %v, want %v", step.name, got, step.refused)
		}
		if load := d.load("picture", d.cfg.scaling("picture"), &stream.Queue{}, 0, 0); load.Open != step.open {
			t.Errorf("%s: picture is open: %v, want %v", step.name, load.Open, step.open)
		}
		if got := budgetEvents(t, client)[before:]; !slices.Equal(got, step.said) {
			t.Errorf("%s: said %v, want %v", step.name, got, step.said)
		}
	}
}

func TestWhatIsSpentIsShown(t *testing.T) {
	client := streamtest.Connect(t)
	d := opened(t, thrifty(), client, seven)
	if err := d.spender.look(t.Context(), hoursOf(11, "nowcast"), true, false, seven.Add(12*time.Hour)); err != nil {
		t.Fatal(err)
	}
	entry, err := d.store.Get(t.Context(), event.SpendingKey)
	if err != nil {
		t.Fatal(err)
	}
	var shown event.Spending
	if err := json.Unmarshal(entry.Value(), &shown); err != nil {
		t.Fatal(err)
	}
	if shown.Spent != 11 || shown.Remaining != -1 || shown.Rows[0].Cloud != "east" || !slices.Equal(shown.Refused, []string{"picture", "probability"}) {
		t.Errorf("shown %+v, want 11 of 10 spent in east, and two chains refused", shown)
	}
}

// TestKilledAndStartedAgain runs two dispatchers, one after the other, on one fleet whose workers go on.
func TestKilledAndStartedAgain(t *testing.T) {
	client := streamtest.Connect(t)
	started := seven
	stint := []fleet.Stint{{Worker: "a", Chain: "nowcast", Cloud: "east", PricePerHour: 3600, Started: started}}
	for _, second := range []int{1, 4, 7, 8, 20} {
		d, err := New(thrifty(), []grid.Domain{dfw}, client, &fleettest.Memory{}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		now := started.Add(time.Duration(second) * time.Second)
		d.spender.now = func() time.Time { return now }
		if err := d.restore(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := d.spender.look(t.Context(), stint, true, true, now); err != nil {
			t.Fatal(err)
		}
		if got := d.spender.spending.Spent; got < float64(second)-1e-6 || got > float64(second)+1e-6 {
			t.Errorf("after %d s and as many starts %g are spent, want %d", second, got, second)
		}
	}
}
