package folder

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"bowecho/ingest/source"
)

// PollConfig says where to look, and how often.
type PollConfig struct {
	Dir  string
	Poll time.Duration
}

// Polled is a source for directories on file systems that other machines write, as over NFS, of which the kernel does not
// tell. A file counts when its size and time of change were the same at two looks.
type Polled struct {
	cfg   PollConfig
	line  source.Line
	last  map[string]string // the identity of each file at the last look, by path
	taken map[string]string // of each that was emitted
}

// NewPolled gives a source that has not started anything.
func NewPolled(cfg PollConfig, log *slog.Logger) *Polled {
	return &Polled{cfg: cfg, line: source.Line{Log: log, To: cfg.Dir}, last: map[string]string{}, taken: map[string]string{}}
}

// Line gives the line to the directory.
func (p *Polled) Line() *source.Line { return &p.line }

// Run looks until ctx ends. A directory that cannot be read, as when its server is away, is looked at until it can.
func (p *Polled) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	for ctx.Err() == nil {
		next := time.Now().Add(p.cfg.Poll)
		files, err := p.look(ctx)
		if err != nil {
			if err := p.line.Down(ctx, err); err != nil {
				return err
			}
			continue
		}
		p.line.Up(ctx)
		for _, f := range files {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := emit(ctx, f); err != nil {
				return err
			}
			p.taken[f.Path] = f.Identity
		}
		if err := source.Wait(ctx, next); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// look gives the files that stood still since the last look and have not been emitted so, oldest data first.
func (p *Polled) look(ctx context.Context) (whole []source.File, err error) {
	dir, err := filepath.EvalSymlinks(p.cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("look at %s: %w", p.cfg.Dir, err)
	}
	files, err := source.List(ctx, dir)
	if err != nil {
		return nil, err
	}
	now, taken := make(map[string]string, len(files)), make(map[string]string, len(p.taken))
	for _, listed := range files {
		f := source.OnDisk(listed.Path, listed.Info, 1)
		now[f.Path] = f.Identity
		if before, was := p.taken[f.Path]; was {
			taken[f.Path] = before
		}
		if p.last[f.Path] == f.Identity && p.taken[f.Path] != f.Identity {
			whole = append(whole, f)
		}
	}
	p.last, p.taken = now, taken // what is gone is forgotten
	return whole, nil
}
