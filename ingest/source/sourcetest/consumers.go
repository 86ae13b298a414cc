package sourcetest

import (
	"context"
	"errors"

	"bowecho/ingest/source"
	"bowecho/internal/stream"
)

// FromFiles gives a source that reads the stream FILES, and removes its consumers when it has ended: the server in the
// test keeps goroutines for them.
func FromFiles(client *stream.Client, from source.Source) source.Source {
	return fromFiles{from, client}
}

type fromFiles struct {
	source.Source
	client *stream.Client
}

func (f fromFiles) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	err := f.Source.Run(ctx, emit)
	ctx = context.WithoutCancel(ctx)
	files, broken := f.client.JS.Stream(ctx, stream.Files)
	if broken != nil {
		return errors.Join(err, broken)
	}
	names := files.ConsumerNames(ctx)
	for name := range names.Name() {
		err = errors.Join(err, files.DeleteConsumer(ctx, name))
	}
	return errors.Join(err, names.Err())
}
