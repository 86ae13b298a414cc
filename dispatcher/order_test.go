package dispatcher

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/turn"
	"bowecho/internal/event"

	"github.com/google/go-cmp/cmp"
)

func TestGridsAreOrderedWithTheirHistory(t *testing.T) {
	d := bare(t, DefaultConfig())
	hear(d, 0, "addison 10:08")
	mosaic := func(when string) *event.Grid {
		return &event.Grid{V: event.Version, ID: when, Product: "mosaic", Domain: dfw, Key: "key " + when, IssueTime: at(when)}
	}
	for _, when := range []string{"09:00", "10:08"} { // the first is of before the trigger opened, and yet history
		d.hearGrid(mosaic(when))
	}
	hear(d, 0, "addison 25:08")
	for _, when := range []string{"20:00", "22:10", "21:05", "22:10", "25:00"} {
		d.hearGrid(mosaic(when))
	}
	elsewhere := mosaic("25:00")
	elsewhere.Domain.Rows--
	d.hearGrid(elsewhere)
	var got []string
	for _, o := range posted[event.Order](d, "work.nowcast.") {
		text := o.ValidTime.Format("04:05") + ":"
		for _, in := range o.Inputs {
			text += " " + strings.TrimPrefix(in.Key, "key ")
		}
		got = append(got, text)
	}
	want := []string{
		"09:00: 09:00", "10:08: 09:00 10:08", "20:00: 09:00 10:08 20:00", "22:10: 20:00 22:10", "21:05: 10:08 20:00 21:05",
		"25:00: 20:00 21:05 22:10 25:00",
	}
	if !slices.Equal(got, want) {
		t.Errorf("nowcasts of mosaics\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestIDsDependOnAllThatAnOrderIsMadeOf(t *testing.T) {
	calculations(t, map[string]event.Calculation{"other": event.Calculations["mosaic"]})
	order := func(change func(*Config, *event.Scan)) string {
		cfg, m := DefaultConfig(), scanAt("addison", at("10:08"))
		cfg.Chains["mosaic"] = Chain{On: event.ScanNews, Worker: "mosaic", Every: time.Minute, Window: time.Minute, Parameters: map[string]any{"floor": 1}}
		change(&cfg, m)
		d := bare(t, cfg)
		d.hearScan(m, m.Time)
		return posted[event.Order](d, "work.")[0].ID
	}
	edit := func(f func(*Chain)) func(*Config, *event.Scan) {
		return func(c *Config, _ *event.Scan) {
			chain := c.Chains["mosaic"]
			f(&chain)
			c.Chains["mosaic"] = chain
		}
	}
	same := order(func(*Config, *event.Scan) {})
	if again := order(edit(func(c *Chain) { c.Deadline = time.Hour })); again != same {
		t.Error("a deadline changes the id of an order")
	}
	for name, change := range map[string]func(*Config, *event.Scan){
		"worker":     edit(func(c *Chain) { c.Worker = "other" }),
		"parameters": edit(func(c *Chain) { c.Parameters = map[string]any{"floor": 2} }),
		"input":      func(_ *Config, m *event.Scan) { m.Key = "other" },
		"time":       func(_ *Config, m *event.Scan) { m.Time = m.Time.Add(time.Second) },
	} {
		if order(change) == same {
			t.Errorf("another %s gives the same id", name)
		}
	}
}

// single is the default config with one chain on each scan by itself, which is always open.
func single(chain Chain) Config {
	cfg := DefaultConfig()
	chain.On, chain.Worker = event.ScanNews, "mosaic"
	cfg.Chains = Chains{"each": chain}
	cfg.Triggers = []trigger.Rule{{Name: "rain", When: `regime != "clear"`, Opens: []string{"each"}}}
	return cfg
}

func TestEachScanIsOrderedByItself(t *testing.T) {
	scans := []string{"addison 10:01", "cleburne 10:03", "addison 10:21", "addison 10:21", "cleburne 10:20", "addison 10:41"}
	for name, c := range map[string]struct {
		chain Chain
		want  []string
	}{
		"alone":       {Chain{}, []string{"10: addison 10:01", "10: cleburne 10:03", "10: addison 10:21", "10: cleburne 10:20", "10: addison 10:41"}},
		"with others": {Chain{Window: 20 * time.Second}, []string{"10: addison 10:01", "10: addison 10:01, cleburne 10:03", "10: addison 10:21, cleburne 10:03", "10: addison 10:01, cleburne 10:20", "10: addison 10:41"}},
		"each second": {Chain{EveryN: 2}, []string{"10: addison 10:01", "10: cleburne 10:03", "10: addison 10:41"}},
		"in its turn": {Chain{Concurrency: turn.Limit{Most: 1, Per: turn.PerRadar}}, []string{"10: addison 10:01", "10: cleburne 10:03"}},
	} {
		d := bare(t, single(c.chain))
		hear(d, 0, scans...)
		orders := posted[event.Order](d, "work.")
		if diff := cmp.Diff(c.want, told(orders)); diff != "" {
			t.Errorf("%s, -want +got:\n%s", name, diff)
		}
		for _, o := range orders {
			if o.Missing != nil && c.chain.Window == 0 {
				t.Errorf("%s: an order on one scan misses %v", name, o.Missing)
			}
		}
	}
}

// TestEachNthGrid holds that what is counted survives a restart, and begins anew when the chain opens again.
func TestEachNthGrid(t *testing.T) {
	s := newState()
	s.domain(dfw).OpenUntil["nowcast"] = at("10:00")
	var got string
	for minute := range 16 {
		now := at("10:00").Add(time.Duration(minute) * time.Minute)
		if minute != 8 { // a minute without weather
			s.domain(dfw).OpenUntil["nowcast"] = now
		}
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		s = newState()
		if err := json.Unmarshal(data, s); err != nil {
			t.Fatal(err)
		}
		if s.domain(dfw).calls("nowcast", "nowcast", 3, now) {
			got += "x"
		} else {
			got += "."
		}
	}
	if want := "x..x..x..x..x..x"; got != want {
		t.Errorf("orders %s, want %s", got, want)
	}
}
