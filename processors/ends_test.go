package processors

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"

	"github.com/google/go-cmp/cmp"
)

// TestAnOrderEndsOnce hands orders to a worker as a queue does whose workers die before they acknowledge.
func TestAnOrderEndsOnce(t *testing.T) {
	client := streamtest.Connect(t)
	before := maps.Clone(builtin)
	t.Cleanup(func() { builtin = before })
	builtin = map[string]work{
		"good": func(context.Context, *stream.Client, *event.Order) ([]event.Message, error) { return nil, nil },
		"bad": func(context.Context, *stream.Client, *event.Order) ([]event.Message, error) {
			return nil, errors.New("no luck")
		},
		"broken": func(context.Context, *stream.Client, *event.Order) ([]event.Message, error) {
			panic("index out of range")
		},
	}
	const soon, late = time.Minute, -time.Minute
	type delivery struct {
		attempt int
		left    time.Duration // to the deadline; 0: there is none
		waits   bool          // something newer behind it
		want    string        // done: acknowledged; again: tried again; dead: set aside
	}
	for name, c := range map[string]struct {
		worker     string
		retries    int
		seconds    float64
		deliveries []delivery
		ends       []string
	}{
		"done":                      {"good", 4, 1, []delivery{{1, soon, true, "done"}}, []string{event.WorkDone}},
		"done, and again":           {"good", 4, 1, []delivery{{1, soon, false, "done"}, {2, soon, false, "done"}}, []string{event.WorkDone}},
		"done, and again too late":  {"good", 4, 1, []delivery{{1, soon, false, "done"}, {2, late, false, "done"}}, []string{event.WorkDone}},
		"too late":                  {"good", 4, 1, []delivery{{1, late, false, "done"}, {2, late, false, "done"}}, []string{event.OrderDropped}},
		"too late when done":        {"good", 4, 90, []delivery{{1, soon, true, "done"}}, []string{event.OrderDropped}},
		"better late than nothing":  {"good", 4, 90, []delivery{{1, soon, false, "done"}}, []string{event.WorkDone}},
		"tried again, then aside":   {"bad", 2, 1, []delivery{{1, 0, false, "again"}, {2, 0, false, "again"}, {3, 0, false, "dead"}, {4, 0, false, "dead"}}, []string{event.OrderFailed}},
		"never again":               {"bad", 0, 1, []delivery{{1, 0, false, "dead"}}, []string{event.OrderFailed}},
		"tried again, then dropped": {"bad", 4, 1, []delivery{{1, soon, false, "again"}, {2, late, false, "done"}}, []string{event.OrderDropped}},
		"aside, and again too late": {"bad", 0, 1, []delivery{{1, soon, false, "dead"}, {2, late, false, "dead"}}, []string{event.OrderFailed}},
		"a panic":                   {"broken", 4, 1, []delivery{{1, 0, false, "dead"}}, []string{event.OrderFailed}},
		"no such worker":            {"none", 4, 1, []delivery{{1, 0, false, "dead"}}, []string{event.OrderFailed}},
	} {
		t.Run(name, func(t *testing.T) {
			order := event.Order{
				V: event.Version, ID: name, Chain: "ends", Worker: c.worker, Domain: domain, ValidTime: begin, Ordered: time.Now(),
				Retries: c.retries, PredictedSeconds: c.seconds,
			}
			for i, d := range c.deliveries {
				if d.left != 0 {
					order.Deadline = time.Now().Add(d.left)
				}
				data, err := json.Marshal(order)
				if err != nil {
					t.Fatal(err)
				}
				got := "again"
				switch err := New(client, "ends", slog.New(slog.DiscardHandler)).serve(t.Context(), stream.Message{Data: data, Attempt: d.attempt, Last: !d.waits}); {
				case err == nil:
					got = "done"
				case stream.IsPermanent(err):
					got = "dead"
				}
				if got != d.want {
					t.Errorf("delivery %d: %s, want %s", i+1, got, d.want)
				}
			}
			var ends []string
			for _, m := range all[event.Decision](t, client, stream.Events, "") {
				if m.Inputs["order"] == name && slices.Contains([]string{event.WorkDone, event.OrderDropped, event.OrderFailed}, m.Kind) {
					ends = append(ends, m.Kind)
				}
			}
			if diff := cmp.Diff(c.ends, ends); diff != "" {
				t.Errorf("ends (-want +got):\n%s", diff)
			}
		})
	}
}
