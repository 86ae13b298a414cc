package portal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/portal/board"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func newStorm(t *testing.T, client *stream.Client) *storm {
	return &storm{t: t, client: client, domain: testDomain(), now: time.Date(2017, 3, 29, 7, 31, 0, 0, time.UTC), began: time.Now()}
}

// open runs a portal until the test ends, and gives its address without the last slash, once it is ready.
func open(t *testing.T, client *stream.Client) string {
	t.Helper()
	p, err := New(Config{Listen: "127.0.0.1:0"}, []grid.Domain{testDomain()}, testLegend, client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	p.ShowChains(testSteps)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	base := strings.TrimSuffix(p.URL(), "/")
	until(t, "the portal is ready", func() bool {
		status, _, _ := get(t, base+"/readyz")
		return status == http.StatusOK
	})
	return base
}

// testSteps is chains as a usual config has them.
func testSteps() []event.Step {
	step := func(from, chain, takes string, priority int, essential bool, makes ...string) event.Step {
		s := event.Step{Chain: chain, Worker: chain, Takes: takes, From: from, Makes: makes, Feeds: []string{}, DeadlineSeconds: 90,
			Priority: priority, Most: 20, Per: "domain", Essential: essential, Triggers: []string{"storm"}}
		if chain == "probability" {
			s.Triggers = []string{}
		}
		return s
	}
	return []event.Step{
		step("", "mosaic", "scan", 80, true, "grid.mosaic"), step("mosaic", "nowcast", "grid.mosaic", 80, true, "grid.nowcast"),
		step("nowcast", "contour", "grid.nowcast", 80, true, "areas.reflectivity"), step("nowcast", "picture", "grid.nowcast", 30, false, "pictures.reflectivity"),
		step("mosaic", "probability", "grid.mosaic", 40, false, "grid.probability_20", "grid.probability_35", "grid.probability_45"),
	}
}

func TestChainsAreShown(t *testing.T) {
	status, body, _ := get(t, open(t, streamtest.Connect(t))+"/v1/chains")
	var got []event.Step
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK {
		t.Fatalf("%d, %v: %s", status, err, body)
	}
	if diff := cmp.Diff(testSteps(), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// until polls, and fails the test after three minutes: maps are drawn by the processor where there is nothing else.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(3 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("not within three minutes: %s", what)
		case <-tick.C:
		}
	}
}

func do(t *testing.T, method, url, body string, header ...string) (int, string, http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(data), answer.Header
}

func get(t *testing.T, url string, header ...string) (int, string, http.Header) {
	t.Helper()
	return do(t, http.MethodGet, url, "", header...)
}

func state(t *testing.T, base string) (s situation) {
	t.Helper()
	status, body, _ := get(t, base+"/v1/state")
	if err := json.Unmarshal([]byte(body), &s); err != nil || status != http.StatusOK {
		t.Fatalf("state: %d %v", status, err)
	}
	return s
}

func TestStateAfterRestart(t *testing.T) {
	client := streamtest.Connect(t)
	newStorm(t, client).whole()
	base := open(t, client) // everything was said before it started
	until(t, "all places are there", func() bool { return len(state(t, base).Places) == 4 })
	s := state(t, base)
	if len(s.Radars) != 3 || s.Radars[0].Name != "addison.tx" || s.Radars[0].CadenceS != 58 || s.Radars[2].Freshness != "late" {
		t.Errorf("radars: %+v", s.Radars)
	}
	if want := newStorm(t, client).now.Add(-14 * time.Second); !s.Clock.DataTime.Equal(want) || s.Clock.Pace != 1 {
		t.Errorf("clock: %+v, want the newest scan's %v", s.Clock, want)
	}
	if len(s.Loops) != 1 || len(s.Loops[0].Past) != 30 || len(s.Loops[0].Nowcast) != leads {
		t.Errorf("loops: %d past, %d nowcast; want 30 and %d", len(s.Loops[0].Past), len(s.Loops[0].Nowcast), leads)
	}
	if len(s.Regimes) != 1 || s.Regimes[0].Value != "convective" || len(s.Triggers) != 2 || !s.Triggers[0].Open {
		t.Errorf("regimes %+v, triggers %+v", s.Regimes, s.Triggers)
	}
	chain := slices.IndexFunc(s.Chains, func(c board.Chain) bool { return c.Name == "rain" })
	if chain < 0 || s.Chains[chain].Now.Workers != 0 || len(s.Chains[chain].History) != 60 || s.Chains[chain].History[26].Workers != 2 {
		t.Errorf("chains: %+v, want rain from 0 to 2 to 0", s.Chains)
	}
	if len(s.Notices) != 3 || s.Notices[0].Place != "Addison Airport" || s.Dead.Count != 1 || !strings.Contains(s.Dead.Latest[0].Reason, "Reflectibity") {
		t.Errorf("notices %+v, dead %+v", s.Notices, s.Dead)
	}
	if len(s.Legend) != len(testLegend) || len(s.Domains) != 1 || s.Domains[0].Name != "dfw" {
		t.Errorf("legend %+v, domains %+v", s.Legend, s.Domains)
	}
}

// TestCells asks what a mosaic shows at places: an echo, none, what nobody sees, and outside.
func TestCells(t *testing.T) {
	client := streamtest.Connect(t)
	storm := newStorm(t, client)
	base := open(t, client)
	if status, body, _ := get(t, base+"/v1/cells/dfw?lon=-97&lat=32.85"); status != 404 || !strings.Contains(body, "no mosaic") {
		t.Errorf("before any mosaic: %d %s", status, body)
	}
	storm.mosaic()
	until(t, "a mosaic", func() bool {
		status, _, _ := get(t, base+"/v1/cells/dfw?lon=-97&lat=32.85")
		return status == 200
	})
	for at, want := range map[string]string{
		"lon=-97.12&lat=32.84": `"state":"echo"`, "lon=-96.3&lat=32.2": `"state":"no echo"`, "lon=-97.9&lat=32.85": `"state":"not seen"`,
		"lon=-97.5&lat=32.2": `"ageS":15,"radars":["addison.tx","denton.tx"],"note":"cleburne.tx missing`,
	} {
		if status, body, _ := get(t, base+"/v1/cells/dfw?"+at); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s, want it to hold %s", at, status, body, want)
		}
	}
	for at, want := range map[string]int{"lon=10&lat=50": 404, "lon=x&lat=50": 422, "lon=-97": 422} {
		if status, _, _ := get(t, base+"/v1/cells/dfw?"+at); status != want {
			t.Errorf("%s: %d, want %d", at, status, want)
		}
	}
}

func TestPictures(t *testing.T) {
	client := streamtest.Connect(t)
	storm := newStorm(t, client)
	storm.issue(0, 2)
	other, err := client.Put(t.Context(), []byte("not a picture"))
	if err != nil {
		t.Fatal(err)
	}
	base := open(t, client)
	key := state(t, base).Loops[0].Nowcast[1].Key
	status, body, header := get(t, base+"/v1/pictures/"+key+".png")
	if status != 200 || !strings.HasPrefix(body, "\x89PNG") || !strings.Contains(header.Get("Cache-Control"), "immutable") {
		t.Errorf("picture: %d, %d bytes, %v", status, len(body), header)
	}
	if status, _, _ := get(t, base+"/v1/pictures/"+key+".png", "If-None-Match", header.Get("ETag")); status != http.StatusNotModified {
		t.Errorf("the same picture again: %d, want 304", status)
	}
	for name, want := range map[string]int{
		strings.Repeat("0", 64) + ".png": 404, other + ".png": 404, key: 400, strings.ToUpper(key) + ".png": 400, "..%2f..%2fetc.png": 400, "x.png": 400,
	} {
		if status, _, _ := get(t, base+"/v1/pictures/"+name); status != want {
			t.Errorf("picture %s: %d, want %d", name, status, want)
		}
	}
}

func TestAreas(t *testing.T) {
	client := streamtest.Connect(t)
	storm := newStorm(t, client)
	storm.issue(-1, 3)
	storm.issue(0, 3)
	large := storm.areas(storm.now.Add(time.Minute), 1, 2)
	key, err := client.Put(t.Context(), large.Collection)
	if err != nil {
		t.Fatal(err)
	}
	large.Collection, large.Key = nil, key
	storm.publish(large)
	base := open(t, client) + "/v1/areas/dfw"
	count := func(query string) (features int, issued time.Time) {
		t.Helper()
		status, body, _ := get(t, base+query)
		var c board.Collection
		if err := json.Unmarshal([]byte(body), &c); err != nil || status != 200 || c.Type != "FeatureCollection" || len(c.Coverage) == 0 {
			t.Fatalf("areas%s: %d %.200s %v", query, status, body, err)
		}
		return len(c.Features), c.IssueTime
	}
	all, issued := count("")
	lead, _ := count("?leadMinutes=1")
	high, _ := count("?leadMinutes=1&level=45")
	both, _ := count("?leadMinutes=0,1")
	if !issued.Equal(storm.now.Add(time.Minute)) || all == 0 || lead == 0 || lead >= all || high == 0 || high >= lead || both != all {
		t.Errorf("areas issued %v: %d, of a lead time %d, of its high level %d, of two lead times %d", issued, all, lead, high, both)
	}
	past, at := count("?issueTime=2017-03-29T07:30:00Z")
	if analysis, _ := count("?issueTime=2017-03-29T07:30:00Z&leadMinutes=0"); past == 0 || past != analysis || !at.Equal(storm.now.Add(-time.Minute)) {
		t.Errorf("a past issue at %v: %d features, %d of its analysis; want the analysis only", at, past, analysis)
	}
	for query, want := range map[string]int{"?issueTime=2016-03-29T07:30:00Z": 404, "?issueTime=soon": 422, "?leadMinutes=many": 422, "x": 404} {
		if status, body, _ := get(t, base+query); status != want {
			t.Errorf("areas%s: %d %s, want %d", query, status, body, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	client := streamtest.Connect(t)
	base := open(t, client)
	at := base + "/v1/places"
	park := `{"name":"Fair Park","at":[-96.76,32.78],"withinKm":4,"hazards":[{"product":"reflectivity","atLeast":45,"units":"dBZ"}]}`
	if status, body, _ := do(t, "POST", at, park); status != 200 {
		t.Fatalf("POST: %d %s", status, body)
	}
	kv, err := client.KeyValue(t.Context(), event.PlacesBucket)
	if err != nil {
		t.Fatal(err)
	}
	var stored event.Place
	entry, err := kv.Get(t.Context(), event.PlaceKey("Fair Park"))
	if err != nil || json.Unmarshal(entry.Value(), &stored) != nil || stored.WithinKM != 4 {
		t.Fatalf("stored: %+v %v", stored, err)
	}
	until(t, "the place is listed", func() bool {
		_, body, _ := get(t, at)
		return strings.Contains(body, `"Fair Park"`) && strings.Contains(body, `"own":true`)
	})
	if status, body, _ := do(t, "PUT", at+"/Fair%20Park", strings.Replace(park, ":4,", ":9,", 1)); status != 200 || !strings.Contains(body, `"withinKm":9`) {
		t.Errorf("PUT: %d %s", status, body)
	}
	if status, _, _ := do(t, "PUT", at+"/Elsewhere", park); status != 422 {
		t.Errorf("PUT under another name: %d, want 422", status)
	}
	if status, body, _ := do(t, "DELETE", at+"/Fair%20Park", ""); status != 204 {
		t.Errorf("DELETE: %d %s", status, body)
	}
	until(t, "the place is gone", func() bool { return len(state(t, base).Places) == 0 })
	if status, _, _ := do(t, "DELETE", at+"/Fair%20Park", ""); status != 404 {
		t.Errorf("DELETE again: %d, want 404", status)
	}
}

func TestPlacesRefused(t *testing.T) {
	at := open(t, streamtest.Connect(t)) + "/v1/places"
	hazard := `[{"product":"reflectivity","atLeast":45,"units":"dBZ"}]`
	for name, c := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"swapped position": {`{"name":"x","at":[32.8,-196.7],"withinKm":4,"hazards":` + hazard + `}`, 422, "longitude"},
		"no hazards":       {`{"name":"x","at":[-96,32],"withinKm":4,"hazards":[]}`, 422, "no hazards"},
		"far too far":      {`{"name":"x","at":[-96,32],"withinKm":5000,"hazards":` + hazard + `}`, 422, "within_km"},
		"unknown member":   {`{"name":"x","at":[-96,32],"withinKm":5,"hazard":1,"hazards":` + hazard + `}`, 422, "hazard"},
		"not JSON":         {`{"name":`, 400, ""},
		"too large":        {`{"name":"` + strings.Repeat("x", maxBody) + `"}`, 413, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, body, _ := do(t, "POST", at, c.body)
			if status != c.status || !strings.Contains(body, c.says) {
				t.Errorf("got %d %s, want %d with %q", status, body, c.status, c.says)
			}
		})
	}
	place := `{"name":"x","at":[-96,32],"withinKm":4,"hazards":` + hazard + `}`
	if status, _, _ := do(t, "POST", at, place, "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
		t.Errorf("a place from another site's page: %d, want 403", status)
	}
}

// told reads events until one of a kind has come, and gives all of them as "id kind".
func told(t *testing.T, url, lastID, kind string) (list []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	id, lines := "", bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			id = value
		case "event":
			if list = append(list, id+" "+value); value == kind {
				return list
			}
		}
	}
	t.Fatalf("events ended before %q: %v %v", kind, list, lines.Err())
	return nil
}

func TestEventsInOrderAndAgain(t *testing.T) {
	client := streamtest.Connect(t)
	storm := newStorm(t, client)
	base := open(t, client)
	start := state(t, base).EventID
	storm.scans()
	for i := range 20 {
		storm.decision(event.Scaling, "nowcast", fmt.Sprint(i), "", "because", time.Duration(i)*time.Second, nil)
	}
	storm.decision(event.RegimeChange, "dfw", "clear", "", "nothing in sight", 0, nil)
	until(t, "all has been read", func() bool {
		s := state(t, base)
		return len(s.Regimes) == 1 && len(s.Decisions) == 21 && s.Radars[2].Scans == 5
	})
	all := told(t, base+"/v1/events?after="+start, "", "regime")
	boot, _, _ := strings.Cut(start, "-")
	for i, e := range all {
		if want := fmt.Sprintf("%s-%d ", boot, i+1); !strings.HasPrefix(e, want) {
			t.Fatalf("event %d is %q, want the id %q", i, e, want)
		}
	}
	middle, _, _ := strings.Cut(all[9], " ")
	if again := told(t, base+"/v1/events?after="+start, middle, "regime"); !slices.Equal(again, all[10:]) {
		t.Errorf("after %s: %v, want %v", middle, again, all[10:])
	}
	if unknown := told(t, base+"/v1/events", "another-7", "reload"); len(unknown) != 1 {
		t.Errorf("after an unknown id: %v, want only reload", unknown)
	}
}

func TestHeadersAndSmallPages(t *testing.T) {
	base := open(t, streamtest.Connect(t))
	for path, want := range map[string]string{
		"/healthz": "ok", "/readyz": "ready", "/metrics": "bowecho_portal_listeners 0", "/openapi.json": "/v1/areas/{domain}",
		"/v1/decisions": "[]", "/v1/places": "[]",
	} {
		status, body, header := get(t, base+path)
		if status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %.200s, want %q", path, status, body, want)
		}
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self';") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", path, policy)
		}
	}
	if _, _, header := get(t, base+"/openapi.json", "Accept-Encoding", "gzip"); header.Get("Content-Encoding") != "gzip" {
		t.Error("the API's description came unpacked to one who takes gzip")
	}
	for _, path := range []string{"/nothing", "/assets/.gitignore", "/assets/nothing.js", "/assets/..%2fweb.go", "/v1/areas/dfw"} {
		if status, _, _ := get(t, base+path); status != 404 {
			t.Errorf("%s: %d, want 404", path, status)
		}
	}
	if status, _, _ := get(t, base+"/v1/decisions?limit=100000"); status != 422 {
		t.Errorf("too many decisions: %d, want 422", status)
	}
}

func TestAddressInUse(t *testing.T) {
	client := streamtest.Connect(t)
	base := open(t, client)
	_, err := New(Config{Listen: strings.TrimPrefix(base, "http://")}, nil, nil, client, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "choose another port") {
		t.Errorf("got %v, want the remedy", err)
	}
	if err := (Config{Listen: "8080"}).Validate(); err == nil || !strings.Contains(err.Error(), "host:port") {
		t.Errorf("got %v", err)
	}
}

func TestRadarsAreMeasured(t *testing.T) {
	client := streamtest.Connect(t)
	base := open(t, client)
	newStorm(t, client).whole()
	for _, want := range []string{
		`bowecho_radar_scans_total{radar="addison.tx"}`, `bowecho_radar_state{radar="denton.tx",state="late"} 1`,
		`bowecho_radar_age_seconds{radar="denton.tx"}`, "bowecho_dead_letters 1", `bowecho_events_total{kind="freshness"}`,
	} {
		until(t, want, func() bool {
			_, body, _ := get(t, base+"/metrics")
			return strings.Contains(body, want)
		})
	}
}

func TestASourceThatIsAwayIsTold(t *testing.T) {
	client := streamtest.Connect(t)
	base := open(t, client)
	storm := newStorm(t, client)
	says := func(path, want string) func() bool {
		return func() bool {
			status, body, _ := get(t, base+path)
			return status == http.StatusOK && strings.Contains(body, want)
		}
	}
	storm.decision(event.LineChange, "noaa", event.Down, event.Up, "no route to host", 0, nil)
	until(t, "readyz tells", says("/readyz", "the server of source noaa has not answered since"))
	until(t, "metrics tell", says("/metrics", `bowecho_source_up{source="noaa"} 0`))
	storm.decision(event.LineChange, "noaa", event.Up, event.Down, "it answers", -time.Second, nil)
	until(t, "metrics tell the end", says("/metrics", `bowecho_source_up{source="noaa"} 1`))
	if _, body, _ := get(t, base+"/readyz"); body != "ready\n" {
		t.Errorf("readyz says %q, want ready", body)
	}
}

// TestAFullDiskIsTold fills the server's disk and makes room again.
func TestAFullDiskIsTold(t *testing.T) {
	disk := streamtest.SmallDisk(t)
	base := open(t, streamtest.ConnectOn(t, disk))
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 64<<20), 0o600); !errors.Is(err, unix.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	until(t, "the full disk is told", func() bool {
		status, body, _ := get(t, base+"/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "is the disk full?")
	})
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	until(t, "the portal is ready again", func() bool {
		status, _, _ := get(t, base+"/readyz")
		return status == http.StatusOK
	})
}
