package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"bowecho/internal/event"

	"github.com/spf13/cobra"
)

// runFlags is what `run` and `replay` share.
type runFlags struct {
	config, data, places, listen, report, out string
	untilIdle, quiet                          bool
	speed                                     float64
	from                                      string   // a source in its short form
	live                                      []string // radars
}

func (f *runFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.config, "config", "c", "", "YAML file; without one the defaults serve")
	flags.StringVar(&f.data, "data", "", "directory that keeps everything (default: the config's; for the simulated storm and with --until-idle a fresh one that is removed)")
	flags.StringVar(&f.places, "places", "", "YAML file with more places to watch")
	flags.StringVar(&f.listen, "listen", "", "address of the portal, like 127.0.0.1:8080; \"none\" for no portal")
	flags.StringVar(&f.report, "report", "", "write what was done to this JSON file at the end")
	flags.StringVar(&f.out, "out", "", "write every product below this directory")
	flags.BoolVar(&f.untilIdle, "until-idle", false, "end when the source has ended and all that follows is done")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "log warnings and errors only")
}

// registerSources is for commands that take files from anywhere.
func (f *runFlags) registerSources(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.from, "source", "", "instead of the config's sources: "+shortForms+" (default, without any in the config: simulated)")
	flags.StringSliceVar(&f.live, "live", nil, "NEXRAD radars, like KFWS, as they measure: from NOAA's public bucket; without a config, on a domain around each")
	flags.Float64Var(&f.speed, "speed", 0, "how much faster than real time the simulated storm or a replay goes (default 6 and 1)")
}

func runCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run everything in one process tree, with an embedded NATS server",
		Example: `  bowecho run                                   the simulated storm, at http://127.0.0.1:8080
  bowecho run --live KFWS                       a NEXRAD radar as it measures
  bowecho run --source folder:/data/incoming    files as they arrive
  bowecho run -c bowecho.yaml                   all that ingest.sources names
  bowecho run --source folder:DIR --until-idle --report report.json --out products`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context())
		},
	}
	f.register(cmd)
	f.registerSources(cmd)
	return cmd
}

func replayCommand() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:     "replay DIR",
		Short:   "Feed recorded files at their true pace, or faster, and run everything on them",
		Example: "  bowecho replay recordings/2017-03-29 --speed 10 --places places.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.from = "replay:" + args[0]
			return f.run(cmd.Context())
		},
	}
	f.register(cmd)
	cmd.Flags().Float64Var(&f.speed, "speed", 1, "how much faster than real time; 0: as fast as it goes")
	return cmd
}

func (f *runFlags) run(ctx context.Context) (err error) {
	cfg, err := f.load()
	if err != nil {
		return err
	}
	sources, err := f.wanted(cfg)
	if err != nil {
		return err
	}
	if len(f.live) > 0 && f.config == "" {
		if cfg.Domains, err = liveDomains(f.live); err != nil {
			return usageError{err}
		}
	}
	demo := len(sources) == 1 && sources[0].Simulated != nil
	if demo && len(cfg.Alerts.Places) == 0 {
		cfg.Alerts.Places = demoPlaces
	}
	if f.data == "" && (f.untilIdle || demo) {
		dir, err := os.MkdirTemp("", "bowecho-")
		if err != nil {
			return fmt.Errorf("make a data directory: %w", err)
		}
		defer os.RemoveAll(dir)
		cfg.Data = dir
	}
	withPortal := f.listen != "none" && (!f.untilIdle || f.listen != "")
	s, err := newSystem(ctx, cfg, f.out, withPortal, newLogger(f.quiet))
	if err != nil {
		return err
	}
	defer s.close()
	s.configFile = f.config
	ways, err := workshop{cfg.Data, f.untilIdle, s.client, s.log}.build(sources)
	if err != nil {
		return err
	}
	if err := s.run(ctx, ways, f.untilIdle); err != nil || f.report == "" {
		return err
	}
	return s.report(context.WithoutCancel(ctx), f.report)
}

// demoPlaces lie in the way of the simulated storm, so that somebody is told; the last is where no radar sees.
var demoPlaces = []event.Place{
	demoPlace("Fort Worth", -97.33, 32.75, 5, 45), demoPlace("Downtown Dallas", -96.80, 32.78, 8, 45),
	demoPlace("Waxahachie", -96.85, 32.39, 8, 30), demoPlace("Tyler (no radar)", -95.90, 32.35, 8, 30),
}

func demoPlace(name string, lon, lat, withinKM, dBZ float64) event.Place {
	hazard := event.Hazard{Product: "reflectivity", AtLeast: dBZ, Units: "dBZ"}
	return event.Place{Name: name, At: [2]float64{lon, lat}, WithinKM: withinKM, Hazards: []event.Hazard{hazard}}
}

func (f *runFlags) load() (Config, error) {
	cfg, err := loadConfig(f.config)
	if err != nil {
		return cfg, err
	}
	if f.data != "" {
		cfg.Data = f.data
	}
	if f.listen != "" && f.listen != "none" {
		cfg.Portal.Listen = f.listen
	}
	if f.places != "" {
		err = cfg.addPlaces(f.places)
	}
	return cfg, err
}

// wanted gives the sources to run: those of the command line, else the config's, else the simulated storm.
func (f *runFlags) wanted(cfg Config) (sources []SourceConfig, err error) {
	switch {
	case f.from != "" && len(f.live) > 0:
		return nil, usageError{errors.New("--source and --live are both given, want one")}
	case len(f.live) > 0:
		sources = []SourceConfig{liveSource(f.live)}
	case f.from == "" && len(cfg.Ingest.Sources) > 0:
		return cfg.Ingest.Sources, nil
	default:
		one, err := parseSource(cmp.Or(f.from, "simulated"), f.speed)
		if err != nil {
			return nil, usageError{err}
		}
		sources = []SourceConfig{one}
	}
	if err := sources[0].Validate(); err != nil {
		return nil, usageError{err}
	}
	return sources, nil
}

func writeJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", filepath.Base(path), err)
	}
	if path == "-" {
		_, err = os.Stdout.Write(append(data, '\n'))
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// readJSON reads what writeJSON wrote.
func readJSON[T any](path string) (*T, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	v := new(T)
	if err := json.Unmarshal(data, v); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	return v, nil
}
