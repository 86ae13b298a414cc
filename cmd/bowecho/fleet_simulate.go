package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"bowecho/dispatcher"
	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/simulate"
	"bowecho/ingest/summary"
	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/spf13/cobra"
)

// simulation is what `fleet simulate` is asked for.
type simulation struct {
	weather         []string
	recorded        string
	from, to        string
	config, against string
	data            string
	seed            uint64
	seeds           int
	asJSON          bool
}

func fleetSimulateCommand() *cobra.Command {
	var s simulation
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Judge how workers are scaled, in virtual time",
		Long: `Lets weather pass over the triggers, chains and scaling of a config, in virtual time, and tells how many orders missed
their deadline and what the workers cost. The scaling is held against a peak that is always there, a threshold on the
queue's length, the rule of the system that CASA ran, and a bound below which nobody gets who knows everything before.

The weathers: week (seven radars), swings (orders that take 0.1 s to a minute), squall (a line of storms over a quiet
network), slow (the same, with storm cells tracked in each scan and workers that take three minutes), each with convection
for 5 % of the time; and continent (160 radars, storms always somewhere).`,
		Example: `  bowecho fleet simulate --weather week,squall
  bowecho fleet simulate -c bowecho.yaml --against other.yaml --seeds 3
  bowecho fleet simulate -c bowecho.yaml --recorded /data/2017-03-29
  bowecho fleet simulate -c bowecho.yaml --from 2026-05-01T18:00:00Z --to 2026-05-02T00:00:00Z`,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.run(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&s.weather, "weather", simulate.Names(), "made-up weathers")
	flags.StringVar(&s.recorded, "recorded", "", "instead: the radar files in this folder")
	flags.StringVar(&s.from, "from", "", "instead: the scans that a bowecho has heard, from this time (RFC 3339)")
	flags.StringVar(&s.to, "to", "", "up to this time")
	flags.StringVarP(&s.config, "config", "c", "", "YAML file: its triggers, chains, scaling and clouds; without one, chains and clouds that each weather has of its own")
	flags.StringVar(&s.against, "against", "", "another YAML file, to compare with")
	flags.StringVar(&s.data, "data", "", "data directory of the bowecho that has heard scans (default: the config's)")
	flags.Uint64Var(&s.seed, "seed", 1, "of all that is left to chance; the same gives the same")
	flags.IntVar(&s.seeds, "seeds", 1, "so many seeds, from the first on")
	flags.BoolVar(&s.asJSON, "json", false, "as JSON")
	return cmd
}

func (s *simulation) run(ctx context.Context) error {
	if s.seeds < 1 {
		return usageError{fmt.Errorf("--seeds is %d, want 1 or more", s.seeds)}
	}
	scans, err := s.scans(ctx)
	if err != nil {
		return err
	}
	names := s.weather
	if scans != nil {
		names = []string{"recorded"}
	}
	began, results := time.Now(), []simulate.Result{}
	for _, name := range names {
		for seed := s.seed; seed < s.seed+uint64(s.seeds); seed++ {
			more, err := s.judge(name, seed, scans)
			if err != nil {
				return err
			}
			results = append(results, more...)
		}
	}
	if s.asJSON {
		return writeJSON("-", results)
	}
	events := 0
	for _, r := range results {
		events += r.Events
	}
	took := time.Since(began)
	fmt.Fprintf(os.Stderr, "%d events in %v: %.0f a second\n", events, took.Round(time.Millisecond), float64(events)/took.Seconds())
	return printResults(results)
}

// judge runs all policies on a weather; another config's only beside ours.
func (s *simulation) judge(name string, seed uint64, scans []*event.Scan) ([]simulate.Result, error) {
	script, err := s.script(name, seed, scans, s.config)
	if err != nil {
		return nil, err
	}
	results := simulate.Compare(script)
	if s.against == "" {
		return results, nil
	}
	other, err := s.script(name, seed, scans, s.against)
	if err != nil {
		return nil, err
	}
	name = filepath.Base(s.against)
	return append(results, other.Run(simulate.Ours(name+", ahead", true)), other.Run(simulate.Ours(name, false))), nil
}

// script lets a weather pass over what a config says.
func (s *simulation) script(name string, seed uint64, scans []*event.Scan, path string) (*simulate.Script, error) {
	policy := demand.DefaultConfig()
	policy.Max = 2000 // here the clouds bound it
	made := name
	if scans != nil {
		made = simulate.Names()[0]
	}
	world, err := simulate.New(made, policy, seed)
	if err != nil {
		return nil, usageError{err}
	}
	cfg, err := loadConfig(path)
	if err != nil {
		return nil, err
	}
	if path != "" {
		if err := cfg.Dispatcher.Simulate(world); err != nil {
			return nil, err
		}
	}
	if path != "" && len(cfg.Clouds) > 0 {
		world.Clouds = cfg.simulatedClouds()
	}
	if scans != nil {
		world.Name, world.Scans = name, dispatcher.Heard(scans, cfg.domains())
	}
	return simulate.Watch(world), nil
}

// simulatedClouds gives the clouds of the config. Where it does not say how long workers take, a few seconds.
func (c Config) simulatedClouds() (list []simulate.Cloud) {
	for _, cloud := range c.Clouds {
		ready := cloud.Ready / 2 // which is when a worker is given up
		if ready == 0 {
			ready = 5 * time.Second
		}
		list = append(list, simulate.Cloud{Cloud: cloud.Placement(), Ready: ready})
	}
	return list
}

// scans gives what is to be read of recorded weather; nil where none is asked for.
func (s *simulation) scans(ctx context.Context) ([]*event.Scan, error) {
	switch {
	case s.recorded != "" && s.from != "":
		return nil, usageError{fmt.Errorf("--recorded and --from are both there, want one")}
	case s.recorded != "":
		return scansOf(s.recorded)
	case s.from != "":
		return s.heard(ctx)
	default:
		return nil, nil
	}
}

// scansOf sums up the radar files of a folder. Those that cannot be read are told and left out.
func scansOf(dir string) (list []*event.Scan, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		scan, err := readScan(filepath.Join(dir, e.Name()))
		if err != nil {
			fmt.Fprintf(os.Stderr, "left out: %v\n", err)
			continue
		}
		m := &event.Scan{
			V: event.Version, ID: e.Name(), Radar: scan.Site.Name, Time: scan.Start, Key: e.Name(), Summary: summary.Of(scan),
			LatitudeDeg: scan.Site.LatitudeDeg, LongitudeDeg: scan.Site.LongitudeDeg,
		}
		for _, sweep := range scan.Sweeps {
			m.Elevations = append(m.Elevations, sweep.ElevationDeg)
			for _, moment := range sweep.Moments {
				m.RangeM = max(m.RangeM, moment.Gates.ReachM())
			}
		}
		list = append(list, m)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s holds no radar file that can be read", dir)
	}
	return list, nil
}

// heard reads the scans that a bowecho, running or not, has heard.
func (s *simulation) heard(ctx context.Context) (list []*event.Scan, err error) {
	from, err := time.Parse(time.RFC3339, s.from)
	if err != nil {
		return nil, usageError{fmt.Errorf("--from: %w", err)}
	}
	to := time.Now()
	if s.to != "" {
		if to, err = time.Parse(time.RFC3339, s.to); err != nil {
			return nil, usageError{fmt.Errorf("--to: %w", err)}
		}
	}
	cfg, err := loadConfig(s.config)
	if err != nil {
		return nil, err
	}
	if s.data != "" {
		cfg.Data = s.data
	}
	c, err := openAny(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer c.close()
	err = c.client.Each(ctx, stream.Scans, "", time.Time{}, func(m stream.Message) error {
		scan, err := event.Decode[event.Scan](m.Data)
		if err == nil && !scan.Time.Before(from) && !scan.Time.After(to) {
			list = append(list, scan)
		}
		return err
	})
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("no scan from %s to %s has been heard, or is still kept", s.from, s.to)
	}
	return list, err
}

func printResults(results []simulate.Result) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "weather\tseed\tpolicy\torders\tmissed %\tworker-s\t× bound\tcost\tpeak\tscalings\tdelay p50 s\tp99 s\t")
	for _, r := range results {
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%.3f\t%.0f\t%.2f\t%.2f\t%d\t%d\t%.1f\t%.1f\t\n", r.World, r.Seed, r.Policy, r.Orders, r.MissedPercent,
			r.WorkerSeconds, r.TimesBound(), r.Cost, r.PeakWorkers, r.Scalings, r.DelayP50, r.DelayP99)
	}
	return w.Flush()
}
