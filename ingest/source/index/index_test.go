package index

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"html"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/source/sourcetest"
	"bowecho/internal/stream"

	"github.com/google/go-cmp/cmp"
)

// site is a web server with listings as nginx makes them, that counts what it is asked for.
type site struct {
	*httptest.Server
	mu     sync.Mutex
	files  map[string]string // content by path
	asked  map[string]int    // answers with a body, by path
	tagged bool              // listings carry an ETag
	fault  func(w http.ResponseWriter, path string) (done bool)
}

func newSite(t *testing.T, files ...string) *site {
	t.Helper()
	s := &site{files: map[string]string{}, asked: map[string]int{}}
	for _, f := range files {
		s.files[f] = "content of " + f
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/")
	if s.fault != nil && s.fault(w, path) {
		return
	}
	if content, there := s.files[path]; there {
		s.asked[path]++
		w.Header().Set("Last-Modified", "Fri, 01 May 2026 18:00:00 GMT")
		_, _ = io.WriteString(w, content)
		return
	}
	page := s.listing(path)
	if tag := fmt.Sprintf(`"%x"`, crc32.ChecksumIEEE([]byte(page))); s.tagged {
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	s.asked[path]++
	_, _ = io.WriteString(w, page)
}

// listing lists what lies directly below a path.
func (s *site) listing(path string) string {
	rows := map[string]bool{}
	for name, content := range s.files {
		below, ok := strings.CutPrefix(name, path)
		if first, _, deeper := strings.Cut(below, "/"); deeper {
			below, content = first+"/", ""
		}
		if ok {
			rows[fmt.Sprintf("%s\x00%d", below, len(content))] = true
		}
	}
	names := slices.Sorted(maps.Keys(rows))
	var b strings.Builder
	fmt.Fprintf(&b, "<html><head><title>Index of /%s</title></head><body><h1>Index</h1><hr><pre><a href=\"../\">../</a>\n", path)
	for _, row := range names {
		name, size, _ := strings.Cut(row, "\x00")
		fmt.Fprintf(&b, "<a href=\"%s\">%s</a>   01-May-2026 18:00   %s\n", (&url.URL{Path: name}).String(), html.EscapeString(name), size)
	}
	return b.String() + "</pre><hr></body></html>"
}

func (s *site) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *site) count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

func newIndex(t *testing.T, s *site, depth int) *Index {
	t.Helper()
	x, err := New(Config{URL: s.URL, Depth: depth, Poll: time.Second}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	x.cfg.Poll = time.Millisecond
	return x
}

func TestConformance(t *testing.T) {
	s := newSite(t, "b-20170329-071000.nc", "sub/a-20170329-071100.nc", "z z-20170329-070900.nc", ".hidden", "x.part", "sub/deep/no.nc")
	want := []string{"z z-20170329-070900.nc", "b-20170329-071000.nc", "sub/a-20170329-071100.nc"}
	sourcetest.Run(t, sourcetest.Case{Want: want, Make: func(t *testing.T) source.Source { return newIndex(t, s, 1) }})
}

// running runs a source and reads each file as ingest does: what cannot be had is settled with the error.
func running(t *testing.T, x *Index) <-chan string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	got, ended := make(chan string, 20_000), make(chan error, 1)
	go func() {
		ended <- x.Run(ctx, func(ctx context.Context, f source.File) error {
			body, err := f.Open(ctx)
			if err == nil {
				var data []byte
				data, err = io.ReadAll(body)
				_ = body.Close()
				if err == nil {
					got <- f.Name + ": " + string(data)
				}
			}
			f.Settle(err)
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	})
	return got
}

func next(t *testing.T, got <-chan string) string {
	t.Helper()
	select {
	case f := <-got:
		return f
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came within 20 s")
		return ""
	}
}

func want(t *testing.T, got <-chan string, names ...string) {
	t.Helper()
	for _, name := range names {
		if f := next(t, got); !strings.HasPrefix(f, name+": ") {
			t.Fatalf("got %q, want %s", f, name)
		}
	}
}

func TestWhatIsDoneIsNotAskedForAgain(t *testing.T) {
	s := newSite(t, "a.nc", "b.nc")
	s.tagged = true
	got := running(t, newIndex(t, s, 0))
	want(t, got, "a.nc", "b.nc")
	s.set(func() { s.files["c.nc"] = "new" })
	want(t, got, "c.nc")
	s.set(func() { s.files["a.nc"] = "longer than it was" })
	if f := next(t, got); f != "a.nc: longer than it was" {
		t.Errorf("got %q, want the new version of a.nc", f)
	}
	if a, b, list := s.count("a.nc"), s.count("b.nc"), s.count(""); a != 2 || b != 1 || list > 3 {
		t.Errorf("a.nc fetched %d times, b.nc %d, listed %d times; want 2, 1 and once for each change", a, b, list)
	}
}

func TestFaults(t *testing.T) {
	const half = "content"
	once := func(path string, fault func(http.ResponseWriter)) func(*site) {
		return func(s *site) {
			left := 1
			s.fault = func(w http.ResponseWriter, p string) bool {
				if p != path || left == 0 {
					return false
				}
				left--
				fault(w)
				return true
			}
		}
	}
	status := func(code int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(code) }
	}
	cut := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, half)
	}
	young := func(w http.ResponseWriter) {
		w.Header().Set("Date", "Fri, 01 May 2026 18:00:01 GMT")
		w.Header().Set("Last-Modified", "Fri, 01 May 2026 18:00:00 GMT")
		_, _ = io.WriteString(w, half)
	}
	for name, fault := range map[string]func(*site){
		"500 for the listing":     once("", status(500)),
		"the listing is cut":      once("", cut),
		"503 for a file":          once("a.nc", status(503)),
		"a file is cut":           once("a.nc", cut),
		"a file is being written": once("a.nc", young),
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, "a.nc")
			fault(s)
			if f := next(t, running(t, newIndex(t, s, 0))); f != "a.nc: content of a.nc" {
				t.Errorf("got %q", f)
			}
		})
	}
}

func TestAFileThatCannotBeHadDelaysNoOther(t *testing.T) {
	s := newSite(t, "a.nc", "b.nc")
	s.fault = func(w http.ResponseWriter, path string) bool {
		if path == "a.nc" {
			w.WriteHeader(http.StatusForbidden)
		}
		return path == "a.nc"
	}
	got := running(t, newIndex(t, s, 0))
	want(t, got, "b.nc")
	s.set(func() { s.files["c.nc"] = "x" })
	want(t, got, "c.nc")
}

func TestASlowServerIsGivenUp(t *testing.T) {
	s := newSite(t, "a.nc")
	x := newIndex(t, s, 0)
	x.client.Timeout = 50 * time.Millisecond
	stuck := make(chan struct{})
	t.Cleanup(func() { close(stuck) })
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stuck }))
	u, _ := url.Parse(slow.URL)
	if err := x.refresh(t.Context(), u, &directory{}); err == nil {
		t.Error("no error")
	}
}

func TestWhatCannotBeUsed(t *testing.T) {
	for name, c := range map[string]struct {
		answer    http.Response
		permanent bool
	}{
		"gone":      {http.Response{StatusCode: 404, Status: "404 Not Found"}, true},
		"too large": {http.Response{StatusCode: 200, ContentLength: source.MaxBytes + 1}, true},
		"forbidden": {http.Response{StatusCode: 403, Status: "403 Forbidden"}, false},
	} {
		if err := usable(&c.answer); err == nil || stream.IsPermanent(err) != c.permanent {
			t.Errorf("%s: got %v, want permanent to be %v", name, err, c.permanent)
		}
	}
}

func TestAListingOf10000(t *testing.T) {
	s := newSite(t)
	var names []string
	for i := range 10_000 {
		at := time.Date(2026, 5, 1, 0, 0, 7*i, 0, time.UTC)
		names = append(names, "KFWS"+at.Format("20060102_150405")+"_V06")
		s.files[names[i]] = "x"
	}
	want(t, running(t, newIndex(t, s, 0)), names...)
}

func TestOldDirectoriesAreNotEntered(t *testing.T) {
	s := newSite(t, "2019/06/09/old.nc", "20190609/old.nc", "sites/KFWS/KFWS20190609_222523_V06", "new.nc")
	now := time.Now().UTC()
	today := now.Format("2006/01/02/") + now.Format("x-20060102-150405.nc")
	s.files[today] = "x"
	x := newIndex(t, s, 4)
	x.cfg.LookBack = time.Hour
	want(t, running(t, x), "new.nc", today)
	for _, path := range []string{"2019/", "2019/06/", "20190609/", "sites/KFWS/KFWS20190609_222523_V06"} {
		if n := s.count(path); n != 0 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
}

func TestEndsBefore(t *testing.T) {
	day := time.Date(2026, 5, 2, 0, 0, 1, 0, time.UTC)
	for path, want := range map[string]bool{
		"2026/05/01/": true, "x/2026-05-01/": true, "20260501/": true, "2026/05/02/": false, "2026/05/": false, "2026/04/": true,
		"2026/": false, "2025/": true, "KFWS/": false, "0999/": false, "12/": false,
	} {
		if got := endsBefore(path, day); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}

// The listings follow the layout of Apache 2.4 with and without tables, nginx 1.22 and Python's http.server.
func TestParse(t *testing.T) {
	at, _ := url.Parse("http://radar.example/data/")
	for name, page := range map[string]string{
		"nginx": `<html><head><title>Index of /data/</title></head><body><h1>Index of /data/</h1><hr><pre><a href="../">../</a>
<a href="day/">day/</a>            01-May-2026 18:00       -
<a href="a%20b.nc">a b.nc</a>      01-May-2026 18:01     512
</pre><hr></body></html>`,
		"Apache": `<h1>Index of /data</h1><pre><img src="/icons/blank.gif" alt="Icon "> <a href="?C=N;O=D">Name</a> <a href="?C=M;O=A">Last modified</a><hr>
<img src="/icons/back.gif" alt="[PARENTDIR]"> <a href="/">Parent Directory</a>     -
<a href="day/"><img src="/icons/folder.gif" alt="[DIR]"></a> <a href="day/">day/</a>   01-May-2026 18:00    -
<img src="/icons/unknown.gif" alt="[   ]"> <a href="a%20b.nc">a b.nc</a>   01-May-2026 18:01   512
<hr></pre><address>Apache/2.4.57 (Debian) Server at radar.example Port 80</address></body></html>`,
		"Apache with a table": `<table><tr><th><a href="?C=N;O=D">Name</a></th></tr><tr><th colspan="5"><hr></th></tr>
<tr><td><a href="/">Parent Directory</a></td><td>&nbsp;</td><td align="right">  - </td></tr>
<tr><td><a href="day/">day/</a></td><td align="right">01-May-2026 18:00  </td><td align="right">  - </td></tr>
<tr><td><a href="/data/a%20b.nc">a b.nc</a></td><td align="right">01-May-2026 18:01  </td><td align="right">512 </td></tr>
<tr><th colspan="5"><hr></th></tr></table><address>Apache</address>`,
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, e := range parse([]byte(page), at) {
				got = append(got, fmt.Sprintf("%s|%s|%v|%s", e.name, e.url, e.directory, e.facts))
			}
			want := []string{
				"day/|http://radar.example/data/day/|true|01-May-2026 18:00 -",
				"a b.nc|http://radar.example/data/a%20b.nc|false|01-May-2026 18:01 512",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	hostile := `<a href="http://elsewhere/data/x.nc">x</a><a href="../../etc/passwd">x</a><a href="/data/..%2f..%2fx">x</a><a href="javascript:x()">x</a>
		<a>none</a><a href="x/y.nc">deep</a><a href="%">bad</a><a href="">self</a><a href="x.nc?C=N">query</a><a href="x.nc#y">part</a>`
	if got := parse([]byte(hostile), at); len(got) > 0 {
		t.Errorf("got %v, want nothing that does not lie directly below", got)
	}
	fuller := parse([]byte("<pre><a href=a>a</a> 1 2\n<a href=b>b</a> 3 4</pre>foot"), at)
	alone := parse([]byte("<pre><a href=a>a</a> 1 2\n</pre>foot"), at)
	if fuller[0].identity() != alone[0].identity() {
		t.Errorf("%q and %q: want a file to stay the same when another follows it", fuller[0].identity(), alone[0].identity())
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`<pre><a href="a.nc">a</a> 1 2`)
	f.Add(`<a href="a/"><img></a><a href="a/">a</a><hr><a href="../x">`)
	at, _ := url.Parse("http://radar.example/data/")
	f.Fuzz(func(t *testing.T, page string) {
		for _, e := range parse([]byte(page), at) {
			if !strings.HasPrefix(e.url.Path, at.Path) || e.url.Host != at.Host || strings.Contains(strings.TrimSuffix(e.name, "/"), "/") {
				t.Errorf("%q leads to %q at %s", page, e.name, e.url)
			}
		}
	})
}

func TestMistakes(t *testing.T) {
	good := DefaultConfig()
	good.URL = "https://radar.example/data"
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Config){
		"no host": func(c *Config) { c.URL = "data/" }, "file": func(c *Config) { c.URL = "file:///data" },
		"depth": func(c *Config) { c.Depth = -1 }, "poll": func(c *Config) { c.Poll = 0 }, "look back": func(c *Config) { c.LookBack = -1 },
	} {
		bad := good
		spoil(&bad)
		if bad.Validate() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
