package lease

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Report is what a worker said when it began.
type Report struct {
	Job, Worker, Release string
	Time                 time.Time
}

// Follow hands over the reports of all workers, also those from before, until ctx ends. Known is called once, when those
// from before have been handed over.
func (b *Book) Follow(ctx context.Context, take func(Report), known func()) error {
	watcher, err := b.reports.WatchAll(ctx, jetstream.IgnoreDeletes())
	if err != nil {
		return fmt.Errorf("watch the reports of workers: %w", err)
	}
	for {
		select {
		case <-ctx.Done():
			_ = watcher.Stop() // which ctx has done already
			return nil
		case entry := <-watcher.Updates():
			if entry == nil {
				known()
				continue
			}
			job, worker, _ := strings.Cut(entry.Key(), ".")
			take(Report{job, worker, string(entry.Value()), entry.Created()})
		}
	}
}

// Forget removes the report of a worker that has ended.
func (b *Book) Forget(ctx context.Context, job, worker string) error {
	if err := b.reports.Purge(ctx, job+"."+worker); err != nil {
		return fmt.Errorf("forget worker %s of %s: %w", worker, job, err)
	}
	return nil
}
