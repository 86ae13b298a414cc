// Package index takes files from the directory listings of a web server, as Apache and nginx make them.
package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"bowecho/ingest/source"
)

// Config is what an operator may tune.
type Config struct {
	URL      string        `yaml:"url"`       // of the listing
	Depth    int           `yaml:"depth"`     // how many levels of directories below it are looked into
	Poll     time.Duration `yaml:"poll"`      // how often
	LookBack time.Duration `yaml:"look_back"` // how old a file or day directory may be, by its name; 0: any age
}

// DefaultConfig looks often enough for data that come every minute, and at the start a day back.
func DefaultConfig() Config { return Config{Poll: 10 * time.Second, LookBack: 24 * time.Hour} }

// UnmarshalYAML reads over the defaults.
func (c *Config) UnmarshalYAML(decode func(any) error) error {
	type plain Config
	*c = DefaultConfig()
	return decode((*plain)(c))
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return fmt.Errorf("index.url: %w", err)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("index.url is %q, want http://HOST/PATH/", c.URL)
	case c.Depth < 0 || c.Depth > 8:
		return fmt.Errorf("index.depth is %d, want 0 to 8", c.Depth)
	case c.Poll < time.Second || c.LookBack < 0:
		return fmt.Errorf("index.poll is %v and index.look_back %v, want at least 1s, and 0s or more", c.Poll, c.LookBack)
	}
	return nil
}

// Index is a source. A file counts once for each date and size that the listing shows for it.
type Index struct {
	cfg         Config
	root        *url.URL
	line        source.Line
	client      *http.Client
	offered     source.Offered
	directories map[string]*directory
}

// New gives a source that has not started anything.
func New(cfg Config, log *slog.Logger) (*Index, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	root, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(root.Path, "/") {
		root = root.JoinPath("/")
	}
	return &Index{
		cfg: cfg, root: root, line: source.Line{Log: log, To: root.Redacted()}, directories: map[string]*directory{},
		client: source.NewHTTPClient(),
	}, nil
}

// Line gives the line to the server.
func (x *Index) Line() *source.Line { return &x.line }

// Run looks until ctx ends. Each look emits what is new, oldest data first.
func (x *Index) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	defer x.client.CloseIdleConnections()
	for ctx.Err() == nil {
		next := time.Now().Add(x.cfg.Poll)
		entries, err := x.look(ctx)
		for _, e := range entries {
			if err := x.hand(ctx, e, emit); err != nil {
				return err
			}
		}
		if err != nil {
			err = x.line.Down(ctx, err)
		} else {
			x.line.Up(ctx)
			err = source.Wait(ctx, next)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (x *Index) hand(ctx context.Context, e entry, emit func(context.Context, source.File) error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	id := e.identity()
	if !x.offered.Add(id) {
		return nil
	}
	return emit(ctx, source.File{
		Name: e.name, Open: x.opener(e), Seen: time.Now(), Pace: 1, Identity: id, Done: x.offered.Outcome(id),
	})
}

// look gives the files that are listed, oldest data first; those whose names tell no time come before.
func (x *Index) look(ctx context.Context) ([]entry, error) {
	oldest := time.Time{}
	if x.cfg.LookBack > 0 {
		oldest = time.Now().Add(-x.cfg.LookBack)
	}
	w := walk{index: x, oldest: oldest, visited: map[string]*directory{}}
	err := w.enter(ctx, x.root, "", x.cfg.Depth)
	if err == nil {
		x.directories = w.visited // those that are gone are forgotten
		there := map[string]bool{}
		for _, e := range w.files {
			there[e.identity()] = true
		}
		x.offered.Keep(func(id string) bool { return there[id] })
	}
	slices.SortStableFunc(w.files, func(a, b entry) int { return cmp.Or(a.time.Compare(b.time), cmp.Compare(a.name, b.name)) })
	return w.files, err
}

// walk is one look through the directories.
type walk struct {
	index   *Index
	oldest  time.Time
	visited map[string]*directory
	files   []entry
}

// enter lists a directory and those below it. One that cannot be listed does not keep it from the others.
func (w *walk) enter(ctx context.Context, at *url.URL, name string, depth int) error {
	d := w.index.directories[at.String()]
	if d == nil {
		d = &directory{}
		w.index.directories[at.String()] = d
	}
	w.visited[at.String()] = d
	err := w.index.refresh(ctx, at, d)
	for _, e := range d.entries {
		e.name = name + e.name
		switch {
		case !e.directory:
			var stamped bool
			if e.time, stamped = source.TimeInName(e.name); !stamped || !e.time.Before(w.oldest) {
				w.files = append(w.files, e)
			}
		case depth > 0 && !endsBefore(e.name, w.oldest):
			err = errors.Join(err, w.enter(ctx, e.url, e.name, depth-1))
		}
	}
	return err
}
