// Package lease lets workers of another machine work only as long as the dispatcher knows of them.
//
// The dispatcher writes down, for each job, whom it knows, when that changes and several times a lease. A worker begins
// when it is named. It stops when it is named no more, as when its machine was given up for lost and another took its
// place, or when nothing has been written for a whole lease. The order in hand is finished first.
//
// A worker first says of which release it is. The dispatcher names those of its own, and tells others why it does not.
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
	ErrUnnamed = errors.New("the dispatcher names this worker no more: another has taken its place")
	errSilent  = errors.New("the dispatcher has said nothing for a whole lease")
)

// Book is where it is written who may work.
type Book struct {
	bucket  jetstream.KeyValue
	reports jetstream.KeyValue // of workers: JOB.WORKER, and the release
	length  time.Duration
	line    string
}

// List is who of a job may work, and who not, with the reason.
type List struct {
	Workers []string          `json:"workers"`
	Refused map[string]string `json:"refused,omitempty"`
	Line    string            `json:"line,omitempty"` // the cloud whose limited bandwidth they share; empty: they share none
}

// Open gives the book of a system.
func Open(ctx context.Context, client *stream.Client) (*Book, error) {
	bucket, err := client.KeyValue(ctx, "leases")
	if err != nil {
		return nil, err
	}
	reports, err := client.KeyValue(ctx, "workers")
	if err != nil {
		return nil, err
	}
	return &Book{bucket, reports, Length, ""}, nil
}

// On gives the same book for workers who share the limited bandwidth of a cloud, and are told so.
func (b *Book) On(cloud string) *Book {
	on := *b
	on.line = cloud
	return &on
}

// Write names all workers of a job that may work. It is to be repeated at a third of Length.
func (b *Book) Write(ctx context.Context, job string, list List) error {
	list.Line = b.line
	data, err := json.Marshal(list)
	if err == nil {
		_, err = b.bucket.Put(ctx, job, data)
	}
	if err != nil {
		return fmt.Errorf("renew the leases of %s: %w", job, err)
	}
	return nil
}

// Hold says that a worker of a job is there, of a release. It returns when the worker is named, with a context that ends
// when it is so no more, and what it was named with. To stop listening, cancel what was passed.
func (b *Book) Hold(ctx context.Context, job, worker, release string) (context.Context, List, error) {
	if _, err := b.reports.PutString(ctx, job+"."+worker, release); err != nil {
		return nil, List{}, fmt.Errorf("report worker %s of %s: %w", worker, job, err)
	}
	watcher, err := b.bucket.Watch(ctx, job)
	if err != nil {
		return nil, List{}, fmt.Errorf("watch the leases of %s: %w", job, err)
	}
	list, err := awaitName(ctx, watcher, worker)
	if err != nil {
		return nil, List{}, errors.Join(err, watcher.Stop())
	}
	held, end := context.WithCancelCause(ctx)
	go func() { end(errors.Join(b.keep(ctx, watcher, worker), watcher.Stop())) }()
	return held, list, nil
}

// awaitName returns when the worker is named for the first time, or is refused.
func awaitName(ctx context.Context, watcher jetstream.KeyWatcher, worker string) (List, error) {
	give := time.NewTimer(first)
	defer give.Stop()
	for {
		select {
		case <-ctx.Done():
			return List{}, ctx.Err()
		case <-give.C:
			return List{}, fmt.Errorf("no dispatcher has named worker %s in %v", worker, first)
		case entry := <-watcher.Updates():
			list := read(entry)
			if slices.Contains(list.Workers, worker) {
				return list, nil
			}
			if why, refused := list.Refused[worker]; refused {
				return List{}, fmt.Errorf("the dispatcher refuses this worker: %s", why)
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
			if !slices.Contains(read(entry).Workers, worker) {
				return ErrUnnamed
			}
			silent.Reset(b.length)
		}
	}
}

// read gives what an entry says; nothing for none, which marks the end of what was there.
func read(entry jetstream.KeyValueEntry) (list List) {
	if entry == nil || json.Unmarshal(entry.Value(), &list) != nil {
		return List{}
	}
	return list
}
