package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"bowecho/dispatcher/fleet/clouds"
	"bowecho/dispatcher/fleet/local"
	"bowecho/dispatcher/fleet/nomad"
	"bowecho/internal/bandwidth"
	"bowecho/internal/event"
	"bowecho/internal/lease"
	"bowecho/internal/stream"

	"golang.org/x/sync/errgroup"
)

// CloudConfig is one place where workers run: what it costs and is used for, and one kind with its settings.
type CloudConfig struct {
	clouds.Config `yaml:",inline"`
	Local         *LocalConfig  `yaml:"local"`
	Nomad         *nomad.Config `yaml:"nomad"`
}

// LocalConfig is this machine.
type LocalConfig struct{}

// Validate tells what is wrong.
func (c CloudConfig) Validate() error {
	errs := []error{c.Config.Validate()}
	if (c.Local == nil) == (c.Nomad == nil) {
		errs = append(errs, errors.New("has both local and nomad or none, want one kind"))
	}
	if c.Nomad != nil {
		errs = append(errs, c.Nomad.Validate())
	}
	if c.Local != nil && c.MbitPerS != 0 {
		errs = append(errs, errors.New("mbit_per_s limits what goes to another cloud, and local is this machine; leave it out"))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("clouds.%s: %w", c.Name, err)
	}
	return nil
}

func (c Config) checkClouds() (errs []error) {
	names := map[string]bool{}
	for _, cloud := range c.Clouds {
		errs = append(errs, cloud.Validate())
		if names[cloud.Name] {
			errs = append(errs, fmt.Errorf("clouds has two named %q", cloud.Name))
		}
		names[cloud.Name] = true
		for _, chain := range cloud.Chains {
			if _, known := c.Dispatcher.Chains[chain]; !known {
				errs = append(errs, fmt.Errorf("clouds.%s: chains names %q, which is no chain", cloud.Name, chain))
			}
		}
	}
	return errs
}

// sizes gives what the workers of each chain need.
func (c Config) sizes() map[string]nomad.Size {
	sizes := map[string]nomad.Size{}
	for name, chain := range c.Dispatcher.Chains {
		sizes[name] = nomad.Size(chain.Resources)
	}
	return sizes
}

// workforce is the workers of all clouds.
type workforce struct {
	*clouds.Fleet
	run    []func(context.Context) error // of each cloud
	client *stream.Client
	log    *slog.Logger
}

// newWorkforce gives the workers of the configured clouds; without any, those of this machine.
func newWorkforce(ctx context.Context, cfg Config, natsURL string, client *stream.Client, log *slog.Logger) (*workforce, error) {
	configs := cfg.Clouds
	if len(configs) == 0 {
		configs = []CloudConfig{{Config: clouds.Config{Name: "here"}, Local: &LocalConfig{}}}
	}
	book, err := lease.Open(ctx, client)
	if err != nil {
		return nil, err
	}
	w, members := &workforce{client: client, log: log}, []clouds.Member{}
	for _, c := range configs {
		var cloud clouds.Cloud
		if c.Nomad == nil {
			here, err := localFleet(natsURL, log)
			if err != nil {
				return nil, err
			}
			cloud, w.run = here, append(w.run, here.Run)
		} else {
			settings := *c.Nomad
			settings.NATS = cmp.Or(settings.NATS, natsURL)
			named := book
			if c.MbitPerS > 0 {
				named = book.On(c.Name)
				w.run = append(w.run, bandwidth.NewShaper(client.NC, c.Name, c.MbitPerS, log).Run)
			}
			there, err := nomad.New(settings, c.Name, cfg.sizes(), named, log)
			if err != nil {
				return nil, fmt.Errorf("cloud %s: %w", c.Name, err)
			}
			cloud, w.run = there, append(w.run, there.Run)
		}
		members = append(members, clouds.Member{Config: c.Config, Cloud: cloud})
	}
	tell := func(ctx context.Context, d *event.Decision) error { _, err := client.Publish(ctx, d); return err }
	w.Fleet = clouds.New(members, tell, log)
	return w, nil
}

// localFleet starts workers as child processes of this program's own file.
func localFleet(natsURL string, log *slog.Logger) (*local.Fleet, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := func(chain string) []string { return []string{self, "work", "--chain", chain, "--quiet"} }
	return local.New(command, []string{urlVariable + "=" + natsURL}, log), nil
}

// Run lets workers run until ctx ends.
func (w *workforce) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, run := range append(w.run, w.Fleet.Run, w.learnTraffic) {
		group.Go(func() error { return run(ctx) })
	}
	return group.Wait()
}

// learnTraffic tells the fleet how much orders transferred that are served from now on.
func (w *workforce) learnTraffic(ctx context.Context) error {
	who := stream.Consumer{Stream: stream.Events, Filter: "event." + event.WorkDone + ".>", Stage: "dispatch"}
	return w.client.Consume(ctx, w.log, who, func(_ context.Context, m stream.Message) error {
		d, err := event.Decode[event.Decision](m.Data)
		if err != nil {
			return stream.Permanent(err)
		}
		bytes, told := d.Inputs["bytes"].(float64)
		seconds, _ := d.Inputs["seconds"].(float64)
		if told {
			w.Moved(d.Subj, bytes, seconds)
		}
		return nil
	})
}
