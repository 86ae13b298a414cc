package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"bowecho/ingest/source"
	"bowecho/internal/stream"
)

// fetchAttempts is how often bytes are asked for, within about five seconds, before the source is told to hand the file
// over again later: one file that cannot be had must not hold up all others.
const fetchAttempts = 5

// read gives a file's bytes. A disk is asked again, too: it may be a server's, or have been busy.
func read(ctx context.Context, f source.File) ([]byte, error) {
	switch {
	case f.Open != nil:
		return fetch(ctx, f.Name, f.Open)
	case f.Path == "":
		return f.Data, nil
	}
	return fetch(ctx, f.Name, func(context.Context) (io.ReadCloser, error) { return openAt(f.Path) })
}

// openAt opens a file on a disk. One that is gone or not for us will not be there the next moment.
func openAt(path string) (io.ReadCloser, error) {
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return nil, stream.Permanent(err)
	case err != nil:
		return nil, err
	}
	return file, nil
}

// fetch reads a file, from its start again when it was cut.
func fetch(ctx context.Context, name string, open source.Open) (data []byte, err error) {
	for attempt := 1; ; attempt++ {
		data, err = fetchOnce(ctx, name, open)
		if err == nil || stream.IsPermanent(err) || attempt == fetchAttempts {
			return data, err
		}
		if err := source.Wait(ctx, time.Now().Add(source.Backoff(attempt))); err != nil {
			return nil, err
		}
	}
}

func fetchOnce(ctx context.Context, name string, open source.Open) ([]byte, error) {
	body, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, source.MaxBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", name, err)
	case len(data) > source.MaxBytes:
		return nil, stream.Permanent(fmt.Errorf("%s: more than %d MiB, which no radar file is", name, source.MaxBytes>>20))
	}
	return data, nil
}
