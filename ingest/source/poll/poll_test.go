package poll

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/source/sourcetest"
	"bowecho/internal/stream"
)

// page is a web server with one page.
type page struct {
	*httptest.Server
	mu         sync.Mutex
	content    string
	status     int
	tagged     bool
	whole, all int // answers with the page, and all
}

func newPage(t *testing.T, content string) *page {
	p := &page{content: content, status: http.StatusOK, tagged: true}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all++
	tag := `"` + p.content + `"`
	if r.Header.Get("User-Agent") != "bowecho" || r.URL.Query().Get("area") != "TX" {
		http.Error(w, "who asks, and for what?", http.StatusForbidden)
		return
	}
	if p.status != http.StatusOK {
		http.Error(w, "not now", p.status)
		return
	}
	if p.tagged {
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	p.whole++
	_, _ = io.WriteString(w, p.content)
}

func (p *page) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

func (p *page) source(t *testing.T) *Poll {
	t.Helper()
	s, err := New(Config{URL: p.URL + "/alerts/active?area=TX", Every: time.Second}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.cfg.Every = 5 * time.Millisecond // faster than is decent
	return s
}

func TestConformance(t *testing.T) {
	p := newPage(t, "all that holds")
	name := strings.TrimPrefix(p.URL, "http://") + "/alerts/active"
	sourcetest.Run(t, sourcetest.Case{Make: func(t *testing.T) source.Source { return p.source(t) }, Want: []string{name}})
}

// asked runs a source until done says so of what it has handed over; outcome tells it what became of each.
func asked(t *testing.T, s *Poll, outcome func(n int) error, done func(got []string) bool) (got []string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	told := s.line.Told
	s.line.Told = func(ctx context.Context, err error) {
		if told != nil {
			told(ctx, err)
		}
		if done(got) {
			stop()
		}
	}
	err := s.Run(ctx, func(_ context.Context, f source.File) error {
		got = append(got, string(f.Data))
		f.Settle(outcome(len(got)))
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	return got
}

func taken(int) error { return nil }

func TestTheSameIsHandedOverOnce(t *testing.T) {
	for name, tagged := range map[string]bool{"with an ETag": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			p := newPage(t, "one")
			p.tagged = tagged
			got := asked(t, p.source(t), taken, func(got []string) bool {
				p.mu.Lock()
				defer p.mu.Unlock()
				switch {
				case p.all == 10:
					p.content = "two"
				case p.all == 20:
					p.content = "one"
				}
				return p.all >= 30
			})
			if strings.Join(got, " ") != "one two one" || tagged && p.whole != 3 {
				t.Errorf("got %v in %d whole answers, want one, two, one, each once", got, p.whole)
			}
		})
	}
}

func TestWhatIsNotTakenComesAgain(t *testing.T) {
	p := newPage(t, "one")
	got := asked(t, p.source(t), func(n int) error {
		if n == 1 {
			return errors.New("the stream is away")
		}
		return stream.Permanent(errors.New("it is bad"))
	}, func([]string) bool { p.mu.Lock(); defer p.mu.Unlock(); return p.all > 10 })
	if len(got) != 2 || p.whole != 1 {
		t.Errorf("handed over %d times in %d whole answers, want again once, and not after it is set aside", len(got), p.whole)
	}
}

func TestAServerThatFailsIsAskedUntilItAnswers(t *testing.T) {
	p := newPage(t, "one")
	p.status = http.StatusServiceUnavailable
	s := p.source(t)
	var told []error
	s.line.Told = func(_ context.Context, err error) {
		told = append(told, err)
		p.set(func() { p.status = http.StatusOK })
	}
	got := asked(t, s, taken, func(got []string) bool { return len(got) > 0 })
	if len(got) != 1 || len(told) < 2 || told[0] == nil || !strings.Contains(told[0].Error(), "503") || told[1] != nil {
		t.Errorf("got %v, told %v; want the page after one failure that says 503", got, told)
	}
	if !s.Line().Feed || strings.Contains(s.Line().To, "area") {
		t.Errorf("line %+v, want one of a feed, and no query, which may hold a key, in the log", s.Line())
	}
}

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []Config{{URL: "file:///x", Every: time.Minute}, {URL: "http://h/x", Every: time.Millisecond}, {URL: ":", Every: time.Minute}} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "poll.") {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}
