package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/source/sourcetest"
	"bowecho/internal/realdata"
	"bowecho/internal/stream"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// server is an S3 server with one bucket, that counts what it is asked for.
type server struct {
	*httptest.Server
	backend *s3mem.Backend
	bucket  string
	mu      sync.Mutex
	now     time.Time      // of objects that are stored
	gets    map[string]int // by key
	lists   int
	fault   func(w http.ResponseWriter, key string) (done bool) // key is empty for a listing
}

func (s *server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *server) Since(t time.Time) time.Duration { return s.Now().Sub(t) }

func newServer(t *testing.T, bucket string, keys ...string) *server {
	t.Helper()
	s := &server{bucket: bucket, now: time.Now(), gets: map[string]int{}}
	s.backend = s3mem.New(s3mem.WithTimeSource(s))
	if err := s.backend.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	s3 := gofakes3.New(s.backend, gofakes3.WithTimeSkewLimit(0)).Server()
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/"+bucket), "/")
		s.mu.Lock()
		fault := s.fault
		if key == "" {
			s.lists++
		} else {
			s.gets[key]++
		}
		s.mu.Unlock()
		if fault == nil || !fault(w, key) {
			s3.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	for _, k := range keys {
		s.put(t, k, "content of "+k)
	}
	return s
}

func (s *server) put(t *testing.T, key, content string) {
	t.Helper()
	meta := map[string]string{"Last-Modified": s.Now().UTC().Format(http.TimeFormat)}
	if _, err := s.backend.PutObject(s.bucket, key, meta, strings.NewReader(content), int64(len(content)), nil); err != nil {
		t.Fatal(err)
	}
}

// at stores objects as if it were another time.
func (s *server) at(when time.Time, store func()) {
	s.set(func() { s.now = when })
	store()
	s.set(func() { s.now = time.Now() })
}

func (s *server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *server) counts(key string) (gets, lists int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gets[key], s.lists
}

func newBucket(t *testing.T, s *server, cfg Config, client *stream.Client) *Bucket {
	t.Helper()
	cfg.Endpoint, cfg.Bucket, cfg.LookBack, cfg.Anonymous = s.URL, s.bucket, time.Hour, true
	b, err := New(cfg, client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	b.cfg.Poll = time.Millisecond
	return b
}

// running runs a source and reads each file as ingest does: what cannot be had is settled with the error.
func running(t *testing.T, from source.Source) <-chan string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	got, ended := make(chan string, 20_000), make(chan error, 1)
	go func() {
		ended <- from.Run(ctx, func(ctx context.Context, f source.File) error {
			data, err := fetch(ctx, f)
			if err == nil {
				got <- f.Name + ": " + string(data)
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

func fetch(ctx context.Context, f source.File) ([]byte, error) {
	body, err := f.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
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

func want(t *testing.T, got <-chan string, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if f := next(t, got); f != key+": content of "+key {
			t.Fatalf("got %.100q, want %s", f, key)
		}
	}
}

// level2 gives the key of a volume, as NOAA's archive has it.
func level2(site string, at time.Time) string {
	at = at.UTC()
	return at.Format("2006/01/02/") + site + "/" + site + at.Format("20060102_150405") + "_V06"
}

// chunk gives the key of a part, as NOAA's real-time bucket has it.
func chunk(site string, folder int, volume time.Time, part int, kind string) string {
	return fmt.Sprintf("%s/%d/%s-%03d-%s", site, folder, volume.UTC().Format("20060102-150405"), part, kind)
}

func TestConformance(t *testing.T) {
	now := time.Now()
	t.Run(NOAALevel2, func(t *testing.T) {
		keys := []string{level2("KTLX", now.Add(-30*time.Minute)), level2("KFWS", now.Add(-20*time.Minute)), level2("KTLX", now.Add(-10*time.Minute))}
		s := newServer(t, "unidata-nexrad-level2", append(keys, keys[0]+"_MDM", level2("KAMA", now))...)
		sourcetest.Run(t, sourcetest.Case{Want: keys, Make: func(t *testing.T) source.Source {
			return newBucket(t, s, Config{Preset: NOAALevel2, Sites: []string{"KFWS", "KTLX"}}, nil)
		}})
	})
	t.Run(NOAAChunks, func(t *testing.T) {
		keys := []string{
			chunk("KFWS", 999, now.Add(-9*time.Minute), 1, "S"), chunk("KFWS", 999, now.Add(-9*time.Minute), 2, "E"),
			chunk("KFWS", 1, now.Add(-4*time.Minute), 1, "S"), chunk("KFWS", 1, now.Add(-4*time.Minute), 2, "I"),
		}
		s := newServer(t, "unidata-nexrad-level2-chunks", append(keys, chunk("KTLX", 1, now, 1, "S"))...)
		sourcetest.Run(t, sourcetest.Case{Want: keys, Make: func(t *testing.T) source.Source {
			return newBucket(t, s, Config{Preset: NOAAChunks, Sites: []string{"KFWS"}}, nil)
		}})
	})
	t.Run("no preset", func(t *testing.T) {
		keys := []string{"in/a b+c.nc", "in/x/20170329-071000.nc"}
		s := newServer(t, "radars", append(keys, "out/a.nc", "in/.hidden", "in/a.part")...)
		sourcetest.Run(t, sourcetest.Case{Want: keys, Make: func(t *testing.T) source.Source {
			return newBucket(t, s, Config{Prefix: "in/", Poll: time.Second}, nil)
		}})
	})
}

func TestWhatIsDoneIsNotFetchedAgain(t *testing.T) {
	now := time.Now()
	first, second := level2("KFWS", now.Add(-time.Minute)), level2("KFWS", now)
	s := newServer(t, "radars", first)
	got := running(t, newBucket(t, s, Config{Preset: NOAALevel2, Sites: []string{"KFWS"}}, nil))
	want(t, got, first)
	s.put(t, second, "content of "+second)
	want(t, got, second)
	if gets, lists := s.counts(first); gets != 1 || lists < 2 {
		t.Errorf("fetched %d times in %d listings, want once", gets, lists)
	}
	s.put(t, first, "mended")
	if f := next(t, got); f != first+": mended" {
		t.Errorf("got %q, want the new version", f)
	}
}

func TestFaults(t *testing.T) {
	status := func(code int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(code) }
	}
	cut := func(w http.ResponseWriter) {
		w.Header().Set("Content-Length", "1000")
		w.Header().Set("Last-Modified", "Fri, 01 May 2026 18:00:00 GMT")
		_, _ = io.WriteString(w, "half")
	}
	for name, c := range map[string]struct {
		key   string
		fault func(http.ResponseWriter)
	}{
		"500 for the listing": {"", status(500)}, "the listing is cut": {"", cut}, "403 for the listing": {"", status(403)},
		"503 for an object": {"a.nc", status(503)}, "an object is cut": {"a.nc", cut},
	} {
		t.Run(name, func(t *testing.T) {
			s, left := newServer(t, "radars", "a.nc"), 1
			s.fault = func(w http.ResponseWriter, key string) bool {
				s.mu.Lock()
				defer s.mu.Unlock()
				if key != c.key || left == 0 {
					return false
				}
				left--
				c.fault(w)
				return true
			}
			want(t, running(t, newBucket(t, s, Config{}, nil)), "a.nc")
		})
	}
}

func TestAnObjectThatCannotBeHad(t *testing.T) {
	s := newServer(t, "radars", "a.nc", "b.nc")
	s.fault = func(w http.ResponseWriter, key string) bool {
		if key == "a.nc" {
			w.WriteHeader(http.StatusForbidden)
		}
		return key == "a.nc"
	}
	got := running(t, newBucket(t, s, Config{}, nil))
	want(t, got, "b.nc")
	s.put(t, "c.nc", "content of c.nc")
	want(t, got, "c.nc")
	gone := newBucket(t, s, Config{}, nil).file(info("gone.nc"))
	if _, err := fetch(t.Context(), gone); !stream.IsPermanent(err) {
		t.Errorf("an object that is gone: %v, want a permanent error", err)
	}
	large := info("b.nc")
	large.Size = source.MaxBytes + 1
	if _, err := fetch(t.Context(), newBucket(t, s, Config{}, nil).file(large)); !stream.IsPermanent(err) {
		t.Errorf("an object that is too large: %v, want a permanent error", err)
	}
}

// TestRealChunks takes two radars' real volumes through a server, byte for byte and in order, the stray part of an older
// volume apart.
func TestRealChunks(t *testing.T) {
	s := newServer(t, "chunks")
	folder := realdata.Path(t, "data", "chunks", "KHDX_interrupted")
	parts, err := filepath.Glob(filepath.Join(folder, "20240401-*"))
	if err != nil || len(parts) == 0 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	contents := map[string]string{}
	for _, path := range parts {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		key := "KHDX/6/" + filepath.Base(path)
		contents[key] = string(data)
		s.put(t, key, contents[key])
	}
	s.at(time.Now().Add(-96*time.Hour), func() { s.put(t, "KHDX/6/20240328-235735-038-I", "stray") })
	got := running(t, newBucket(t, s, Config{Preset: NOAAChunks, Sites: []string{"KHDX"}}, nil))
	for range parts {
		key, content, _ := strings.Cut(next(t, got), ": ")
		if contents[key] != content {
			t.Errorf("%s has %d bytes, want %d", key, len(content), len(contents[key]))
		}
	}
	if len(got) > 0 {
		t.Errorf("%.60q came, too", <-got)
	}
}
