// Package nomad runs workers on the machines of a Nomad region.
//
// Each chain is a service job of its own, whose count is set; where and when its workers run is Nomad's affair. What
// became of them is heard by blocking queries on allocations and evaluations. The event stream is not used: it breaks
// where a score is infinite, as when something is placed again in a group of zero.
package nomad

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"bowecho/dispatcher/fleet"
	"bowecho/internal/lease"

	"github.com/hashicorp/nomad/api"
	"golang.org/x/sync/errgroup"
)

// Fleet is the workers of one cloud.
type Fleet struct {
	cfg      Config
	sizes    map[string]Size // of chains that say what their workers need
	prefix   string          // of the jobs
	template string
	client   *api.Client
	book     *lease.Book
	log      *slog.Logger
	changed  chan struct{} // workers have come or gone: their leases are to be written

	mu       sync.Mutex                   // over what follows
	group    map[string]string            // of each chain that has been registered: the name of its group
	heard    map[string]*crew             // of each chain whose job is followed
	early    map[string]map[string]report // of workers whose job has not been heard of
	away     map[string]error             // of each query that was not answered the last time
	listed   bool                         // it is known which jobs there are
	reported bool                         // and which workers have said that they are there
	settled  bool                         // and who works for the jobs that were there at the start
	over     bool                         // nothing is heard any more
}

// New gives the fleet of a cloud. Who may work is written in the book.
func New(cfg Config, cloud string, sizes map[string]Size, book *lease.Book, log *slog.Logger) (*Fleet, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	template, err := os.ReadFile(cfg.Job)
	if err != nil {
		return nil, fmt.Errorf("read the template of the jobs, as nomad.job says: %w", err)
	}
	client, err := cfg.connect()
	if err != nil {
		return nil, err
	}
	f := &Fleet{
		cfg: cfg, sizes: sizes, prefix: "bowecho-" + cloud + "-", template: string(template), client: client, book: book,
		log: log.With("stage", "fleet", "cloud", cloud), changed: make(chan struct{}, 1),
		group: map[string]string{}, heard: map[string]*crew{}, early: map[string]map[string]report{}, away: map[string]error{},
	}
	return f, f.checkVariables()
}

// Run hears what becomes of the workers, and renews their leases, until ctx ends; then it gives them all back.
func (f *Fleet) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return f.discover(ctx) })
	group.Go(func() error { return f.hearReports(ctx) })
	group.Go(func() error { return f.renew(ctx) })
	err := group.Wait()
	f.mu.Lock()
	f.over = true
	f.mu.Unlock()
	f.giveBack(context.WithoutCancel(ctx))
	return err
}

// Scale sets how many workers of a chain there shall be. The reason stays with the job's scalings. Who is too many
// finishes the order in hand, for as long as the template's kill_timeout says.
func (f *Fleet) Scale(ctx context.Context, chain string, count int, reason string) error {
	if err := fleet.CheckCount(chain, count); err != nil {
		return err
	}
	f.mu.Lock()
	group, known := f.group[chain]
	f.mu.Unlock()
	if !known {
		if err := f.register(ctx, chain); err != nil {
			return err
		}
		return f.Scale(ctx, chain, count, reason)
	}
	_, _, err := f.client.Jobs().Scale(f.job(chain), group, &count, reason, false, nil, f.writing(ctx))
	if answer := (api.UnexpectedResponseError{}); errors.As(err, &answer) && answer.StatusCode() == http.StatusNotFound {
		f.mu.Lock()
		delete(f.group, chain) // somebody has purged it: the next time it is registered anew
		f.mu.Unlock()
	}
	if err != nil {
		return fmt.Errorf("scale job %s to %d: %w", f.job(chain), count, err)
	}
	return nil
}

// Count gives how many workers of each chain have begun and run, also those that finish their last order. It fails while
// Nomad does not answer.
func (f *Fleet) Count(context.Context) (map[string]int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.settled {
		return nil, fmt.Errorf("hear of all jobs from Nomad at %s: not yet", f.cfg.Address)
	}
	for _, what := range slices.Sorted(maps.Keys(f.away)) {
		return nil, fmt.Errorf("hear of %s: %w", what, f.away[what])
	}
	counts := map[string]int{}
	for chain, crew := range f.heard {
		if crew.heard {
			counts[chain] = crew.alive()
		}
	}
	return counts, nil
}

// Full tells why workers of a chain that were asked for have no place; empty where none lack one.
func (f *Fleet) Full(chain string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if crew := f.heard[chain]; crew != nil {
		return crew.lacking()
	}
	return ""
}

// giveBack asks for no worker any more, also of chains whose workers wait for room. Those that cannot be told stop when
// their leases end.
func (f *Fleet) giveBack(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for chain, list := range f.lists() {
		if err := f.Scale(ctx, chain, 0, "the dispatcher is stopping"); err != nil {
			f.log.Warn("workers stay until their leases end", "chain", chain, "workers", len(list.Workers), "err", err)
		}
	}
}

func (f *Fleet) writing(ctx context.Context) *api.WriteOptions {
	return (&api.WriteOptions{}).WithContext(ctx)
}
