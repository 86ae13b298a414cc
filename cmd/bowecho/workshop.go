package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"bowecho/ingest/source"
	"bowecho/ingest/source/bucket"
	"bowecho/ingest/source/folder"
	"bowecho/ingest/source/index"
	"bowecho/ingest/source/poll"
	"bowecho/ingest/source/push"
	"bowecho/ingest/source/replay"
	"bowecho/ingest/source/simulated"
	"bowecho/ingest/source/subject"
	"bowecho/internal/stream"
)

// workshop is what sources are made with.
type workshop struct {
	data   string // the data directory
	once   bool   // a folder is to end when all that is in it has been taken
	client *stream.Client
	log    *slog.Logger
}

// way is a source that is ready to run.
type way struct {
	name   string
	source source.Source
}

func (w workshop) build(configs []SourceConfig) (ways []way, err error) {
	for _, c := range configs {
		src, err := w.source(c)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", c.Name, err)
		}
		ways = append(ways, way{c.Name, source.Only(src, c.Patterns)})
	}
	return ways, nil
}

// source gives the source of a config that is valid.
func (w workshop) source(c SourceConfig) (source.Source, error) {
	log := w.log.With("stage", "ingest", "source", c.Name)
	switch {
	case c.Folder != nil && c.Folder.Poll > 0 && !w.once:
		return folder.NewPolled(folder.PollConfig{Dir: c.Folder.Dir, Poll: c.Folder.Poll}, log), nil
	case c.Folder != nil:
		return folder.New(folder.Config{Dir: c.Folder.Dir, Once: w.once}), nil
	case c.Push != nil:
		return push.New(*c.Push, filepath.Join(w.data, "push"), log)
	case c.Index != nil:
		return index.New(*c.Index, log)
	case c.Poll != nil:
		return poll.New(*c.Poll, log)
	case c.Bucket != nil:
		return bucket.New(*c.Bucket, w.client, log)
	case c.Subject != nil:
		return subject.New(*c.Subject, w.client, log)
	case c.Replay != nil:
		return replay.New(*c.Replay), nil
	default:
		return simulated.New(c.Simulated.storm())
	}
}

// demoSpeed makes an hour of the simulated storm pass in ten minutes.
const demoSpeed = 6

func (c SimulatedConfig) storm() simulated.Config {
	cfg := simulated.DefaultConfig()
	cfg.Start, cfg.Speed = time.Now().UTC().Truncate(time.Second), demoSpeed
	if c.Speed > 0 {
		cfg.Speed = c.Speed
	}
	return cfg
}
