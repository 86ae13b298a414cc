package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"
)

// Listed is a file of a directory and when its data are from: by its name, else by when it was written.
type Listed struct {
	Path    string
	Info    fs.FileInfo
	Time    time.Time
	Stamped bool // the time is that of its name
}

// List gives all files below a directory, oldest data first. What vanishes meanwhile is left out.
func List(ctx context.Context, dir string) ([]Listed, error) {
	var files []Listed
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if path != dir && errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		if path != dir && Ignored(entry.Name()) {
			if entry.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		f := Listed{Path: path, Info: info, Time: info.ModTime()}
		if t, found := TimeInName(entry.Name()); found {
			f.Time, f.Stamped = t, true
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	slices.SortStableFunc(files, func(a, b Listed) int { return a.Time.Compare(b.Time) })
	return files, nil
}
