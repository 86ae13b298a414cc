package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"bowecho/alerts"
	"bowecho/dispatcher"
	"bowecho/ingest"
	"bowecho/internal/bandwidth"
	"bowecho/internal/lease"
	"bowecho/internal/portal"
	"bowecho/internal/release"
	"bowecho/internal/stream"
	"bowecho/processors"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

// role is one stage on its own, against an external NATS.
type role struct {
	configFile string
	quiet      bool
}

func (r *role) command(use, short, example string, serve func(context.Context, Config, *stream.Client, *slog.Logger) error) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, client, err := r.connect(cmd.Context())
			if err != nil {
				return err
			}
			defer client.Close()
			err = serve(cmd.Context(), cfg, client, newLogger(r.quiet))
			if cmd.Context().Err() != nil && errors.Is(err, context.Canceled) {
				return nil // asked to stop
			}
			return err
		},
	}
	cmd.Flags().StringVarP(&r.configFile, "config", "c", "", "YAML file; nats.url names the server, or the variable "+urlVariable)
	cmd.Flags().BoolVarP(&r.quiet, "quiet", "q", false, "log warnings and errors only")
	return cmd
}

func (r *role) connect(ctx context.Context) (Config, *stream.Client, error) {
	cfg, err := loadConfig(r.configFile)
	if err != nil {
		return cfg, nil, err
	}
	if url := os.Getenv(urlVariable); url != "" {
		cfg.NATS.URL = url
	}
	if cfg.NATS.URL == "" {
		return cfg, nil, usageError{errors.New("a role of its own needs a NATS server: set nats.url in the config or " + urlVariable + "; `bowecho run` has one embedded")}
	}
	client, err := stream.Connect(ctx, cfg.NATS)
	return cfg, client, err
}

func ingestCommand() *cobra.Command {
	var f runFlags
	cmd := (&role{}).command("ingest", "Take files, decode them and announce the scans",
		"  bowecho ingest -c bowecho.yaml --source folder:/data/incoming",
		func(ctx context.Context, cfg Config, client *stream.Client, log *slog.Logger) error {
			sources, err := f.wanted(cfg)
			if err != nil {
				return err
			}
			ways, err := workshop{data: cfg.Data, client: client, log: log}.build(sources)
			if err != nil {
				return err
			}
			in, err := ingest.New(ctx, cfg.Ingest.Config, client, log)
			if err != nil {
				return err
			}
			return takeAll(ctx, in, ways)
		})
	f.registerSources(cmd)
	return cmd
}

func dispatchCommand() *cobra.Command {
	r := &role{}
	return r.command("dispatch", "Watch the weather, order the work and keep enough workers up",
		"  bowecho dispatch -c bowecho.yaml",
		func(ctx context.Context, cfg Config, client *stream.Client, log *slog.Logger) error {
			fleet, err := newWorkforce(ctx, cfg, cfg.NATS.URL, client, log)
			if err != nil {
				return err
			}
			d, err := dispatcher.New(cfg.Dispatcher, cfg.domains(), client, fleet, log)
			if err != nil {
				return err
			}
			group, ctx := errgroup.WithContext(ctx)
			group.Go(func() error { return fleet.Run(ctx) })
			group.Go(func() error { return d.Run(ctx) })
			group.Go(func() error { return reloader{r.configFile, cfg, d, log}.run(ctx) })
			err = group.Wait()
			d.Settle(context.WithoutCancel(ctx))
			return err
		})
}

func workCommand() *cobra.Command {
	var chain, held string
	cmd := (&role{}).command("work", "Serve the orders of one chain",
		"  bowecho work -c bowecho.yaml --chain nowcast",
		func(ctx context.Context, _ Config, client *stream.Client, log *slog.Logger) error {
			if held == "" {
				return processors.New(client, chain, log).Run(ctx)
			}
			return workLeased(ctx, client, chain, held, log)
		})
	cmd.Flags().StringVar(&chain, "chain", "", "the chain of which to serve orders")
	cmd.Flags().StringVar(&held, "lease", "", "JOB/WORKER: work only while the dispatcher names this worker of a job of its fleet")
	require(cmd, "chain")
	return cmd
}

// workLeased serves orders while the worker holds its lease, and then finishes the one in hand.
func workLeased(ctx context.Context, client *stream.Client, chain, held string, log *slog.Logger) error {
	job, worker, found := strings.Cut(held, "/")
	if !found {
		return usageError{fmt.Errorf("--lease is %q, want JOB/WORKER", held)}
	}
	book, err := lease.Open(ctx, client)
	if err != nil {
		return err
	}
	leased, list, err := book.Hold(ctx, job, worker, release.Version)
	if err != nil {
		return err
	}
	if list.Line != "" {
		client.Pace(bandwidth.NewAsker(client.NC, list.Line, log).Wait)
	}
	if err := processors.New(client, chain, log).Run(leased); err != nil || ctx.Err() != nil {
		return err
	}
	if err := context.Cause(leased); !errors.Is(err, lease.ErrUnnamed) {
		return err
	}
	return nil // as if it had been asked to stop: whoever asks next may be slower than the lease
}

func alertsCommand() *cobra.Command {
	return (&role{}).command("alerts", "Match areas with places and send notices",
		"  bowecho alerts -c bowecho.yaml",
		func(ctx context.Context, cfg Config, client *stream.Client, log *slog.Logger) error {
			s, err := alerts.New(cfg.Alerts, client, log)
			if err != nil {
				return err
			}
			return s.Run(ctx)
		})
}

func portalCommand() *cobra.Command {
	return (&role{}).command("portal", "Serve the web page and the HTTP API",
		"  bowecho portal -c bowecho.yaml",
		func(ctx context.Context, cfg Config, client *stream.Client, log *slog.Logger) error {
			p, err := portal.New(cfg.Portal, cfg.domains(), legend(), client, log)
			if err != nil {
				return err
			}
			p.ShowChains(cfg.Dispatcher.Steps)
			return p.Run(ctx)
		})
}
