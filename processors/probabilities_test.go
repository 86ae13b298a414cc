package processors

import (
	"encoding/json"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// TestProbabilitiesFollowTheStorm has a storm that moves east at a kilometre a minute: it is likely where it will be.
func TestProbabilitiesFollowTheStorm(t *testing.T) {
	client := streamtest.Connect(t)
	var history []event.Input
	for i := range 4 {
		at := begin.Add(time.Duration(i) * time.Minute)
		serve(t, client, &event.Order{Worker: "mosaic", ValidTime: at, Inputs: []event.Input{scanOf(t, client, at, -10+float64(i))}})
	}
	for _, m := range all[event.Grid](t, client, stream.Grids, "grid.mosaic.>") {
		history = append(history, event.Input{Kind: "mosaic", Key: m.Key, Time: m.IssueTime})
	}
	last := begin.Add(3 * time.Minute)
	parameters := json.RawMessage(`{"probability":{"thresholds_dbz":[20,42.5]},"nowcast":{"lead_minutes":12}}`)
	serve(t, client, &event.Order{Worker: "probability", ValidTime: last, Inputs: history, Parameters: parameters})
	for _, product := range []string{"probability_20", "probability_42_5"} {
		made := all[event.Grid](t, client, stream.Grids, "grid."+product+".>")
		if len(made) != 1 || len(made[0].LeadMinutes) != 13 || made[0].Units != "%" || made[0].Note != "" {
			t.Fatalf("%s: %+v", product, made)
		}
		data, err := client.Get(t.Context(), made[0].Key)
		if err != nil {
			t.Fatal(err)
		}
		g, err := grid.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		// In 10 minutes the middle of the storm is 3 km east: 6 cells of 500 m right of the middle of the grid.
		if there, left := g.Leads[10].Field.At(80, 86), g.Leads[10].Field.At(80, 66); !(there > 60) || !(left < there-30) {
			t.Errorf("%s: %.0f %% where the storm will be, %.0f %% where it was", product, there, left)
		}
	}
}

func TestProbabilitiesOfASingleMosaicSayWhatIsMissing(t *testing.T) {
	client := streamtest.Connect(t)
	serve(t, client, &event.Order{Worker: "mosaic", ValidTime: begin, Inputs: []event.Input{scanOf(t, client, begin, 5)}})
	first := all[event.Grid](t, client, stream.Grids, "")[0]
	serve(t, client, &event.Order{Worker: "probability", ValidTime: begin, Inputs: []event.Input{{Kind: "mosaic", Key: first.Key, Time: begin}}})
	for _, product := range []string{"probability_20", "probability_35", "probability_45"} {
		if n := all[event.Grid](t, client, stream.Grids, "grid."+product+".>"); len(n) != 1 || n[0].Note == "" {
			t.Errorf("%s of one mosaic: %+v, want it with a note", product, n)
		}
	}
}
