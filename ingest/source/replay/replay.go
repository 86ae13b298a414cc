// Package replay feeds recorded files at the pace at which they once came, or faster.
package replay

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"bowecho/ingest/source"
)

// Config says what and how fast.
type Config struct {
	Dir   string  `yaml:"dir"`
	Speed float64 `yaml:"speed"` // how much faster than real time; 0: as fast as it goes
}

// Replay is a source that ends with the last file.
type Replay struct{ cfg Config }

// New gives a source that has not started anything.
func New(cfg Config) *Replay { return &Replay{cfg} }

// Run emits each file when its time comes. Files whose name tells no time come first: they cannot be paced, and are
// not to be lost.
func (r *Replay) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	if !(r.cfg.Speed >= 0) {
		return fmt.Errorf("replay %s at speed %g, want 0 or more", r.cfg.Dir, r.cfg.Speed)
	}
	dir, err := filepath.EvalSymlinks(r.cfg.Dir)
	if err != nil {
		return fmt.Errorf("replay %s: %w", r.cfg.Dir, err)
	}
	files, err := source.List(ctx, dir)
	if err != nil {
		return err
	}
	slices.SortStableFunc(files, unstampedFirst)
	var start, first time.Time // every file is due at a time from the start, so that delays do not add up
	for _, f := range files {
		if f.Stamped && first.IsZero() {
			start, first = time.Now(), f.Time
		}
		due := start
		if f.Stamped && r.cfg.Speed > 0 {
			due = start.Add(time.Duration(f.Time.Sub(first).Seconds() / r.cfg.Speed * float64(time.Second)))
		}
		if err := source.Wait(ctx, due); err != nil {
			return err
		}
		if err := emit(ctx, source.OnDisk(f.Path, f.Info, r.cfg.Speed)); err != nil {
			return err
		}
	}
	return nil
}

func unstampedFirst(a, b source.Listed) int {
	switch {
	case a.Stamped == b.Stamped:
		return 0
	case b.Stamped:
		return -1
	default:
		return 1
	}
}
