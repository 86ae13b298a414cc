// Package replay feeds recorded files at the pace at which they once came, or faster.
package replay

import (
	"context"
	"time"

	"bowecho/ingest/source"
)

// Config says what and how fast.
type Config struct {
	Dir   string
	Speed float64 // how much faster than real time; 0: as fast as it goes
}

// Replay is a source that ends with the last file.
type Replay struct{ cfg Config }

// New gives a source that has not started anything.
func New(cfg Config) *Replay { return &Replay{cfg} }

// Run emits each file when its time comes. Files whose name tells no time come first: they cannot be paced, and are
// not to be lost.
func (r *Replay) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	files, err := source.List(ctx, r.cfg.Dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Stamped {
			continue
		}
		if err := emit(ctx, source.OnDisk(f.Path, f.Info, r.cfg.Speed)); err != nil {
			return err
		}
	}
	var first time.Time
	start := time.Now() // every file is due at a time from here, so that delays do not add up
	for _, f := range files {
		if !f.Stamped {
			continue
		}
		if first.IsZero() {
			first = f.Time
		}
		if r.cfg.Speed > 0 {
			due := start.Add(time.Duration(float64(f.Time.Sub(first)) / r.cfg.Speed))
			if err := sleepUntil(ctx, due); err != nil {
				return err
			}
		}
		if err := emit(ctx, source.OnDisk(f.Path, f.Info, r.cfg.Speed)); err != nil {
			return err
		}
	}
	return nil
}

func sleepUntil(ctx context.Context, due time.Time) error {
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
