// Package folder takes files from a directory and those below it, as soon as each is whole.
package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"bowecho/ingest/source"
)

// Config says where.
type Config struct {
	Dir  string
	Once bool // take what is there, then end
}

// Folder is a source. A file counts when it is closed after writing or moved in.
type Folder struct{ cfg Config }

// New gives a source that has not started anything.
func New(cfg Config) *Folder { return &Folder{cfg} }

// settled is how long a file that was there at the start must have been left alone to count as whole. One that is
// still being written is closed at some time, and counts then.
const settled = 2 * time.Second

// Run emits what is there, oldest data first, then what comes.
func (f *Folder) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	if f.cfg.Once {
		return f.existing(ctx, emit, 0)
	}
	w, err := watch(f.cfg.Dir) // before listing, so that nothing falls between the two
	if err != nil {
		return err
	}
	defer w.close()
	if err := f.existing(ctx, emit, settled); err != nil {
		return err
	}
	return f.follow(ctx, w, emit)
}

func (f *Folder) pace() float64 {
	if f.cfg.Once {
		return 0
	}
	return 1
}

// existing emits the files that are there and have been left alone for a while.
func (f *Folder) existing(ctx context.Context, emit func(context.Context, source.File) error, alone time.Duration) error {
	files, err := source.List(ctx, f.cfg.Dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		if time.Since(file.Info.ModTime()) < alone && writing(file.Path) {
			continue // its close is still to come, and is watched for
		}
		if err := emit(ctx, source.OnDisk(file.Path, file.Info, f.pace())); err != nil {
			return err
		}
	}
	return nil
}

// follow emits files as they become whole. New directories are watched, and what is already in them is taken.
func (f *Folder) follow(ctx context.Context, w *watcher, emit func(context.Context, source.File) error) error {
	for {
		happened, err := w.next(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return fmt.Errorf("watch %s: %w", f.cfg.Dir, err)
		case happened.missed:
			err = f.existing(ctx, emit, settled)
		case happened.directory:
			if err = w.add(happened.path); err == nil {
				err = (&Folder{Config{Dir: happened.path}}).existing(ctx, emit, settled)
			}
		default:
			err = f.take(ctx, happened.path, emit)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
}

func (f *Folder) take(ctx context.Context, path string, emit func(context.Context, source.File) error) error {
	if source.Ignored(filepath.Base(path)) {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	return emit(ctx, source.OnDisk(path, info, f.pace()))
}
