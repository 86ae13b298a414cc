package webhook

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"bowecho/alerts/notify"
	"bowecho/alerts/notify/notifytest"
	"bowecho/internal/event"
)

// receiver is a real HTTP server that keeps what is posted to it.
func receiver(t *testing.T) notifytest.Recipient {
	var mu sync.Mutex
	var got []event.Notice
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n event.Notice
		if err := json.NewDecoder(r.Body).Decode(&n); err != nil || r.Method != http.MethodPost {
			t.Errorf("%s: %v", r.Method, err)
		}
		if key, kind := r.Header.Get("Idempotency-Key"), r.Header.Get("Content-Type"); key != n.ID || kind != "application/json" {
			t.Errorf("Idempotency-Key %q, Content-Type %q; want %q and application/json", key, kind, n.ID)
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, n)
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(server.Close)
	return notifytest.Recipient{
		Notifier: open(t, server.URL),
		Received: func() []event.Notice {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(got)
		},
		Cut: server.Close,
	}
}

func open(t *testing.T, address string) *Webhook {
	t.Helper()
	w, err := New(address)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestPromises(t *testing.T) { notifytest.Run(t, receiver) }

// TestFields holds the JSON to what is promised to those who write receivers.
func TestFields(t *testing.T) {
	data, err := json.Marshal(notifytest.Notice(1))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields("id episode state reason place product level units distanceKm bearing leadMinutes etaTime validTime issueTime text areas radars") {
		if _, there := fields[name]; !there {
			t.Errorf("no %s in %s", name, data)
		}
	}
}

func TestAnswers(t *testing.T) {
	for status, want := range map[int]string{
		200: "taken", 202: "taken", 204: "taken",
		301: "retried", 307: "retried", 408: "retried", 425: "retried", 429: "retried", 500: "retried", 503: "retried",
		400: "refused", 401: "refused", 404: "refused", 410: "refused",
	} {
		elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			t.Errorf("%d: the notice went elsewhere", status)
		}))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", elsewhere.URL)
			w.WriteHeader(status)
			if status != http.StatusNoContent {
				_, _ = w.Write([]byte(strings.Repeat("no\n", 100_000)))
			}
		}))
		err := open(t, server.URL+"/hook?token=secret").Notify(t.Context(), notifytest.Notice(1))
		got := "retried"
		switch {
		case err == nil:
			got = "taken"
		case errors.Is(err, notify.ErrRefused):
			got = "refused"
		}
		if got != want {
			t.Errorf("%d: %s (%v), want %s", status, got, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || len(err.Error()) > 600) {
			t.Errorf("%d: the error tells a secret, or too much: %v", status, err)
		}
		server.Close()
		elsewhere.Close()
		if err := open(t, server.URL+"/hook?token=secret").Notify(t.Context(), notifytest.Notice(1)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("nobody there: %v, want an error without the secret", err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, address := range []string{"", "ops.example.org/hook", "ftp://ops.example.org", "http://", "http://[::1"} {
		if _, err := New(address); err == nil || !strings.Contains(err.Error(), "want http") {
			t.Errorf("%q: %v, want an error that tells what is wanted", address, err)
		}
	}
}
