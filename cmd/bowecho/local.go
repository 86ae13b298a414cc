package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bowecho/internal/stream"
	"bowecho/internal/stream/embedded"

	"golang.org/x/sys/unix"
)

// errInUse says that another program keeps the data directory.
var errInUse = errors.New("in use by another bowecho")

// connection is a client and what must be undone after it, last first.
type connection struct {
	client  *stream.Client
	url     string
	closers []func()
}

func (c *connection) close() {
	for i := len(c.closers) - 1; i >= 0; i-- {
		c.closers[i]()
	}
}

// openOwn connects to the configured server, or starts an embedded one on the data directory.
func openOwn(ctx context.Context, cfg Config) (*connection, error) {
	c := &connection{url: cfg.NATS.URL}
	if c.url == "" {
		if err := c.embed(cfg.Data); err != nil {
			c.close()
			return nil, err
		}
	}
	if err := c.connect(ctx, cfg.NATS); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// openAny is openOwn for a look from outside: where a bowecho runs on the data directory, it uses that one's server.
func openAny(ctx context.Context, cfg Config) (*connection, error) {
	c, err := openOwn(ctx, cfg)
	if !errors.Is(err, errInUse) {
		return c, err
	}
	url, err := os.ReadFile(urlFile(cfg.Data))
	if err != nil {
		return nil, fmt.Errorf("find the running bowecho: %w", err)
	}
	cfg.NATS.URL = strings.TrimSpace(string(url))
	return openOwn(ctx, cfg)
}

// urlFile holds the embedded server's address with its token, readable by its owner alone.
func urlFile(dir string) string { return filepath.Join(dir, "nats.url") }

func (c *connection) embed(dir string) error {
	unlock, err := lock(dir)
	if err != nil {
		return err
	}
	c.closers = append(c.closers, unlock)
	server, err := embedded.Start(dir)
	if err != nil {
		return err
	}
	c.closers = append(c.closers, server.Stop)
	c.url = server.URL()
	return os.WriteFile(urlFile(dir), []byte(c.url+"\n"), 0o600)
}

func (c *connection) connect(ctx context.Context, cfg stream.Config) error {
	cfg.URL = c.url
	client, err := stream.Connect(ctx, cfg)
	if err != nil {
		return err
	}
	c.client = client
	c.closers = append(c.closers, client.Close)
	return nil
}

// lock keeps two programs from using one data directory.
func lock(dir string) (unlock func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("data directory %s is %w; stop that one or choose another with --data", dir, errInUse)
	}
	return func() { _ = f.Close() }, nil
}
