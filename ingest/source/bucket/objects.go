package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"bowecho/ingest/source"
	"bowecho/internal/stream"

	"github.com/minio/minio-go/v7"
)

// lister lists what lies below a prefix and after a key: all objects, or with flat what lies directly there.
type lister func(ctx context.Context, prefix, after string, flat bool) ([]minio.ObjectInfo, error)

func (b *Bucket) list(ctx context.Context, prefix, after string, flat bool) (objects []minio.ObjectInfo, err error) {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	defer cancel()
	options := minio.ListObjectsOptions{Prefix: prefix, StartAfter: after, Recursive: !flat}
	for o := range b.core.ListObjectsIter(ctx, b.cfg.Bucket, options) {
		if o.Err != nil {
			return nil, fmt.Errorf("list %s/%s: %w", b.cfg.Bucket, prefix, o.Err)
		}
		objects = append(objects, o)
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("list %s/%s: %w", b.cfg.Bucket, prefix, ctx.Err())
	}
	return objects, nil
}

// How long a listing, and an object, may take.
const (
	listTime  = 2 * time.Minute
	fetchTime = 5 * time.Minute
)

// wanted tells whether a key is one of radar data.
func (b *Bucket) wanted(key string) bool {
	return !strings.HasSuffix(key, "/") && !source.Ignored(path.Base(key)) && (b.skip == nil || !b.skip.MatchString(key))
}

// offer emits an object, unless it has been emitted.
func (b *Bucket) offer(ctx context.Context, o minio.ObjectInfo, emit func(context.Context, source.File) error) error {
	id := b.identity(o)
	if ctx.Err() != nil || !b.wanted(o.Key) || !b.offered.Add(id) {
		return ctx.Err()
	}
	b.mu.Lock()
	b.open[id] = o
	b.mu.Unlock()
	return b.emit(ctx, b.file(o), emit)
}

func (b *Bucket) file(o minio.ObjectInfo) source.File {
	id := b.identity(o)
	settled := b.offered.Outcome(id)
	return source.File{
		Name: o.Key, Open: b.opener(o), Seen: time.Now(), Pace: 1, Identity: id, Done: func(outcome error) {
			if source.Taken(outcome) {
				b.mu.Lock()
				delete(b.open, id)
				b.mu.Unlock()
			}
			settled(outcome)
		},
	}
}

// emit lets the looks and the events emit one at a time.
func (b *Bucket) emit(ctx context.Context, f source.File, emit func(context.Context, source.File) error) error {
	b.emitting.Lock()
	defer b.emitting.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return emit(ctx, f)
}

func (b *Bucket) opener(o minio.ObjectInfo) source.Open {
	return func(ctx context.Context) (io.ReadCloser, error) {
		if o.Size > source.MaxBytes {
			return nil, stream.Permanent(fmt.Errorf("%s: %d bytes are more than %d MiB, which no radar file is", o.Key, o.Size, source.MaxBytes>>20))
		}
		ctx, cancel := context.WithTimeout(ctx, fetchTime)
		body, _, _, err := b.core.GetObject(ctx, b.cfg.Bucket, o.Key, minio.GetObjectOptions{})
		if err != nil {
			cancel()
			err = fmt.Errorf("fetch %s: %w", o.Key, err)
			var answer minio.ErrorResponse
			if errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound {
				err = stream.Permanent(err)
			}
			return nil, err
		}
		return &limited{body, cancel}, nil
	}
}

// limited is a body that must have come when its time is up.
type limited struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (l *limited) Close() error {
	defer l.cancel()
	return l.ReadCloser.Close()
}
