package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/source/folder"
	"bowecho/ingest/source/replay"
	"bowecho/ingest/source/simulated"
	"bowecho/internal/event"

	"github.com/spf13/cobra"
)

// runFlags is what `run` and `replay` share.
type runFlags struct {
	config, data, places, listen, report, out string
	untilIdle, quiet                          bool
	speed                                     float64
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

func runCommand() *cobra.Command {
	var f runFlags
	var from string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run everything in one process tree, with an embedded NATS server",
		Example: `  bowecho run                                   the simulated storm, at http://127.0.0.1:8080
  bowecho run --source folder:/data/incoming    files as they arrive
  bowecho run --source folder:DIR --until-idle --report report.json --out products`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), from)
		},
	}
	f.register(cmd)
	cmd.Flags().StringVar(&from, "source", "simulated", "simulated, folder:DIR or replay:DIR")
	cmd.Flags().Float64Var(&f.speed, "speed", 0, "how much faster than real time the simulated storm or a replay goes (default 6 and 1)")
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
			return f.run(cmd.Context(), "replay:"+args[0])
		},
	}
	f.register(cmd)
	cmd.Flags().Float64Var(&f.speed, "speed", 1, "how much faster than real time; 0: as fast as it goes")
	return cmd
}

func (f *runFlags) run(ctx context.Context, from string) (err error) {
	cfg, err := f.load()
	if err != nil {
		return err
	}
	src, err := f.source(from)
	if err != nil {
		return usageError{err}
	}
	if from == "simulated" && len(cfg.Alerts.Places) == 0 {
		cfg.Alerts.Places = demoPlaces
	}
	if f.data == "" && (f.untilIdle || from == "simulated") {
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
	if err := s.run(ctx, from, src, f.untilIdle); err != nil || f.report == "" {
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

// demoSpeed makes an hour of the simulated storm pass in ten minutes.
const demoSpeed = 6

func (f *runFlags) source(from string) (source.Source, error) {
	kind, dir, _ := strings.Cut(from, ":")
	switch kind {
	case "simulated":
		cfg := simulated.DefaultConfig()
		cfg.Start, cfg.Speed = time.Now().UTC().Truncate(time.Second), demoSpeed
		if f.speed > 0 {
			cfg.Speed = f.speed
		}
		return simulated.New(cfg)
	case "folder", "replay":
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("source %s: %q is not a directory", kind, dir)
		}
		if kind == "folder" {
			return folder.New(folder.Config{Dir: dir, Once: f.untilIdle}), nil
		}
		return replay.New(replay.Config{Dir: dir, Speed: f.speed}), nil
	default:
		return nil, fmt.Errorf("source %q is not known, want simulated, folder:DIR or replay:DIR", from)
	}
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
