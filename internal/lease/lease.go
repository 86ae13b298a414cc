// Package lease lets workers of another machine work only as long as the dispatcher knows of them.
//
// The dispatcher writes down, for each job, whom it knows, when that changes and several times a lease. A worker begins
// when it is named. It stops when it is named no more, as when its machine was given up for lost and another took its
// place, or when nothing has been written for a whole lease. The order in hand is finished first.
package lease

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// Length is how long a worker goes on without hearing that it is known.
const Length = 15 * time.Second

// first is how long a worker waits to be named at all: as long as a dispatcher may be away and still be waited for.
const first = 10 * time.Minute

// The reasons why a worker stops; context.Cause gives them.
var (
	errUnnamed = errors.New("the dispatcher names this worker no more: another has taken its place")
	errSilent  = errors.New("the dispatcher has said nothing for a whole lease")
)

// Book is where it is written who may work.
type Book struct {
	bucket jetstream.KeyValue
	length time.Duration
}

// Open gives the book of a system.
func Open(ctx context.Context, client *stream.Client) (*Book, error) {
	bucket, err := client.KeyValue(ctx, "leases")
	if err != nil {
		return nil, err
	}
	return &Book{bucket, Length}, nil
}

// Write names all workers of a job that may work. It is to be repeated at a third of Length.
func (b *Book) Write(ctx context.Context, job string, workers []string) error {
	data, err := json.Marshal(workers)
	if err == nil {
		_, err = b.bucket.Put(ctx, job, data)
	}
	if err != nil {
		return fmt.Errorf("renew the leases of %s: %w", job, err)
	}
	return nil
}

// Hold returns when a worker of a job is named, with a context that ends when it is so no more. To stop listening,
// cancel what was passed.
func (b *Book) Hold(ctx context.Context, job, worker string) (context.Context, error) {
	watcher, err := b.bucket.Watch(ctx, job)
	if err != nil {
		return nil, fmt.Errorf("watch the leases of %s: %w", job, err)
	}
	if err := awaitName(ctx, watcher, worker); err != nil {
		return nil, errors.Join(err, watcher.Stop())
	}
	held, end := context.WithCancelCause(ctx)
	go func() { end(errors.Join(b.keep(ctx, watcher, worker), watcher.Stop())) }()
	return held, nil
}

// awaitName returns when the worker is named for the first time.
func awaitName(ctx context.Context, watcher jetstream.KeyWatcher, worker string) error {
	give := time.NewTimer(first)
	defer give.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-give.C:
			return fmt.Errorf("no dispatcher has named worker %s in %v", worker, first)
		case entry := <-watcher.Updates():
			if names(entry, worker) {
				return nil
			}
		}
	}
}

// keep returns when the worker may work no more, with the reason.
func (b *Book) keep(ctx context.Context, watcher jetstream.KeyWatcher, worker string) error {
	silent := time.NewTimer(b.length)
	defer silent.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-silent.C:
			return errSilent
		case entry := <-watcher.Updates():
			if entry == nil { // all that was there has been told
				continue
			}
			if !names(entry, worker) {
				return errUnnamed
			}
			silent.Reset(b.length)
		}
	}
}

// names tells whether an entry names a worker. None is also what marks the end of what was there.
func names(entry jetstream.KeyValueEntry, worker string) bool {
	var workers []string
	return entry != nil && json.Unmarshal(entry.Value(), &workers) == nil && slices.Contains(workers, worker)
}
