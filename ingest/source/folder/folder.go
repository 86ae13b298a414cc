// Package folder takes files from a directory and those below it, as soon as each is whole. It serves local file
// systems: the kernel does not tell of what other machines write over NFS.
package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
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

// Run emits what is there, oldest data first, then what comes. With Once it ends when all that was there is whole and
// emitted.
func (f *Folder) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	dir, err := filepath.EvalSymlinks(f.cfg.Dir)
	if err != nil {
		return fmt.Errorf("watch %s: %w", f.cfg.Dir, err)
	}
	w, err := watch(dir) // before listing, so that nothing falls between the two
	if err != nil {
		return err
	}
	defer w.close()
	r := &run{watcher: w, emit: emit, pace: 1, unfinished: map[string]bool{}}
	if f.cfg.Once {
		r.pace = 0
	}
	if err := r.existing(ctx, dir); err != nil {
		return err
	}
	for !f.cfg.Once || len(r.unfinished) > 0 || len(w.queue) > 0 {
		if err := r.step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// run is what a source knows while it runs.
type run struct {
	*watcher
	emit       func(context.Context, source.File) error
	pace       float64
	unfinished map[string]bool // being written when they were looked at
	again      time.Time       // when those are looked at again; zero without any
	taken      recent
}

// lookAgain is how soon a file that is being written is looked at again. Its close is told, but the kernel tells it just
// before the writer counts as gone: who looks in that instant is told nothing more.
const lookAgain = 200 * time.Millisecond

// step waits for something to happen and does what it calls for.
func (r *run) step(ctx context.Context) error {
	happened, err := r.next(ctx, r.again)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("watch %s: %w", r.root, err)
	}
	switch happened.what {
	case rootGone:
		return fmt.Errorf("watch %s: the directory was moved or removed; put it back and start again", r.root)
	case due:
		return r.revisit(ctx)
	case missed: // of new directories, too
		return r.enter(ctx, r.root)
	case directory:
		return r.enter(ctx, happened.path)
	case gone:
		delete(r.unfinished, happened.path)
		return nil
	default:
		return r.take(ctx, happened.path)
	}
}

// revisit takes what was unfinished and now is whole.
func (r *run) revisit(ctx context.Context) error {
	r.again = time.Time{}
	for _, path := range slices.Sorted(maps.Keys(r.unfinished)) {
		if err := r.take(ctx, path); err != nil {
			return err
		}
	}
	return nil
}

// enter watches a directory and takes what is already in it.
func (r *run) enter(ctx context.Context, dir string) error {
	if err := r.add(dir); err != nil {
		return err
	}
	return r.existing(ctx, dir)
}

// existing takes the files that are there.
func (r *run) existing(ctx context.Context, dir string) error {
	files, err := source.List(ctx, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, file := range files {
		if writersOf(file.Path) == unknown {
			if err := settle(ctx, file); err != nil {
				return err
			}
		}
		if err := r.take(ctx, file.Path); err != nil {
			return err
		}
	}
	return nil
}

// take emits a file, unless it is gone again, or somebody writes it: then it is looked at again.
func (r *run) take(ctx context.Context, path string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	delete(r.unfinished, path)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	if writersOf(path) == some {
		r.unfinished[path] = true
		if r.again.IsZero() {
			r.again = time.Now().Add(lookAgain)
		}
		return nil
	}
	file := source.OnDisk(path, info, r.pace)
	if !r.taken.add(file.Identity) {
		return nil
	}
	return r.emit(ctx, file)
}
