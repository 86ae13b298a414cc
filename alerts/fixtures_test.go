package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

var (
	start = time.Date(2017, 3, 29, 7, 10, 0, 0, time.UTC)
	home  = event.Place{Name: "Home", At: [2]float64{-97, 33}, WithinKM: 5, Hazards: []event.Hazard{{Product: "reflectivity", AtLeast: 45, Units: "dBZ"}}}
)

func minute(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }

func square(west, south, east, north float64) orb.Polygon {
	return orb.Polygon{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}
}

// storm is a square of 45 dBZ that moves east at 0.01° a minute, with its front at -97.2 at the start: its nowcast over
// half an hour as areas. Home is at -97.
func storm(n int) *event.Areas {
	front := -97.2 + 0.01*float64(n)
	m := clear(n)
	c := geojson.NewFeatureCollection()
	for lead := range 31 {
		east := front + 0.01*float64(lead)
		f := geojson.NewFeature(square(east-0.05, 32.9, east, 33.1))
		f.ID = fmt.Sprintf("dfw/%d/%d", n, lead)
		f.Properties["level"], f.Properties["leadMinutes"] = 45.0, float64(lead)
		c.Append(f)
	}
	m.Features = len(c.Features)
	m.Collection, _ = json.Marshal(c)
	return m
}

// clear is areas without any, from radars that see Home.
func clear(n int) *event.Areas {
	m := blind(n)
	m.Coverage, _ = json.Marshal(geojson.NewGeometry(orb.MultiPolygon{square(-98, 32, -96, 34)}))
	return m
}

// blind is areas without any, from radars that do not see Home.
func blind(n int) *event.Areas {
	return &event.Areas{
		V: event.Version, ID: fmt.Sprintf("areas-%d", n), Product: "reflectivity", Units: "dBZ", Levels: []float64{30, 45},
		Domain: "dfw", IssueTime: minute(n), Radars: []string{"addison.tx"},
		Collection: json.RawMessage(`{"type":"FeatureCollection","features":[]}`),
		Trail:      event.Trail{File: time.Now().Add(-2 * time.Second), Areas: time.Now()},
	}
}

func message(t *testing.T, m *event.Areas) stream.Message {
	t.Helper()
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return stream.Message{Subject: m.Subject(), Data: data}
}

func publish(t *testing.T, c *stream.Client, m event.Message) {
	t.Helper()
	if _, err := c.Publish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// newService gives a service that knows all but has started nothing.
func newService(t *testing.T, client *stream.Client, places ...event.Place) *Service {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Places = places
	s, err := New(cfg, client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	watcher, err := s.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = watcher.Stop() })
	return s
}

func hear(t *testing.T, s *Service, m *event.Areas) {
	t.Helper()
	if err := s.areas(t.Context(), message(t, m)); err != nil {
		t.Fatal(err)
	}
}

// run starts a service; the function that it gives stops it and waits.
func run(t *testing.T, cfg Config, client *stream.Client) (stop func()) {
	t.Helper()
	s, err := New(cfg, client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for give := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(give) {
			t.Fatalf("%s: not after 30 s", what)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// hook is a real receiver of notices.
type hook struct {
	*httptest.Server
	mu  sync.Mutex
	got []event.Notice
}

func newHook(t *testing.T) *hook {
	h := &hook{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var n event.Notice
		if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
			t.Error(err)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.got = append(h.got, n)
	}))
	t.Cleanup(h.Close)
	return h
}

// received gives the notices that came, each once: one that was answered in the instant of a stop may come again.
func (h *hook) received() (notices []event.Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range h.got {
		if !slices.ContainsFunc(notices, func(before event.Notice) bool { return before.ID == n.ID }) {
			notices = append(notices, n)
		}
	}
	return notices
}

// waiting gives the notices that nobody has taken. A work queue has no readers beside its consumers.
func waiting(t *testing.T, client *stream.Client) (all []*event.Notice) {
	t.Helper()
	queue, err := client.JS.Stream(t.Context(), stream.Notices)
	if err != nil {
		t.Fatal(err)
	}
	for i := range queue.CachedInfo().State.LastSeq {
		m, err := queue.GetMsg(t.Context(), i+1)
		if err != nil {
			t.Fatal(err)
		}
		n, err := event.Decode[event.Notice](m.Data)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	return all
}

// everything gives all messages of a stream.
func everything(t *testing.T, client *stream.Client, streamName, filter string) (all []stream.Message) {
	t.Helper()
	err := client.Each(t.Context(), streamName, filter, time.Time{}, func(m stream.Message) error {
		all = append(all, m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// decided gives the changes of episodes on record.
func decided(t *testing.T, client *stream.Client) (all []*event.Decision) {
	t.Helper()
	for _, m := range everything(t, client, stream.Events, "event."+event.EpisodeChange+".>") {
		d, err := event.Decode[event.Decision](m.Data)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

// shown gives how it stands at a place, as the portal reads it; nothing where it is not watched.
func shown(t *testing.T, client *stream.Client, place string) event.PlaceState {
	t.Helper()
	bucket, err := client.KeyValue(t.Context(), event.PlaceStatesBucket)
	if err != nil {
		t.Fatal(err)
	}
	var state event.PlaceState
	switch entry, err := bucket.Get(t.Context(), event.PlaceKey(place)); {
	case err == nil:
		if err := json.Unmarshal(entry.Value(), &state); err != nil {
			t.Fatal(err)
		}
	case err != jetstream.ErrKeyNotFound:
		t.Fatal(err)
	}
	return state
}
