// Package push takes files that others send over HTTP: PUT /v1/files/{name}.
package push

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bowecho/ingest/source"

	"golang.org/x/net/netutil"
)

// Config is what an operator may tune.
type Config struct {
	Listen    string `yaml:"listen"`     // host:port
	TokenEnv  string `yaml:"token_env"`  // the variable that holds the token that senders must show
	TokenFile string `yaml:"token_file"` // or the file that does; with neither, whoever reaches the port may send
}

// DefaultConfig serves senders on the same machine.
func DefaultConfig() Config { return Config{Listen: "127.0.0.1:8081"} }

// UnmarshalYAML reads over the defaults.
func (c *Config) UnmarshalYAML(decode func(any) error) error {
	type plain Config
	*c = DefaultConfig()
	return decode((*plain)(c))
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("push.listen is %q, want host:port like 127.0.0.1:8081: %w", c.Listen, err)
	}
	if c.TokenEnv != "" && c.TokenFile != "" {
		return errors.New("push has token_env and token_file, want one")
	}
	return nil
}

func (c Config) token() (string, error) {
	var token string
	switch {
	case c.TokenEnv != "":
		token = os.Getenv(c.TokenEnv)
	case c.TokenFile != "":
		data, err := os.ReadFile(c.TokenFile)
		if err != nil {
			return "", fmt.Errorf("read push.token_file: %w", err)
		}
		token = string(data)
	default:
		return "", nil
	}
	if token = strings.TrimSpace(token); token == "" {
		return "", fmt.Errorf("the push token of %s%s is empty; set it, or name none", c.TokenEnv, c.TokenFile)
	}
	return token, nil
}

// Push is a source. A sender is answered when its file is announced or set aside, so that it never believes too early
// that it may forget it.
type Push struct {
	cfg      Config
	token    string
	dir      string // holds files while they are received and read
	log      *slog.Logger
	arrivals chan source.File
	slots    chan struct{} // one for each file that may be received at once
}

// atOnce is how many files are received at once; other senders wait. It bounds what they may take of the disk.
const atOnce = 16

// New gives a source that has not started anything. Files lie in dir until they are announced.
func New(cfg Config, dir string, log *slog.Logger) (*Push, error) {
	token, err := cfg.token()
	if err != nil {
		return nil, err
	}
	return &Push{cfg, token, dir, log, make(chan source.File), make(chan struct{}, atOnce)}, nil
}

// Run listens until ctx ends.
func (p *Push) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := p.clean(); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", p.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen for files: %w; is push.listen free and ours?", err)
	}
	if host, _, err := net.SplitHostPort(p.cfg.Listen); err == nil && p.token == "" && !loopback(host) {
		p.log.Warn("whoever reaches this port may send files; set push.token_env or token_file", "listen", p.cfg.Listen)
	}
	return p.serve(ctx, listener, emit)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

const partial = "push-*.part"

// clean removes what a program that was killed left: none of it had been confirmed to its sender.
func (p *Push) clean() error {
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return fmt.Errorf("make the directory for files that are sent: %w", err)
	}
	left, err := filepath.Glob(filepath.Join(p.dir, partial))
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// maxConnections bounds what idle or slow senders can hold.
const maxConnections = 256

func (p *Push) serve(ctx context.Context, listener net.Listener, emit func(context.Context, source.File) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /v1/files/{name...}", func(w http.ResponseWriter, r *http.Request) { p.put(ctx, w, r) })
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(netutil.LimitListener(listener, maxConnections)) }()
	err := p.handOver(ctx, emit, ended)
	cancel()
	grace, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	if server.Shutdown(grace) != nil {
		_ = server.Close()
	}
	return err
}

// handOver emits what arrives.
func (p *Push) handOver(ctx context.Context, emit func(context.Context, source.File) error, ended <-chan error) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return fmt.Errorf("listen for files: %w", err)
		case f := <-p.arrivals:
			if ctx.Err() != nil {
				f.Settle(ctx.Err())
				return ctx.Err()
			}
			if err := emit(ctx, f); err != nil {
				f.Settle(err)
				return err
			}
		}
	}
}
