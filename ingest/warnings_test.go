package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bowecho/ingest"
	"bowecho/ingest/source"
	"bowecho/ingest/source/poll"
	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// listing gives an active list as api.weather.gov serves it, with a warning for each id; "b<a" replaces a.
func listing(updated int, ids ...string) source.File {
	var features []string
	for _, id := range ids {
		references := ""
		id, before, replaces := strings.Cut(id, "<")
		if replaces {
			references = fmt.Sprintf(`{"identifier":%q}`, before)
		}
		features = append(features, fmt.Sprintf(`{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[-97.5,32.6],[-97,32.6],[-97,33],[-97.5,32.6]]]},
			"properties":{"id":%q,"event":"Tornado Warning","status":"Actual","messageType":"Alert","references":[%s],
			"sent":"2026-05-01T18:00:00Z","expires":"2026-05-01T18:45:00Z"}}`, id, references))
	}
	text := fmt.Sprintf(`{"type":"FeatureCollection","features":[%s],"updated":%q}`, strings.Join(features, ","), begin.Add(time.Duration(updated)*time.Minute).Format(time.RFC3339))
	return source.File{Name: "active", Data: []byte(text), Seen: begin.Add(time.Duration(updated) * time.Minute), Pace: 1}
}

// said gives what the stream of warnings says, in its order: "+a" where a holds, "-a" where it has ended.
func said(t *testing.T, client *stream.Client) (list []string) {
	t.Helper()
	for _, w := range read[event.Warning](t, client, stream.Warnings, "warning.test") {
		sign := "+"
		if !w.Ended.IsZero() {
			sign = "-"
		}
		list = append(list, sign+w.ID)
	}
	return list
}

func TestAnActiveList(t *testing.T) {
	client := streamtest.Connect(t)
	check := func(step string, want ...string) {
		t.Helper()
		if got := said(t, client); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", step, got, want)
		}
	}
	take(t, client, files{listing(0, "a", "b")})
	check("two", "+a", "+b")
	take(t, client, files{listing(1, "a", "b")}) // by a service that was started anew
	check("the same again", "+a", "+b")
	take(t, client, files{listing(2, "c<a")})
	check("one replaced, one gone", "+a", "+b", "+c", "-a", "-b")
	take(t, client, files{listing(1, "a", "b")})
	check("an older list that comes late", "+a", "+b", "+c", "-a", "-b")
	take(t, client, files{listing(3, "c<a", "b")})
	check("back", "+a", "+b", "+c", "-a", "-b", "+b")
	take(t, client, files{listing(3+13*60, "c<a", "b")})
	check("half a day later, for those who forget", "+a", "+b", "+c", "-a", "-b", "+b", "+c", "+b")
	take(t, client, files{listing(4 + 13*60)})
	check("none", "+a", "+b", "+c", "-a", "-b", "+b", "+c", "+b", "-b", "-c")
	for _, w := range read[event.Warning](t, client, stream.Warnings, "") {
		if w.Feed != "test" || w.File != "active" || w.Heard.IsZero() || w.Area == nil {
			t.Errorf("got %+v", w)
		}
	}
}

func TestWhatCannotBeReadEndsNothing(t *testing.T) {
	client := streamtest.Connect(t)
	flawed := listing(1, "a", "b")
	flawed.Data = bytes.Replace(flawed.Data, []byte(`"sent":"2026-05-01T18:00:00Z"`), []byte(`"sent":"soon"`), 1)
	paged := listing(2, "b")
	paged.Data = bytes.Replace(paged.Data, []byte(`"updated"`), []byte(`"pagination":{"next":"https://h/2"},"updated"`), 1)
	take(t, client, files{listing(0, "a", "b"), flawed, paged})
	if got := said(t, client); !slices.Equal(got, []string{"+a", "+b"}) {
		t.Errorf("got %v, want a and b to go on", got)
	}
}

func text(action string, minute int) source.File {
	product := fmt.Sprintf("\n954 \nWFUS54 KLIX 0615%02d\nTORLIX\nLAC075-061600-\n/O.%s.KLIX.TO.W.0032.210606T1501Z-210606T1600Z/\n\nLAT...LON 2925 8961 2929 8962 2956 8971 2924 8953\n\n$$\n", minute, action)
	return source.File{Name: fmt.Sprintf("klix-%02d.txt", minute), Data: []byte(product), Seen: begin.Add(time.Duration(minute) * time.Minute)}
}

func TestMessagesOfOneWarning(t *testing.T) {
	client := streamtest.Connect(t)
	zipped := text("CON", 20)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(zipped.Data); err != nil || w.Close() != nil {
		t.Fatal("gzip")
	}
	zipped.Data = packed.Bytes()
	take(t, client, files{text("NEW", 1), zipped, text("NEW", 1), text("CAN", 30), text("CON", 20)})
	if got, id := said(t, client), "KLIX.TO.W.0032.2021"; !slices.Equal(got, []string{"+" + id, "+" + id, "-" + id}) {
		t.Errorf("got %v, want it new, continued and cancelled, and nothing of what came late", got)
	}
}

func TestWarningsLikeRadarFiles(t *testing.T) {
	client := streamtest.Connect(t)
	outcomes := make(chan error, 10)
	with := func(name, content string) source.File {
		return source.File{Name: name, Data: []byte(content), Seen: time.Now(), Done: func(err error) { outcomes <- err }}
	}
	good := listing(0, "a")
	good.Done = func(err error) { outcomes <- err }
	take(t, client, files{good, good, file(t, 1),
		with("cut.json", string(good.Data[:200])), with("map.geojson", `{"type":"Point","coordinates":[1,2]}`),
		with("bad.xml", `<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"></alert>`)})
	for i, want := range []string{"<nil>", "taken before", "ask for the file again", "passed over", "msgType"} {
		if got := fmt.Sprint(<-outcomes); !strings.Contains(got, want) {
			t.Errorf("outcome %d: %s, want %s", i, got, want)
		}
	}
	dead := read[event.Dead](t, client, stream.DeadBox, "")
	if len(dead) != 2 || dead[0].Name != "cut.json" || dead[1].Name != "bad.xml" {
		t.Errorf("set aside: %+v, want the two that cannot be read", dead)
	}
	if n := len(read[event.Scan](t, client, stream.Scans, "")); n != 1 {
		t.Errorf("%d scans, want the one beside the warnings", n)
	}
	heard := read[event.Decision](t, client, stream.Events, "event.feed.test")
	if len(heard) != 1 || heard[0].Inputs["warnings"] != 1.0 {
		t.Errorf("told %d times that the feed is heard: %+v", len(heard), heard)
	}
	if len(outcomes) > 0 {
		t.Errorf("%d outcomes more", len(outcomes))
	}
}

// TestAPolledFeed asks a web server whose list changes, which fails for a while, and says nothing new for long.
func TestAPolledFeed(t *testing.T) {
	var mu sync.Mutex
	content, status := string(listing(0, "a", "b").Data), http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if status == http.StatusOK {
			w.Header().Set("Content-Type", "application/geo+json")
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader(content))
			return
		}
		w.WriteHeader(status)
	}))
	defer server.Close()
	set := func(now string, code int) {
		mu.Lock()
		defer mu.Unlock()
		content, status = now, code
	}
	client := streamtest.Connect(t)
	from, err := poll.New(poll.Config{URL: server.URL + "/alerts/active", Every: time.Second}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	s, err := ingest.New(ctx, ingest.DefaultConfig(), client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	go func() { ended <- s.Run(ctx, "test", from) }()
	await := func(want ...string) {
		t.Helper()
		for give := time.Now().Add(time.Minute); !slices.Equal(said(t, client), want); {
			if time.Now().After(give) {
				t.Fatalf("said %v, want %v", said(t, client), want)
			}
		}
	}
	await("+a", "+b")
	set("", http.StatusServiceUnavailable)
	for give := time.Now().Add(time.Minute); len(read[event.Decision](t, client, stream.Events, "event.line.test")) < 2; {
		if time.Now().After(give) {
			t.Fatal("not told within a minute that the server does not answer")
		}
	}
	await("+a", "+b") // a feed that is away ends nothing
	set(string(listing(5, "b", "c").Data), http.StatusOK)
	await("+a", "+b", "+c", "-a")
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	lines := read[event.Decision](t, client, stream.Events, "event.line.test")
	if len(lines) < 3 || lines[0].Value != event.Up || lines[1].Value != event.Down || lines[2].Value != event.Up {
		t.Errorf("line %+v, want it up, down and up", lines)
	}
	if n := len(read[event.Decision](t, client, stream.Events, "event.feed.test")); n == 0 {
		t.Error("not told that the feed is heard")
	}
}
