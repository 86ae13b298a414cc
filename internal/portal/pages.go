package portal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/portal/board"
	"bowecho/internal/portal/web"
	"bowecho/internal/stream"

	"github.com/klauspost/compress/gzhttp"
)

// policy lets a page load nothing but what this server has. Styles set by script are the map's; blobs are its pictures.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
	"worker-src 'self' blob:; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func (p *Portal) handler() http.Handler {
	mux, api := http.NewServeMux(), http.NewServeMux()
	p.api(api)
	mux.Handle("/v1/", gzhttp.GzipHandler(api))
	mux.Handle("GET /openapi.json", gzhttp.GzipHandler(api))
	mux.Handle("GET /v1/events", p.hub)
	mux.HandleFunc("GET /v1/pictures/{file}", p.picture)
	mux.Handle("GET /assets/{file}", gzhttp.GzipHandler(http.HandlerFunc(asset)))
	mux.HandleFunc("GET /{$}", page)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", p.ready)
	mux.Handle("GET /metrics", p.metrics.handler())
	return p.metrics.counted(guarded(http.NewCrossOriginProtection().Handler(mux)))
}

// guarded sets the headers that keep a browser from being led astray.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// ready tells whether the past has been read, and NATS is there and stores what it is given. A source whose server is away
// is said, too, but does not make the system unready: all others go on.
func (p *Portal) ready(w http.ResponseWriter, r *http.Request) {
	switch {
	case p.behind.Load() > 0:
		plain(w, http.StatusServiceUnavailable, "reading what has been\n")
	case !p.client.NC.IsConnected():
		plain(w, http.StatusServiceUnavailable, "no connection to NATS\n")
	default:
		if err := p.probe.Try(r.Context()); err != nil {
			plain(w, http.StatusServiceUnavailable, err.Error()+"\n")
			return
		}
		plain(w, http.StatusOK, "ready\n"+look(p, sourcesAway))
	}
}

func sourcesAway(b *board.Board) string {
	var text strings.Builder
	for _, l := range b.Lines() {
		if l.Value == event.Down {
			fmt.Fprintf(&text, "the server of source %s has not answered since %s: %s\n", l.Source, l.Since.UTC().Format(time.RFC3339), l.Reason)
		}
	}
	return text.String()
}

var pictureName = regexp.MustCompile(`^([0-9a-f]{64})\.png$`)

var pngSignature = []byte("\x89PNG\r\n\x1a\n")

// picture serves a PNG by the hash of its content, which therefore never changes.
func (p *Portal) picture(w http.ResponseWriter, r *http.Request) {
	name := pictureName.FindStringSubmatch(r.PathValue("file"))
	if name == nil {
		plain(w, http.StatusBadRequest, "want 64 hexadecimal digits and .png\n")
		return
	}
	etag := `"` + name[1] + `"`
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	data, err := p.client.Get(r.Context(), name[1])
	switch {
	case errors.Is(err, stream.ErrGone) || err == nil && !bytes.HasPrefix(data, pngSignature):
		plain(w, http.StatusNotFound, "no such picture, or no longer\n")
		return
	case err != nil:
		p.log.Warn("picture", "key", name[1], "err", err)
		plain(w, http.StatusServiceUnavailable, "the picture could not be read; try again\n")
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("ETag", etag)
	_, _ = w.Write(data)
}

func page(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	file, err := fs.ReadFile(web.Files(), "index.html")
	if err != nil {
		plain(w, http.StatusServiceUnavailable, "This bowecho was built without its page: run make build. The API is at /openapi.json.\n")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(file)
}

// asset serves a file of the bundle. Those with a hash in the name never change; the others are asked for again.
func asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if strings.HasPrefix(name, ".") || path.Ext(name) == ".html" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	if hashedName.MatchString(name) {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeFileFS(w, r, web.Files(), name)
}

var hashedName = regexp.MustCompile(`-[A-Z0-9]{8}\.[a-z]+$`)

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}
