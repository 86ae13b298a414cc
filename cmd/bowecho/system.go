package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"bowecho/alerts"
	"bowecho/dispatcher"
	"bowecho/ingest"
	"bowecho/internal/archive"
	"bowecho/internal/portal"
	"bowecho/internal/report"

	"golang.org/x/sync/errgroup"
)

// urlVariable carries the address of the embedded server, with its token, to the workers.
const urlVariable = "BOWECHO_NATS_URL"

// system is every role in one process tree.
type system struct {
	*connection
	cfg        Config
	log        *slog.Logger
	fleet      *workforce
	dispatcher *dispatcher.Dispatcher
	configFile string           // that is watched; empty: none
	portal     *portal.Portal   // nil where there is nobody to look
	archive    *archive.Archive // nil where nobody wants files
}

// newSystem connects, starting the embedded server where none is configured, and builds every role.
func newSystem(ctx context.Context, cfg Config, outDir string, withPortal bool, log *slog.Logger) (*system, error) {
	c, err := openOwn(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s := &system{connection: c, cfg: cfg, log: log}
	if err := s.build(ctx, outDir, withPortal); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *system) build(ctx context.Context, outDir string, withPortal bool) (err error) {
	if s.fleet, err = newWorkforce(ctx, s.cfg, s.url, s.client, s.log); err != nil {
		return err
	}
	if s.dispatcher, err = dispatcher.New(s.cfg.Dispatcher, s.cfg.domains(), s.client, s.fleet, s.log); err != nil {
		return err
	}
	if outDir != "" {
		if s.archive, err = archive.New(outDir, s.client, s.log); err != nil {
			return err
		}
	}
	if withPortal {
		if s.portal, err = portal.New(s.cfg.Portal, s.cfg.domains(), legend(), s.client, s.log); err != nil {
			return err
		}
		s.portal.ShowChains(s.dispatcher.Steps)
	}
	return nil
}

// run serves until ctx ends or, with untilIdle, until all sources have ended and all that follows from them is done.
func (s *system) run(ctx context.Context, ways []way, untilIdle bool) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	in, err := ingest.New(ctx, s.cfg.Ingest.Config, s.client, s.log)
	if err != nil {
		return err
	}
	warn, err := alerts.New(s.cfg.Alerts, s.client, s.log)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.fleet.Run(ctx) })
	group.Go(func() error { return s.dispatcher.Run(ctx) })
	group.Go(func() error { return reloader{s.configFile, s.cfg, s.dispatcher, s.log}.run(ctx) })
	group.Go(func() error { return warn.Run(ctx) })
	if s.portal != nil {
		group.Go(func() error { return s.portal.Run(ctx) })
		fmt.Fprintf(os.Stderr, "\n  bowecho is running: open %s\n\n", s.portal.URL())
	}
	if s.archive != nil {
		group.Go(func() error { return s.archive.Run(ctx) })
	}
	group.Go(func() error {
		if err := takeAll(ctx, in, ways); err != nil || !untilIdle {
			return err
		}
		defer stop()
		return s.waitIdle(ctx)
	})
	err = group.Wait()
	s.dispatcher.Settle(context.WithoutCancel(ctx))
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// takeAll runs all sources side by side.
func takeAll(ctx context.Context, in *ingest.Service, ways []way) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, w := range ways {
		group.Go(func() error { return in.Run(ctx, w.name, w.source) })
	}
	return group.Wait()
}

// waitIdle returns when nothing waits anywhere and nothing has moved between two looks.
func (s *system) waitIdle(ctx context.Context) error {
	const look = 300 * time.Millisecond
	told, before := time.Now(), uint64(0)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(look):
		}
		waiting, moved, err := s.client.Backlog(ctx)
		if err != nil {
			return err
		}
		if len(waiting) == 0 && moved == before && !s.dispatcher.Waiting() {
			return nil
		}
		before = moved
		if time.Since(told) > 30*time.Second {
			told = time.Now()
			s.log.Info("still at work", "waiting", waiting)
		}
	}
}

// report writes what was done to a file.
func (s *system) report(ctx context.Context, path string) error {
	r, err := report.Build(ctx, s.client)
	if err != nil {
		return fmt.Errorf("build the report: %w", err)
	}
	return writeJSON(path, r)
}
