package ingest

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"bowecho/ingest/level2"
	"bowecho/ingest/source"
	"bowecho/ingest/summary"
	"bowecho/internal/event"

	"golang.org/x/sync/errgroup"
)

// NotRead is a file of a folder of which no scan came, and why.
type NotRead struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// Recorded gives the scans of the radar files in a folder and those below it, as they would be announced, oldest first, without
// a server: the key is the file's name. The same scan in two files is there once. Files are decoded side by side, and
// told is called after each.
func Recorded(ctx context.Context, dir string, told func(done, files int)) (scans []event.Scan, not []NotRead, err error) {
	files, err := source.List(ctx, dir)
	if err != nil {
		return nil, nil, err
	}
	if len(files) == 0 {
		return nil, nil, fmt.Errorf("%s holds no files", dir)
	}
	var mu sync.Mutex
	done := 0
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, f := range files {
		group.Go(func() error {
			m, err := announcement(ctx, f.Path)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				not = append(not, NotRead{f.Path, err.Error()})
			default:
				scans = append(scans, m)
			}
			done++
			told(done, len(files))
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	slices.SortFunc(not, func(a, b NotRead) int { return cmp.Compare(a.File, b.File) })
	slices.SortFunc(scans, func(a, b event.Scan) int { return cmp.Or(a.End.Compare(b.End), cmp.Compare(a.File, b.File)) })
	scans = slices.CompactFunc(scans, func(a, b event.Scan) bool {
		return a.Radar == b.Radar && a.Time.Equal(b.Time) && a.End.Equal(b.End) && slices.Equal(a.Elevations, b.Elevations)
	})
	return scans, not, nil
}

// announcement gives the message of one file.
func announcement(ctx context.Context, path string) (m event.Scan, err error) {
	defer rescue(&err)
	switch {
	case source.Companion(path):
		return m, fmt.Errorf("not a radar file by its name")
	case level2.IsChunk(path):
		return m, fmt.Errorf("a part of a volume; `bowecho replay` puts them together")
	}
	f := source.File{Name: filepath.Base(path), Path: path}
	data, err := read(ctx, f)
	if err != nil {
		return m, err
	}
	scan, err := decode(f.Name, data)
	if err != nil {
		return m, err
	}
	m = *message(f, decoded{Scan: scan, summary: summary.Of(scan)}, path)
	m.V = event.Version
	scan.Release()
	return m, m.Validate()
}
