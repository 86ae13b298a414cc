package ingest

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"bowecho/ingest/level2"
	"bowecho/ingest/source"
	"bowecho/ingest/summary"
	"bowecho/ingest/warning"
	"bowecho/internal/event"

	"golang.org/x/sync/errgroup"
)

// Recording is what the files of a folder would announce.
type Recording struct {
	Scans    []event.Scan    // oldest first; the key is the file's name
	Warnings []event.Warning // in the order in which they were made; the feed is the name of the folder that holds the file
	Not      []NotRead       // by file
}

// NotRead is a file of a folder of which nothing came, and why.
type NotRead struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// Recorded gives what the radar files and warnings in a folder and those below it would announce, without a server. The same
// scan in two files is there once. Files are decoded side by side, and told is called after each.
func Recorded(ctx context.Context, dir string, told func(done, files int)) (r Recording, err error) {
	files, err := source.List(ctx, dir)
	if err != nil {
		return r, err
	}
	if len(files) == 0 {
		return r, fmt.Errorf("%s holds no files", dir)
	}
	var mu sync.Mutex
	done, bulletins := 0, []recordedBulletin{}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, f := range files {
		group.Go(func() error {
			m, b, err := announcement(ctx, f.Path)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				r.Not = append(r.Not, NotRead{f.Path, err.Error()})
			case b != nil:
				bulletins = append(bulletins, recordedBulletin{f.Path, b, madeAt(b)})
			default:
				r.Scans = append(r.Scans, m)
			}
			done++
			told(done, len(files))
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return r, err
	}
	slices.SortFunc(r.Not, func(a, b NotRead) int { return cmp.Compare(a.File, b.File) })
	slices.SortFunc(r.Scans, func(a, b event.Scan) int { return cmp.Or(a.End.Compare(b.End), cmp.Compare(a.File, b.File)) })
	r.Scans = slices.CompactFunc(r.Scans, func(a, b event.Scan) bool {
		return a.Radar == b.Radar && a.Time.Equal(b.Time) && a.End.Equal(b.End) && slices.Equal(a.Elevations, b.Elevations)
	})
	r.Warnings = heardInTurn(bulletins)
	return r, nil
}

// recordedBulletin is a file of warnings.
type recordedBulletin struct {
	path string
	*warning.Bulletin
	made time.Time
}

// madeAt gives when a bulletin was made: its newest message, where it does not say so.
func madeAt(b *warning.Bulletin) (at time.Time) {
	for _, w := range b.Warnings {
		if w.Sent.After(at) {
			at = w.Sent
		}
	}
	return cmp.Or(b.Updated, at).UTC()
}

// heardInTurn gives what bulletins announce, each heard when it was made.
func heardInTurn(bulletins []recordedBulletin) (list []event.Warning) {
	slices.SortFunc(bulletins, func(a, b recordedBulletin) int { return cmp.Or(a.made.Compare(b.made), cmp.Compare(a.path, b.path)) })
	f := newFeeds(nil)
	for _, b := range bulletins {
		feed := filepath.Base(filepath.Dir(b.path))
		for _, w := range f.news(feed, source.File{Name: filepath.Base(b.path), Seen: b.made}, b.Bulletin) {
			w.V = event.Version
			f.keep(&w)
			list = append(list, w)
		}
	}
	return list
}

// announcement gives the message of one file, or the warnings in it.
func announcement(ctx context.Context, path string) (m event.Scan, b *warning.Bulletin, err error) {
	defer rescue(&err)
	switch {
	case source.Companion(path):
		return m, nil, fmt.Errorf("not a radar file by its name")
	case level2.IsChunk(path):
		return m, nil, fmt.Errorf("a part of a volume; `bowecho replay` puts them together")
	}
	f := source.File{Name: filepath.Base(path), Path: path}
	data, err := read(ctx, f)
	if err != nil {
		return m, nil, err
	}
	if warning.Is(head(data)) {
		b, err = DecodeWarnings(f.Name, data)
		return m, b, err
	}
	scan, err := decode(f.Name, data)
	if err != nil {
		return m, nil, err
	}
	m = *message(f, decoded{Scan: scan, summary: summary.Of(scan)}, path)
	m.V = event.Version
	scan.Release()
	return m, nil, m.Validate()
}
