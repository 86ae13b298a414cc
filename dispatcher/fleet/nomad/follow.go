package nomad

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"bowecho/internal/lease"
	"bowecho/internal/release"

	"github.com/hashicorp/nomad/api"
	"golang.org/x/sync/errgroup"
)

// A query waits so long for news; a server that says nothing for longer is away.
const (
	newsWithin = 10 * time.Second
	awayAfter  = newsWithin + newsWithin/16 + 5*time.Second // the server adds up to a sixteenth
	askAgain   = time.Second
)

// follow asks again and again for what is newer than the last answer, until ctx ends. An answer that fails is noted.
func follow[T any](ctx context.Context, f *Fleet, what string, ask func(*api.QueryOptions) (T, *api.QueryMeta, error), take func(T)) {
	for index := uint64(0); ctx.Err() == nil; {
		limited, cancel := context.WithTimeout(ctx, awayAfter)
		answer, meta, err := ask((&api.QueryOptions{WaitIndex: index, WaitTime: newsWithin}).WithContext(limited))
		cancel()
		if ctx.Err() != nil {
			return
		}
		f.note(what, err)
		if err != nil {
			index = 0 // a server that was away may have been restored from a backup
			sleep(ctx, askAgain)
			continue
		}
		take(answer)
		if meta.LastIndex < index {
			index = 0
			continue
		}
		index = max(meta.LastIndex, 1) // 0 would not wait
	}
}

// note remembers whether a query was answered, and tells when the first is not, and when all are again.
func (f *Fleet) note(what string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.away)
	if err == nil {
		delete(f.away, what)
	} else {
		f.away[what] = err
	}
	switch {
	case before == 0 && err != nil:
		f.log.Warn("Nomad does not answer; its workers go on", "what", what, "err", err)
	case before > 0 && len(f.away) == 0:
		f.log.Info("Nomad answers again")
	}
}

// discover finds the jobs of this cloud, also those that an earlier dispatcher left, and follows each.
func (f *Fleet) discover(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	ask := func(q *api.QueryOptions) ([]*api.JobListStub, *api.QueryMeta, error) {
		q.Prefix = f.prefix
		return f.client.Jobs().List(q)
	}
	follow(ctx, f, "the jobs", ask, func(jobs []*api.JobListStub) {
		for _, job := range jobs {
			if chain := strings.TrimPrefix(job.ID, f.prefix); chainName.MatchString(chain) && f.begin(chain) {
				group.Go(func() error { f.followAllocations(ctx, chain); return nil })
				group.Go(func() error { f.followEvaluations(ctx, chain); return nil })
			}
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.listed = true
		f.settle()
	})
	return group.Wait()
}

// chainName keeps a cloud whose name begins with another's apart: names of clouds may have hyphens, chains none.
var chainName = regexp.MustCompile(`^[a-z0-9_]+$`)

// begin tells whether the job of a chain has not been followed before.
func (f *Fleet) begin(chain string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.heard[chain] != nil {
		return false
	}
	f.heard[chain] = &crew{reports: f.early[chain]}
	if f.heard[chain].reports == nil {
		f.heard[chain].reports = map[string]report{}
	}
	delete(f.early, chain)
	return true
}

// settle notes that all jobs which there were at the start have been heard. The lock is held.
func (f *Fleet) settle() {
	for _, crew := range f.heard {
		if !crew.heard {
			return
		}
	}
	f.settled = f.settled || f.listed && f.reported
}

func (f *Fleet) followAllocations(ctx context.Context, chain string) {
	ask := func(q *api.QueryOptions) ([]*api.AllocationListStub, *api.QueryMeta, error) {
		return f.client.Jobs().Allocations(f.job(chain), true, q)
	}
	follow(ctx, f, "the allocations of "+f.job(chain), ask, func(list []*api.AllocationListStub) {
		f.mu.Lock()
		ended, over := f.heard[chain].hear(list, time.Now())
		f.settle()
		f.mu.Unlock()
		for _, e := range ended {
			f.log.Warn("a worker has ended", "chain", chain, "worker", e.worker, "status", e.status, "reason", e.reason)
		}
		for _, worker := range over {
			if err := f.book.Forget(ctx, f.job(chain), worker); err != nil && ctx.Err() == nil {
				f.log.Warn("who has ended", "err", err)
			}
		}
		f.kick()
	})
}

// kick has the leases written.
func (f *Fleet) kick() {
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

// hearReports takes what workers say when they begin. One may say it before its job has been heard of.
func (f *Fleet) hearReports(ctx context.Context) error {
	return f.book.Follow(ctx, func(r lease.Report) {
		chain, found := strings.CutPrefix(r.Job, f.prefix)
		if !found || !chainName.MatchString(chain) {
			return
		}
		f.mu.Lock()
		if crew := f.heard[chain]; crew != nil {
			crew.report(r.Worker, r.Release, r.Time)
		} else {
			if f.early[chain] == nil {
				f.early[chain] = map[string]report{}
			}
			f.early[chain][r.Worker] = report{r.Release, r.Time}
		}
		f.mu.Unlock()
		if r.Release != release.Version {
			f.log.Warn("a worker is refused", "chain", chain, "worker", r.Worker, "why", otherRelease(r.Release))
		}
		f.kick()
	}, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.reported = true
		f.settle()
		f.kick()
	})
}

func (f *Fleet) followEvaluations(ctx context.Context, chain string) {
	ask := func(q *api.QueryOptions) ([]*api.Evaluation, *api.QueryMeta, error) {
		return f.client.Jobs().Evaluations(f.job(chain), q)
	}
	follow(ctx, f, "the evaluations of "+f.job(chain), ask, func(list []*api.Evaluation) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.heard[chain].full = blocked(list)
	})
}

// renew writes who may work, when that changes and thrice a lease. While Nomad is away these are those of before.
func (f *Fleet) renew(ctx context.Context) error {
	ticker := time.NewTicker(lease.Length / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-f.changed:
		}
		for chain, list := range f.lists() {
			if err := f.book.Write(ctx, f.job(chain), list); err != nil && !errors.Is(err, context.Canceled) {
				f.log.Warn("who may work", "chain", chain, "err", err)
			}
		}
	}
}

// lists names, for each chain of whose workers Nomad and they themselves have told, who may work: to name none before
// would stop those that an earlier dispatcher left.
func (f *Fleet) lists() map[string]lease.List {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := map[string]lease.List{}
	for chain, crew := range f.heard {
		if crew.heard && f.reported {
			all[chain] = crew.list()
		}
	}
	return all
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
