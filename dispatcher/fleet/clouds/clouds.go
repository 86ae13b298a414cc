// Package clouds makes one fleet of several: who asks it for workers need not know where they run.
package clouds

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"bowecho/dispatcher/fleet"
	"bowecho/dispatcher/placement"
)

// Cloud is a fleet that can tell when it has no room.
type Cloud interface {
	fleet.Fleet
	// Full tells why workers of a chain that were asked for have no place; empty where none lack one.
	Full(chain string) string
}

// Member is one cloud, and how it is used.
type Member struct {
	Config
	Cloud Cloud
}

// Fleet is the workers of all clouds.
type Fleet struct {
	members []*member
	tell    Teller
	log     *slog.Logger

	mu      sync.Mutex // over what follows, and while clouds are told
	wanted  map[string]want
	lacking map[string]int // workers of each chain that had no room at the last look
	ranks   map[string]int // priorities of the chains
	traffic map[string]*traffic
}

// want is how many workers of a chain there shall be, and why.
type want struct {
	count  int
	reason string
}

// New gives the fleet of some clouds, which run by themselves.
func New(members []Member, tell Teller, log *slog.Logger) *Fleet {
	f := &Fleet{tell: tell, log: log.With("stage", "fleet"), wanted: map[string]want{}, lacking: map[string]int{}, traffic: map[string]*traffic{}}
	for _, m := range members {
		f.members = append(f.members, &member{Member: m, groups: map[string]*group{}, log: f.log.With("cloud", m.Name)})
	}
	return f
}

// Run looks every second how the clouds stand, and moves workers where that has changed, until ctx ends.
func (f *Fleet) Run(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		f.mu.Lock()
		_ = f.place(ctx) // each cloud's fault has been logged, and is tried again
		f.mu.Unlock()
	}
}

// Scale sets how many workers of a chain there shall be in all clouds together. It fails when no cloud can be told.
func (f *Fleet) Scale(ctx context.Context, chain string, count int, reason string) error {
	if err := fleet.CheckCount(chain, count); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	was, there := f.wanted[chain]
	f.wanted[chain] = want{count, reason}
	err := f.place(ctx)
	switch {
	case err != nil && there:
		f.wanted[chain] = was
	case err != nil:
		delete(f.wanted, chain)
	}
	return err
}

// Rank takes the priorities of the chains: who comes first where there is too little room, from the next look on.
func (f *Fleet) Rank(priorities map[string]int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ranks = priorities
	for _, m := range f.members {
		if ranker, can := m.Cloud.(fleet.Ranker); can {
			ranker.Rank(priorities)
		}
	}
}

// Count gives how many workers of each chain are alive, by what each cloud last told. It fails when none answers.
func (f *Fleet) Count(ctx context.Context) (map[string]int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	total, errs := map[string]int{}, []error{}
	for _, m := range f.members {
		if err := m.look(ctx); err != nil {
			errs = append(errs, err)
		}
		if m.state() != placement.Gone {
			for chain, g := range m.groups {
				total[chain] += g.alive
			}
		}
	}
	if len(errs) == len(f.members) {
		return nil, errors.Join(errs...)
	}
	return total, nil
}

// place looks at the clouds, and asks each for what it is to have. The lock is held.
func (f *Fleet) place(ctx context.Context) error {
	clouds, now := make([]placement.Cloud, len(f.members)), map[string]placement.Standing{}
	var away []error
	for i, m := range f.members {
		if err := m.look(ctx); err != nil {
			away = append(away, err)
		}
		clouds[i], now[m.Name] = f.cloud(m), m.standing()
	}
	f.tellChanges(ctx)
	if len(away) == len(f.members) {
		return fmt.Errorf("no cloud can be told: %w", errors.Join(away...))
	}
	wanted := map[string]int{}
	for chain, w := range f.wanted {
		wanted[chain] = w.count
	}
	plan := placement.Place(wanted, f.ranks, clouds, now)
	f.tellLacking(plan.Lacking)
	return f.ask(ctx, plan)
}

func (f *Fleet) tellLacking(now map[string]int) {
	for chain := range f.wanted {
		if now[chain] > f.lacking[chain] {
			f.log.Warn("no cloud has room for all workers", "chain", chain, "lacking", now[chain], "why", f.why())
		}
	}
	f.lacking = now
}

// ask tells all clouds side by side what they are to have. It fails when nobody who was told anything took it.
func (f *Fleet) ask(ctx context.Context, plan placement.Plan) error {
	var wait sync.WaitGroup
	results := make([]result, len(f.members))
	why := f.why()
	for i, m := range f.members {
		wait.Go(func() { results[i] = m.ask(ctx, plan.Ask[m.Name], f.wanted, why) })
	}
	wait.Wait()
	var taken int
	var errs []error
	for _, r := range results {
		taken += r.taken
		errs = append(errs, r.err)
	}
	if err := errors.Join(errs...); taken == 0 {
		return err
	}
	return nil
}

// why tells what is wrong with clouds, for the reason of a scaling.
func (f *Fleet) why() string {
	var parts []string
	for _, m := range f.members {
		if trouble := m.trouble(); trouble != "" {
			parts = append(parts, trouble)
		}
	}
	return strings.Join(parts, "; ")
}
