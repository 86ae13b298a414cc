package dispatcher

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"
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
