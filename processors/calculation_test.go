package processors

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream/streamtest"

	"github.com/google/go-cmp/cmp"
)

// TestCalculationsAreThoseThatAreTold holds that what others know of the calculations is what they are.
func TestCalculationsAreThoseThatAreTold(t *testing.T) {
	told := slices.Sorted(maps.Keys(event.Calculations))
	if diff := cmp.Diff(told, slices.Sorted(maps.Keys(builtin))); diff != "" {
		t.Errorf("told (-) and built in (+):\n%s", diff)
	}
	if diff := cmp.Diff(told, slices.Sorted(maps.Keys(checks))); diff != "" {
		t.Errorf("told (-) and checked (+):\n%s", diff)
	}
}

// TestWhatComesOfCalculationsIsTold runs every calculation, and holds that it makes what others count on.
func TestWhatComesOfCalculationsIsTold(t *testing.T) {
	client := streamtest.Connect(t)
	inputs := map[string][]event.Input{}
	for i := range 3 {
		inputs[event.ScanNews] = append(inputs[event.ScanNews], scanOf(t, client, begin.Add(time.Duration(i)*time.Minute), float64(i)))
	}
	for _, step := range []struct{ worker, on, parameters string }{
		{"mosaic", event.ScanNews, ""}, {"nowcast", "grid.mosaic", `{"lead_minutes":2}`}, {"probability", "grid.mosaic", `{"nowcast":{"lead_minutes":2}}`},
		{"probability", "grid.mosaic", `{"nowcast":{"lead_minutes":2},"probability":{"thresholds_dbz":[32.5]}}`},
		{"contour", "grid.mosaic", ""}, {"contour", "grid.nowcast", ""}, {"contour", "grid.probability_45", ""},
		{"picture", "grid.mosaic", ""}, {"picture", "grid.nowcast", ""}, {"picture", "grid.probability_45", ""},
	} {
		order := &event.Order{
			V: event.Version, ID: step.worker + step.on, Chain: step.worker, Worker: step.worker, Domain: domain, ValidTime: begin.Add(2 * time.Minute),
			Inputs: inputs[step.on], Parameters: json.RawMessage(step.parameters),
		}
		made, err := builtin[step.worker](context.WithoutCancel(t.Context()), client, order)
		if err != nil {
			t.Fatalf("%s on %s: %v", step.worker, step.on, err)
		}
		calculation := event.Calculations[step.worker]
		if !calculation.Accepts(step.on) {
			t.Errorf("%s is not told to take %s", step.worker, step.on)
		}
		var got []string
		for _, message := range made {
			switch m := message.(type) {
			case *event.Grid:
				got = append(got, event.GridNews+m.Product)
				inputs[event.GridNews+m.Product] = []event.Input{{Kind: m.Product, Key: m.Key, Time: m.IssueTime}}
			case *event.Areas:
				got = append(got, event.AreasNews+m.Product)
			case *event.Pictures:
				got = append(got, event.PicturesNews+m.Product)
			}
		}
		if want := calculation.Makes(step.on, order.Parameters); !slices.Equal(got, want) {
			t.Errorf("%s on %s makes %s, is told to make %s", step.worker, step.on, strings.Join(got, ", "), strings.Join(want, ", "))
		}
	}
}
