package ingest

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"bowecho/ingest/source"
	"bowecho/internal/stream"
)

// fetchAttempts is how often bytes that lie elsewhere are asked for, within about five seconds, before the source is told
// to hand the file over again later: one file that cannot be had must not hold up all others.
const fetchAttempts = 5

// read gives a file's bytes.
func read(ctx context.Context, f source.File) ([]byte, error) {
	switch {
	case f.Open != nil:
		return fetch(ctx, f)
	case f.Path == "":
		return f.Data, nil
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readAll(f.Name, file)
}

func readAll(name string, from io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(from, source.MaxBytes+1))
	if err == nil && len(data) > source.MaxBytes {
		return nil, stream.Permanent(fmt.Errorf("%s: more than %d MiB, which no radar file is", name, source.MaxBytes>>20))
	}
	return data, err
}

// fetch reads a file from elsewhere, from its start again when it was cut.
func fetch(ctx context.Context, f source.File) (data []byte, err error) {
	for attempt := 1; ; attempt++ {
		data, err = fetchOnce(ctx, f)
		if err == nil || stream.IsPermanent(err) || attempt == fetchAttempts {
			return data, err
		}
		if err := source.Wait(ctx, time.Now().Add(source.Backoff(attempt))); err != nil {
			return nil, err
		}
	}
}

func fetchOnce(ctx context.Context, f source.File) ([]byte, error) {
	body, err := f.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	data, err := readAll(f.Name, body)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", f.Name, err)
	}
	return data, nil
}
