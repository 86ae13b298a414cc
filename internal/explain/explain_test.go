package explain

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"

	"github.com/nats-io/nats.go/jetstream"
)

var (
	dfw    = grid.Centred("dfw", 32.65, -97, 10, 10, 250)
	minute = time.Date(2017, 3, 29, 7, 31, 0, 0, time.UTC)
)

// past publishes what has happened, each step a second after the one before, up to now.
type past struct {
	t      *testing.T
	client *stream.Client
	now    time.Time
}

func begin(t *testing.T) *past {
	return &past{t, streamtest.Connect(t), time.Now().UTC().Add(-time.Minute)}
}

func (p *past) publish(m event.Message) {
	p.t.Helper()
	if _, err := p.client.Publish(p.t.Context(), m); err != nil {
		p.t.Fatal(err)
	}
}

// decide publishes a decision, and gives its id.
func (p *past) decide(kind, subject, value, reason string, inputs map[string]any) string {
	p.t.Helper()
	p.now = p.now.Add(time.Second)
	d := &event.Decision{
		V: event.Version, ID: event.ID(kind, subject, value, p.now.String()), Kind: kind, Subj: subject, Domain: "dfw", Value: value,
		Reason: reason, Inputs: inputs, DataTime: minute, Time: p.now,
	}
	p.publish(d)
	return d.ID
}

// order publishes that one was made, and gives its id.
func (p *past) order(chain string, from ...event.Input) string {
	id := event.ID("order", chain, p.now.String())
	p.decide(event.OrderMade, chain, id, "of 07:31:00", map[string]any{"from": from, "predictedSeconds": 1.5})
	return id
}

// grid publishes what an order made.
func (p *past) grid(order, product string) event.Input {
	g := &event.Grid{
		V: event.Version, ID: event.ID("grid", order, product), Product: product, Domain: dfw, IssueTime: minute, Key: "key of " + order,
		Radars: []string{"addison"}, Trail: event.Trail{File: p.now, Scan: p.now, Grid: p.now},
	}
	p.publish(g)
	return event.Input{Kind: product, Key: g.Key, Time: minute}
}

func (p *past) work(order, chain string, made ...any) {
	p.decide(event.WorkDone, chain, "done", "of 07:31:00", map[string]any{"order": order, "seconds": 2.25, "attempt": 2, "worker": "north-7", "made": made})
}

func (p *past) explain(kind, which string) *Explanation {
	p.t.Helper()
	x, err := New(p.client).Explain(p.t.Context(), kind, which)
	if err != nil {
		p.t.Fatal(err)
	}
	return x
}

func holds(t *testing.T, text string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// TestAnOrderFromItsFilesToItsResults follows a picture back over a nowcast and a mosaic to two files.
func TestAnOrderFromItsFilesToItsResults(t *testing.T) {
	p := begin(t)
	var scans []event.Input
	for _, radar := range []string{"addison", "cleburne"} {
		p.publish(&event.Scan{
			V: event.Version, ID: radar, Radar: radar, Key: "scan of " + radar, Time: minute, File: "/data/" + radar + ".netcdf.gz",
			Summary: event.Summary{MaxDBZ: 51}, Trail: event.Trail{File: p.now, Scan: p.now},
		})
		scans = append(scans, event.Input{Kind: event.ScanInput, Key: "scan of " + radar, Radar: radar, Time: minute})
	}
	p.decide(event.TriggerChange, "storm", "open", "summary.km2_40 > 5.0", map[string]any{"opens": []string{"mosaic", "nowcast", "picture"}})
	p.decide(event.TriggerChange, "hail", "open", "true", map[string]any{"opens": []string{"hail"}})
	mosaic := p.order("mosaic", scans...)
	made := p.grid(mosaic, "mosaic")
	p.work(mosaic, "mosaic", "grid.mosaic.dfw")
	nowcast := p.order("nowcast", made)
	made = p.grid(nowcast, "nowcast")
	p.work(nowcast, "nowcast", "grid.nowcast.dfw")
	picture := p.order("picture", made)

	x := p.explain("order", nowcast[:7])
	if x.State != Done || x.Decision.Value != nowcast {
		t.Errorf("state %q of %s, want %s to be done", x.State, x.Decision.Value, nowcast)
	}
	text := x.Text()
	holds(t, text, "nowcast was ordered in dfw", "predictedSeconds  1.5", "addison.netcdf.gz", "cleburne.netcdf.gz", "51 dBZ", "mosaic of 07:31:00Z, of addison",
		"Trigger storm opened in dfw, for summary.km2_40 > 5.0", "in 2.25 s; 1.5 s were predicted", "by north-7", "at attempt 2", "grid.nowcast.dfw", "picture was ordered")
	if strings.Contains(text, "hail") {
		t.Errorf("a trigger of another chain is told of in\n%s", text)
	}
	if steps := p.explain("order", picture).Before; len(steps) != 7 || !strings.Contains(steps[0].Text, ".netcdf.gz") {
		t.Errorf("a picture came from %+v, want two files, a trigger, two orders and two grids", steps)
	}
	if x := p.explain("order", "picture"); x.Decision.Value != picture || x.State != Gone {
		t.Errorf("by its chain order %s is found, %s; want %s, of which nothing is known", x.Decision.Value, x.State, picture)
	}
}

func TestTheStatesOfAnOrder(t *testing.T) {
	p := begin(t)
	want := map[string]string{}
	dropped, dead := p.order("mosaic"), p.order("nowcast")
	p.decide(event.OrderDropped, "mosaic", dropped, "9s past its deadline", nil)
	want[dropped], want[dead] = Dropped, Dead
	whole := func(id, chain string) *event.Order {
		return &event.Order{V: event.Version, ID: id, Chain: chain, Worker: chain, Domain: dfw, ValidTime: minute}
	}
	message, err := json.Marshal(whole(dead, "nowcast"))
	if err != nil {
		t.Fatal(err)
	}
	p.publish(&event.Dead{V: event.Version, ID: "letter", Stage: "work", Reason: "it broke", Message: message, Time: p.now})
	first, second := p.order("contour"), p.order("contour")
	p.publish(whole(first, "contour"))
	p.publish(whole(second, "contour"))
	consumer, err := p.client.JS.CreateOrUpdateConsumer(t.Context(), stream.Work, jetstream.ConsumerConfig{
		Durable: stream.WorkConsumer("contour"), FilterSubject: "work.contour.>", AckPolicy: jetstream.AckExplicitPolicy,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := consumer.Next(); err != nil {
		t.Fatal(err)
	}
	want[first], want[second] = Running, Waiting
	for id, state := range want {
		if x := p.explain("order", id); x.State != state {
			t.Errorf("order %s of %s is %q, want %q", id, x.Decision.Subj, x.State, state)
		}
	}
	holds(t, p.explain("order", dead).Text(), "it broke", "bowecho dead show letter")
}

func TestAScaling(t *testing.T) {
	p := begin(t)
	p.decide(event.TriggerChange, "storm", "open", "true", map[string]any{"opens": []string{"mosaic"}})
	p.decide(event.Scaling, "mosaic", "1", "one stays ready", nil)
	p.decide(event.FleetStatus, "mosaic", "1", "counted", map[string]any{"workers": 1, "target": 1, "waiting": 12, "running": 1})
	id := p.decide(event.Scaling, "mosaic", "3", "39 s of work in 20s", map[string]any{"waiting": 12, "secondsEach": 3.25, "terms": map[string]any{"work": 39}})
	p.decide(event.FleetStatus, "mosaic", "2", "counted", map[string]any{"workers": 2, "target": 3, "waiting": 9, "running": 2})
	p.decide(event.FleetStatus, "mosaic", "3", "counted", map[string]any{"workers": 3, "target": 3, "waiting": 5, "running": 3})
	p.decide(event.Scaling, "mosaic", "0", "nothing to do", nil)
	x := p.explain("scaling", id[:9])
	holds(t, x.Text(), "Chain mosaic shall have 3 workers", "why     39 s of work", "secondsEach  3.25", "terms.work   39", "Trigger storm opened",
		"1 of 1 alive, 12 orders waiting", "shall have 1 worker,", "3 of 3 alive, 5 orders waiting, 3 running, 2s after the decision", "shall have 0 workers")
	if x := p.explain("scaling", "mosaic"); x.Decision.Value != "0" {
		t.Errorf("the last scaling of mosaic is to %s, want 0", x.Decision.Value)
	}
}

func TestATrigger(t *testing.T) {
	p := begin(t)
	p.decide(event.RegimeChange, "dfw", "convective", "12 km² at or above 40 dBZ", nil)
	id := p.decide(event.TriggerChange, "storm", "open", `regime == "convective"`, map[string]any{"regime": "convective", "opens": []string{"mosaic"}})
	p.order("mosaic")
	p.order("mosaic")
	p.decide(event.Scaling, "mosaic", "1", "one stays ready", nil)
	p.decide(event.TriggerChange, "storm", "closed", `regime == "convective"`, nil)
	text := p.explain("trigger", id).Text()
	holds(t, text, "Trigger storm opened in dfw", `why     regime == "convective"`, "regime  convective", "The weather of dfw became convective", "mosaic was ordered", "shall have 1 worker", "Trigger storm closed")
	if n := strings.Count(text, "mosaic was ordered"); n != 1 {
		t.Errorf("%d orders are told of, want the first", n)
	}
}

func TestAWarning(t *testing.T) {
	p := begin(t)
	said := func(id string) map[string]any {
		return map[string]any{"feed": "nws", "id": id, "headline": "a tornado near " + id}
	}
	p.decide(event.WarningChange, "Tornado Warning", "begun", "it says more", said("Rio Vista"))
	p.decide(event.RegimeChange, "dfw", "convective", "a Tornado Warning is in force", nil)
	p.decide(event.TriggerChange, "storm", "open", `size(warnings) > 0`, nil)
	p.decide(event.WarningChange, "Tornado Warning", "begun", "it says more", said("Cleburne"))
	id := p.decide(event.WarningChange, "Tornado Warning", "changed", "it says more", said("Rio Vista"))
	p.decide(event.WarningChange, "Tornado Warning", "ended", "the storm has weakened", said("Rio Vista"))
	text := p.explain("warning", id).Text()
	holds(t, text, "A Tornado Warning of feed nws has changed in dfw", "a tornado near Rio Vista", "has begun", "has ended")
	if strings.Contains(text, "Cleburne") || strings.Count(text, "has begun") != 1 {
		t.Errorf("another warning is told of in\n%s", text)
	}
	first := p.explain("warning", event.ID(event.WarningChange, "Tornado Warning", "begun", p.now.Add(-5*time.Second).String()))
	holds(t, first.Text(), "The weather of dfw became convective", "Trigger storm opened in dfw", "has changed")
}

func TestOfTheBudgetAndOthers(t *testing.T) {
	p := begin(t)
	p.decide(event.Budget, "all", "80%", "8 of 10 are spent", nil)
	p.now = p.now.Add(-time.Second) // at the same time
	p.decide(event.Budget, "all", "100%", "10 of 10 are spent", map[string]any{"rows": []any{map[string]any{"chain": "mosaic", "spent": 10}}})
	p.decide(event.OrderRefused, "picture", "refused", "10 of 10 are spent", nil)
	holds(t, p.explain("budget", "latest").Text(), "The budget is spent to 100%", "rows[0].spent  10", "The budget is spent to 80%", "picture was not ordered")
	p.decide(event.FreshnessChange, "addison", "late", "last heard 3 min ago", nil)
	holds(t, p.explain("freshness", "").Text(), "Radar addison became late")
}

func TestWhatIsNotThere(t *testing.T) {
	p := begin(t)
	p.decide(event.Scaling, "mosaic", "1", "one stays ready", nil)
	for name, c := range map[string]struct{ kind, which, want string }{
		"no such kind":     {"scalings", "", "want one of budget"},
		"no such id":       {"scaling", "feedbeef", "bowecho explain --kind scale"},
		"no such subject":  {"scaling", "hail", "bowecho explain --kind scale"},
		"none of the kind": {"budget", "", "none of that kind"},
	} {
		_, err := New(p.client).Explain(t.Context(), c.kind, c.which)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want it to hold %q", name, err, c.want)
		}
		if c.kind != "scalings" && !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v, want it to be ErrNotFound", name, err)
		}
	}
}

func TestList(t *testing.T) {
	p := begin(t)
	p.decide(event.RegimeChange, "dfw", "clear", "no echo", nil)
	p.decide(event.Scaling, "mosaic", "1", "one stays ready", nil)
	p.order("mosaic")
	for _, c := range []struct {
		kind  string
		since time.Time
		limit int
		want  []string
	}{
		{"", time.Time{}, 10, []string{"scale", "regime"}},
		{"", time.Time{}, 1, []string{"scale"}},
		{"scaling", time.Time{}, 10, []string{"scale"}},
		{"order", time.Time{}, 10, []string{"order"}},
		{"", time.Now().Add(time.Hour), 10, nil},
	} {
		list, err := New(p.client).List(t.Context(), c.kind, c.since, c.limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range list {
			got = append(got, d.Kind)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("of kind %q since %v: %v, want %v", c.kind, c.since, got, c.want)
		}
	}
}
