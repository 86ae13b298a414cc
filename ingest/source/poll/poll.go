// Package poll takes what lies at one URL and changes in time, as a weather service's list of the warnings that hold.
package poll

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"time"

	"bowecho/ingest/source"
)

// Config is what an operator may tune.
type Config struct {
	URL   string        `yaml:"url"`   // with the query that chooses what is wanted
	Every time.Duration `yaml:"every"` // how often it is asked for
}

// DefaultConfig asks as often as api.weather.gov wants to be asked at most.
func DefaultConfig() Config { return Config{Every: 30 * time.Second} }

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
		return fmt.Errorf("poll.url: %w", err)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("poll.url is %q, want http://HOST/PATH", c.URL)
	case c.Every < time.Second:
		return fmt.Errorf("poll.every is %v, want at least 1s", c.Every)
	}
	return nil
}

// Poll is a source. What lies at the URL is handed over when it differs from what lay there before, and again when it was not
// taken. It has no identity of a file: a list that says what it said an hour ago is news all the same.
type Poll struct {
	cfg     Config
	at      *url.URL
	line    source.Line
	client  *http.Client
	page    source.Page
	body    []byte // of the page
	version string // of the body
	offered source.Offered
}

// New gives a source that has not started anything.
func New(cfg Config, log *slog.Logger) (*Poll, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	at, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, err
	}
	return &Poll{
		cfg: cfg, at: at, client: source.NewHTTPClient(),
		line: source.Line{Log: log, To: source.Place(at), Feed: true},
	}, nil
}

// Line gives the line to the server.
func (p *Poll) Line() *source.Line { return &p.line }

// Run asks until ctx ends.
func (p *Poll) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	defer p.client.CloseIdleConnections()
	for ctx.Err() == nil {
		next := time.Now().Add(p.cfg.Every)
		err := p.look(ctx)
		if err != nil {
			err = p.line.Down(ctx, err)
		} else if err = p.hand(ctx, emit); err == nil {
			err = source.Wait(ctx, next)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// look fetches the page, unless it is as it was.
func (p *Poll) look(ctx context.Context) error {
	body, _, err := p.page.Fetch(ctx, p.client, p.at, source.MaxBytes)
	switch {
	case errors.Is(err, source.ErrSame):
	case err != nil:
		return err
	default:
		p.body, p.version = body, fmt.Sprintf("%x", sha256.Sum256(body))
		p.offered.Keep(func(version string) bool { return version == p.version })
	}
	return nil
}

// hand hands over what is new, and says then that the server answers: what it says comes first.
func (p *Poll) hand(ctx context.Context, emit func(context.Context, source.File) error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if len(p.body) > 0 && p.offered.Add(p.version) {
		err := emit(ctx, source.File{
			Name: p.at.Host + path.Clean("/"+p.at.Path), Data: p.body, Seen: time.Now(), Pace: 1, Done: p.offered.Outcome(p.version),
		})
		if err != nil {
			return err
		}
	}
	p.line.Up(ctx)
	return nil
}
