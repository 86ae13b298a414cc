package report

import (
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream/streamtest"
)

var begin = time.Date(2017, 3, 29, 7, 10, 0, 0, time.UTC)

func after(ms int) time.Time { return begin.Add(time.Duration(ms) * time.Millisecond) }

func decision(id, kind, subject, value string, inputs map[string]any) *event.Decision {
	return &event.Decision{V: event.Version, ID: id, Kind: kind, Subj: subject, Value: value, Inputs: inputs, Time: begin}
}

func TestCountsAndLatencies(t *testing.T) {
	client := streamtest.Connect(t)
	dfw := grid.Centred("dfw", 32.65, -97, 10, 10, 250)
	trail := event.Trail{File: begin, Scan: after(200), Grid: after(1200), Areas: after(1700), Notice: after(1800)}
	told := map[string]any{"trail": trail}
	for _, m := range []event.Message{
		&event.Scan{V: event.Version, ID: "1", Radar: "a", Key: "k", Time: begin, Trail: event.Trail{File: begin, Scan: after(200)}},
		&event.Scan{V: event.Version, ID: "2", Radar: "a", Key: "k", Time: begin, Trail: event.Trail{File: begin, Scan: after(400)}},
		&event.Grid{V: event.Version, ID: "m", Product: "mosaic", Domain: dfw, IssueTime: begin, Key: "k"},
		&event.Grid{V: event.Version, ID: "n", Product: "nowcast", Domain: dfw, IssueTime: begin, Key: "k", Trail: trail},
		&event.Pictures{V: event.Version, ID: "p", Product: "reflectivity", Domain: dfw, IssueTime: begin, Frames: make([]event.Frame, 31)},
		&event.Areas{V: event.Version, ID: "a", Product: "reflectivity", Domain: "dfw", IssueTime: begin, Key: "k", Features: 7, Trail: trail},
		&event.Dead{V: event.Version, ID: "d", Stage: "ingest", Name: "x.nc", Reason: "empty", Time: begin},
		decision("o", event.OrderMade, "mosaic", "1", nil), decision("u", event.DuplicateFile, "a", "f", nil),
		decision("v", event.PassedOver, "s", "places.yaml", nil), decision("w", event.WorkDone, "mosaic", "done", map[string]any{"seconds": 1.5}),
		decision("x", event.WorkDone, "mosaic", "done", map[string]any{"seconds": 0.5}), decision("y", event.Scaling, "mosaic", "2", nil),
		decision("z", event.EpisodeChange, "Home", event.Start, told), decision("r", event.RegimeChange, "a", "clear", nil), // as one radar sees it
		&event.Decision{V: event.Version, ID: "s", Kind: event.RegimeChange, Subj: "dfw", Domain: "dfw", Value: "convective", Time: begin},
	} {
		if _, err := client.Publish(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Build(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	want := Counts{Files: 4, Scans: 2, Orders: 1, Grids: 2, Mosaics: 1, Nowcasts: 1, Areas: 1, Polygons: 7, Pictures: 31, Notices: 1, Dead: 1, Duplicates: 1, PassedOver: 1}
	if r.Counts != want {
		t.Errorf("counts %+v, want %+v", r.Counts, want)
	}
	for step, p50 := range map[string]float64{FileToScan: 200, ScanToGrid: 1000, GridToAreas: 500, AreasToNotice: 100, FileToNotice: 1800} {
		if got := r.LatencyMS[step]; got.P50 != p50 {
			t.Errorf("%s: %+v, want a median of %g ms", step, got, p50)
		}
	}
	if r.LatencyMS[FileToScan].Max != 400 || r.WorkSeconds["mosaic"] != 2 || r.NoticesOf["Home"] != 1 || r.Workers["mosaic"][0].Workers != "2" ||
		r.DeadReasons[0].Reason != "empty" || r.Regimes[0].Value != "convective" {
		t.Errorf("got %+v", r)
	}
}

func TestNothingDone(t *testing.T) {
	r, err := Build(t.Context(), streamtest.Connect(t))
	if err != nil || r.Counts != (Counts{}) || len(r.LatencyMS) != 0 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestPercentiles(t *testing.T) {
	values := make([]float64, 100)
	for i := range values {
		values[i] = float64(100 - i)
	}
	if got := summarize(values); got != (Latency{Count: 100, P50: 50, P99: 99, Max: 100}) {
		t.Errorf("of 1 to 100: %+v", got)
	}
	if got := summarize([]float64{7}); got != (Latency{Count: 1, P50: 7, P99: 7, Max: 7}) {
		t.Errorf("of one: %+v", got)
	}
}
