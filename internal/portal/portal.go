// Package portal is what people see: the HTTP API, live events and the web page.
package portal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/explain"
	"bowecho/internal/grid"
	"bowecho/internal/portal/board"
	"bowecho/internal/portal/live"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// Config is what an operator may tune.
type Config struct {
	Listen string `yaml:"listen"` // host:port of the page and the API
}

// DefaultConfig serves this machine only.
func DefaultConfig() Config { return Config{Listen: "127.0.0.1:8080"} }

// Validate tells what is wrong.
func (c Config) Validate() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("portal.listen is %q, want host:port, like 127.0.0.1:8080", c.Listen)
	}
	return nil
}

// LegendStep is the colour from a reflectivity on, in CSS.
type LegendStep = board.LegendStep

// Portal follows the streams and serves what they say.
type Portal struct {
	client   *stream.Client
	log      *slog.Logger
	listener net.Listener
	hub      *live.Hub
	metrics  *metrics
	places   jetstream.KeyValue
	states   jetstream.KeyValue
	spending jetstream.KeyValue
	explain  *explain.Explainer
	probe    *stream.Probe
	behind   atomic.Int32 // streams whose past has not been read yet
	asked    askedMosaic
	steps    func() []event.Step

	mu    sync.Mutex // holds board and hub together, so that a state and its event id belong together
	board *board.Board
}

// New opens the address, so that one in use is told at once. Run serves it.
func New(cfg Config, domains []grid.Domain, legend []LegendStep, client *stream.Client, log *slog.Logger) (*Portal, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	p := &Portal{client: client, log: log, hub: live.New(), explain: explain.New(client), board: board.New(domains, legend), steps: func() []event.Step { return []event.Step{} }}
	p.metrics = newMetrics(p)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var err error
	if p.places, err = client.KeyValue(ctx, event.PlacesBucket); err != nil {
		return nil, err
	}
	if p.states, err = client.KeyValue(ctx, event.PlaceStatesBucket); err != nil {
		return nil, err
	}
	if p.spending, err = client.KeyValue(ctx, event.DispatcherBucket); err != nil {
		return nil, err
	}
	if p.probe, err = client.Probe(ctx); err != nil {
		return nil, err
	}
	if p.listener, err = net.Listen("tcp", cfg.Listen); err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, fmt.Errorf("portal: %s is in use by another program; choose another port with portal.listen, like 127.0.0.1:8081", cfg.Listen)
		}
		return nil, fmt.Errorf("portal: listen on %s: %w", cfg.Listen, err)
	}
	return p, nil
}

// ShowChains says how the chains hang together. It is called before Run.
func (p *Portal) ShowChains(steps func() []event.Step) { p.steps = steps }

// URL is where the page is.
func (p *Portal) URL() string {
	address := p.listener.Addr().(*net.TCPAddr)
	if address.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d/", address.Port)
	}
	return "http://" + address.String() + "/"
}

// Run follows and serves until ctx ends.
func (p *Portal) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	p.follow(ctx, group)
	group.Go(func() error { return p.serve(ctx) })
	return group.Wait()
}

func (p *Portal) serve(ctx context.Context) error {
	server := &http.Server{
		Handler: p.handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		// Streams of events end when ctx does, so that the shutdown need not wait for browsers.
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(p.log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(p.listener) }()
	p.log.Info("portal", "url", p.URL())
	select {
	case err := <-ended:
		return fmt.Errorf("portal: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := server.Shutdown(grace)
	<-ended
	return err
}

// apply changes the board and tells the browsers, in one step.
func (p *Portal) apply(change func(*board.Board) []board.Change) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range change(p.board) {
		data, err := json.Marshal(c.Value)
		if err != nil {
			p.log.Error("encode change", "kind", c.Kind, "err", err)
			continue
		}
		p.hub.Publish(c.Kind, data)
	}
}

// look reads the board.
func look[T any](p *Portal, read func(*board.Board) T) T {
	p.mu.Lock()
	defer p.mu.Unlock()
	return read(p.board)
}
