package live

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSlowListenerIsDropped(t *testing.T) {
	h := New()
	_, slow, ok := h.listen("")
	if !ok {
		t.Fatal("a listener without an id was refused")
	}
	for i := range behind + 1 {
		h.Publish("n", fmt.Append(nil, i))
	}
	if now, dropped := h.Listeners(); now != 0 || dropped != 1 {
		t.Errorf("%d listeners, %d dropped; want the slow one dropped", now, dropped)
	}
	got := 0
	for range slow {
		got++
	}
	if got != behind {
		t.Errorf("the slow one got %d events before it was dropped, want the %d that fit", got, behind)
	}
	missed, _, ok := h.listen(h.id(uint64(got)))
	if !ok || len(missed) != 1 || string(missed[0].Data) != fmt.Sprint(behind) {
		t.Errorf("back again it missed %v, %v; want the one event that did not fit", missed, ok)
	}
}

func TestTooOldAnID(t *testing.T) {
	h := New()
	for range keep + 2 {
		h.Publish("n", []byte("1"))
	}
	for id, want := range map[string]bool{
		h.id(keep + 2): true, h.id(2): true, h.id(1): false, h.id(keep + 3): false, "other-5": false, "x": false, h.boot + "-y": false, "": true,
	} {
		if _, _, ok := h.listen(id); ok != want {
			t.Errorf("listen after %q: %v, want %v", id, ok, want)
		}
	}
}

func TestStreamEndsWithItsBrowser(t *testing.T) {
	h := New()
	server := httptest.NewServer(h)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), ":") {
		t.Fatalf("first line %q, want a comment", lines.Text())
	}
	h.Publish("weather", []byte(`{"a":1}`))
	var text []string
	for len(text) < 3 && lines.Scan() {
		if line := lines.Text(); line != "" && !strings.HasPrefix(line, "retry") {
			text = append(text, line)
		}
	}
	if want := "id: " + h.id(1) + "|event: weather|data: {\"a\":1}"; strings.Join(text, "|") != want {
		t.Errorf("got %q, want %q", strings.Join(text, "|"), want)
	}
	cancel()
	server.Close() // waits for the handler
	if now, _ := h.Listeners(); now != 0 {
		t.Errorf("%d listeners after the browser left", now)
	}
}
