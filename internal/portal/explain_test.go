package portal

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/portal/board"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// spend stores what workers have cost, as the dispatcher does.
func spend(t *testing.T, client *stream.Client, s event.Spending) {
	t.Helper()
	bucket, err := client.KeyValue(t.Context(), event.DispatcherBucket)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(s)
	if err == nil {
		_, err = bucket.Put(t.Context(), event.SpendingKey, data)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// spent is a budget of which so much of 10 is spent.
func spent(amount float64, refused ...string) event.Spending {
	now := time.Now().UTC()
	return event.Spending{
		V: event.Version, Time: now, Period: "day", From: now.Add(-time.Hour), Until: now.Add(11 * time.Hour), Limit: 10, Seconds: 3600 * amount,
		Spent: amount, PerHour: 0.25, MeanPerHour: 0.3, Forecast: amount + 3, Remaining: 10 - amount, Limits: []event.Limit{}, Refused: append([]string{}, refused...),
		Rows: []event.Spent{{Chain: "mosaic", Cloud: "here", Workers: 1, Spent: amount / 2, Seconds: 1800 * amount}, {Chain: "nowcast", Cloud: "east-1", Workers: 3, Spent: amount / 2, Seconds: 1800 * amount, Forecast: 3}},
	}
}

func TestWhatIsSpentIsShownAndThenWhatFollows(t *testing.T) {
	client := streamtest.Connect(t)
	spend(t, client, spent(4))
	base := open(t, client)
	amount := func() float64 {
		_, body, _ := get(t, base+"/v1/state")
		var s board.State
		if err := json.Unmarshal([]byte(body), &s); err != nil {
			t.Fatal(err)
		}
		if s.Spending == nil {
			return -1
		}
		return s.Spending.Spent
	}
	until(t, "what had been spent is there", func() bool { return amount() == 4 })
	spend(t, client, spent(11, "picture"))
	until(t, "what is spent since is there", func() bool { return amount() == 11 })
}

func TestExplanations(t *testing.T) {
	client := streamtest.Connect(t)
	storm := newStorm(t, client)
	base := open(t, client)
	storm.decision(event.Scaling, "nowcast", "2", "1", "28.4 s of work in 20s", time.Minute, map[string]any{"waiting": 12})
	storm.decision(event.OrderMade, "nowcast", "0123456789abcdef", "", "mosaic of 07:31:00", time.Minute, nil)
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/v1/explain/scaling?of=nowcast":                      {http.StatusOK, "Chain nowcast shall have 2 workers"},
		"/v1/explain/scale":                                   {http.StatusOK, `{"name":"waiting","value":"12"}`},
		"/v1/explain/order?of=01234567":                       {http.StatusOK, `"state":"gone"`},
		"/v1/explain/order?of=fedcba":                         {http.StatusNotFound, "bowecho explain --kind order"},
		"/v1/explain/budget":                                  {http.StatusNotFound, "none of that kind"},
		"/v1/explain/sunspots":                                {http.StatusUnprocessableEntity, "want one of budget"},
		"/v1/decisions?since=2017-01-01T00:00:00Z&kind=order": {http.StatusOK, "0123456789abcdef"},
		"/v1/decisions?since=2017-01-01T00:00:00Z&kind=no":    {http.StatusUnprocessableEntity, "want one of budget"},
	} {
		status, body, _ := get(t, base+path)
		if status != want.status || !strings.Contains(body, want.text) {
			t.Errorf("%s: %d %s, want %d and %q", path, status, body, want.status, want.text)
		}
	}
}
