package dispatcher

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"bowecho/dispatcher/fleet/fleettest"
	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

func TestFromZeroToManyAndBack(t *testing.T) {
	client := streamtest.Connect(t)
	cfg := DefaultConfig()
	cfg.Scaling.Cooldown, cfg.Scaling.Finish = 0, 20*time.Second
	nowcast := cfg.Chains["nowcast"]
	nowcast.WorkersMax = 5
	cfg.Chains["nowcast"] = nowcast
	cfg.Triggers[0].KeepFor = time.Minute
	cfg.Weather.KeepFor = time.Minute
	var f fleettest.Memory
	d, stop := run(t, cfg, client, &f)
	publish(t, client, storm(10)...)
	await(t, "nine mosaics are ordered", func() bool {
		return len(waiting(t, client, "mosaic")) >= 9
	})
	fleettest.Await(t, &f, map[string]int{"mosaic": 2, "nowcast": 1, "contour": 1, "picture": 1})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 4)
	for chain := range cfg.Chains {
		go func() { ended <- serve(ctx, client, chain) }()
	}
	sourceDone(t, client)
	served := func() bool {
		left, _, err := client.Backlog(t.Context())
		return err == nil && len(left) == 0 && !d.Waiting()
	}
	await(t, "all orders are served", served)
	for i := range 15 { // and then the sky clears, and Cleburne falls silent
		m := scanAt("addison", at("20:08").Add(time.Duration(i)*time.Minute))
		m.Summary = event.Summary{Gates: 691200}
		publish(t, client, m)
	}
	await(t, "the clear scans are heard", func() bool { return heardAll(t, client) })
	sourceDone(t, client)
	await(t, "the last orders are served", served)
	fleettest.Await(t, &f, map[string]int{})
	stop()
	cancel()
	for range cfg.Chains {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	checkDecisions(t, client)
}

func serve(ctx context.Context, client *stream.Client, chain string) error {
	who := stream.Consumer{Stream: stream.Work, Durable: stream.WorkConsumer(chain), Filter: "work." + chain + ".>", Stage: "work"}
	return client.Consume(ctx, slog.New(slog.DiscardHandler), who, func(ctx context.Context, m stream.Message) error {
		o, err := event.Decode[event.Order](m.Data)
		if err != nil {
			return err
		}
		if chain == "mosaic" || chain == "nowcast" {
			g := &event.Grid{V: event.Version, ID: "of " + o.ID, Product: chain, Domain: o.Domain, Key: o.ID, IssueTime: o.ValidTime}
			if _, err := client.Publish(ctx, g); err != nil {
				return err
			}
		}
		_, err = client.Publish(ctx, &event.Decision{
			V: event.Version, ID: "done " + o.ID, Kind: event.WorkDone, Subj: chain, Inputs: map[string]any{"seconds": 8.0}, Time: time.Now(),
		})
		return err
	})
}

func checkDecisions(t *testing.T, client *stream.Client) {
	t.Helper()
	ordered, last, most := map[string]int{}, map[string]string{}, map[string]string{}
	var states []string
	err := client.Each(t.Context(), stream.Events, "", time.Time{}, func(m stream.Message) error {
		c, err := event.Decode[event.Decision](m.Data)
		if err != nil {
			return err
		}
		switch c.Kind {
		case event.OrderMade:
			ordered[c.Subj]++
		case event.Scaling:
			last[c.Subj], most[c.Subj] = c.Value, max(most[c.Subj], c.Value)
			if _, told := c.Inputs["waiting"].(float64); !told || c.Reason == "" || c.Was == c.Value {
				t.Errorf("scaling without a reason: %+v", c)
			}
		case event.RegimeChange, event.TriggerChange:
			if c.Domain != "" { // not as one radar sees it
				states = append(states, c.Subj+" "+c.Value)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, chain := range []string{"mosaic", "nowcast", "contour", "picture"} {
		if ordered[chain] != ordered["mosaic"] || ordered[chain] < 10 || last[chain] != "0" || most[chain] < "1" || most[chain] > "5" {
			t.Errorf("chain %s: %d orders, %s workers at most and %s at the end; want as many orders as mosaics (%d), some workers, and none",
				chain, ordered[chain], most[chain], last[chain], ordered["mosaic"])
		}
	}
	if want := []string{"dfw convective", "storm open", "dfw clear", "storm closed"}; !slices.Equal(states, want) {
		t.Errorf("regimes and triggers went %v, want %v", states, want)
	}
}

type stuck struct{}

func (stuck) Scale(ctx context.Context, _ string, _ int, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

func (stuck) Count(ctx context.Context) (map[string]int, error) { return nil, nil }

func TestASlowFleetHoldsUpNoOrder(t *testing.T) {
	client := streamtest.Connect(t)
	publish(t, client, storm(6)...)
	sourceDone(t, client)
	d, stop := run(t, DefaultConfig(), client, stuck{})
	await(t, "everything has been heard", func() bool { return heardAll(t, client) && !d.Waiting() })
	stop()
	onceEachMinute(t, waiting(t, client, "mosaic"), 6)
}

func TestABrokenFleetIsAskedAgain(t *testing.T) {
	client := streamtest.Connect(t)
	publish(t, client, storm(3)...)
	var f fleettest.Memory
	f.Break(errors.New("no route to the cloud"))
	cfg := DefaultConfig()
	cfg.Scaling.Cooldown = 0
	_, stop := run(t, cfg, client, &f)
	defer stop()
	await(t, "orders wait", func() bool { return len(waiting(t, client, "mosaic")) >= 2 })
	f.Break(nil)
	fleettest.Await(t, &f, map[string]int{"mosaic": 1, "nowcast": 1, "contour": 1, "picture": 1})
}

func TestWorkersOfAnEarlierDispatcherAreTakenOver(t *testing.T) {
	client := streamtest.Connect(t)
	var f fleettest.Memory
	for chain, count := range map[string]int{"mosaic": 2, "hail": 3} { // there is no chain hail any more
		if err := f.Scale(t.Context(), chain, count, "long ago"); err != nil {
			t.Fatal(err)
		}
	}
	cfg := DefaultConfig()
	cfg.Scaling.Cooldown = 2 * time.Second
	_, stop := run(t, cfg, client, &f)
	defer stop()
	fleettest.Await(t, &f, map[string]int{"mosaic": 2})
	fleettest.Await(t, &f, map[string]int{}) // after the cooldown, as nothing is to be done
}
