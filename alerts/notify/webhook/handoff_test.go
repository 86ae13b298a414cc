package webhook

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"bowecho/alerts/notify"
	"bowecho/alerts/notify/notifytest"
	"bowecho/internal/event"
	"bowecho/internal/stream/streamtest"
)

// TestUntilTaken has a real server that answers 500 at first, then not at all, breaks the connection, and only then
// takes what is posted.
func TestUntilTaken(t *testing.T) {
	var mu sync.Mutex
	var tried, taken []string
	done := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n event.Notice
		if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
			t.Error(err)
		}
		mu.Lock()
		tried = append(tried, n.ID)
		attempt := len(tried)
		mu.Unlock()
		switch attempt {
		case 1:
			http.Error(w, "not now", http.StatusInternalServerError)
		case 2:
			<-r.Context().Done()
		case 3:
			panic(http.ErrAbortHandler)
		default:
			mu.Lock()
			if taken = append(taken, n.ID); len(taken) == 2 {
				close(done)
			}
			mu.Unlock()
		}
	}))
	defer server.Close()
	w := open(t, server.URL)
	w.client.Timeout = 300 * time.Millisecond

	client := streamtest.Connect(t)
	for i := 1; i <= 2; i++ {
		if _, err := client.Publish(t.Context(), notifytest.Notice(i)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- notify.Channel{Name: "ops", Notifier: w}.Run(ctx, client, slog.New(slog.DiscardHandler))
	}()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Error("not taken after 30 s")
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	one, two := notifytest.Notice(1).ID, notifytest.Notice(2).ID
	if want := []string{one, one, one, one, two}; !slices.Equal(tried, want) || !slices.Equal(taken, []string{one, two}) {
		t.Errorf("tried %v and taken %v, want the same id each time, and the next only then: %v", tried, taken, want)
	}
}
