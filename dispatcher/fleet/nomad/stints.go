package nomad

import (
	"cmp"
	"context"
	"errors"
	"time"

	"bowecho/dispatcher/fleet"

	"github.com/hashicorp/nomad/api"
)

// Stints gives when the task of each allocation started and ended, as its client says; that of a lost client ends when
// Nomad gives it up. While Nomad is away it is what was heard before. Nomad keeps an allocation that has ended for
// hours, unless it is told to forget sooner.
func (f *Fleet) Stints(ctx context.Context) (list []fleet.Stint, err error) {
	_, err = f.Count(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		err = errors.New("no answer of Nomad is heard any more")
	}
	for chain, crew := range f.heard {
		for _, s := range crew.stints {
			s.Chain = chain
			list = append(list, s)
		}
	}
	return list, err
}

// note keeps the times of a job's allocations. What Nomad once said to be the end of a lost one stays so until its client
// tells better.
func (c *crew) note(list []*api.AllocationListStub) {
	ends := map[string]time.Time{}
	for _, s := range c.stints {
		ends[s.Worker] = s.Ended
	}
	c.stints = nil
	for _, a := range list {
		s, over := stint(a)
		if s.Started.IsZero() {
			continue // it waits to be started
		}
		if over && s.Ended.IsZero() {
			s.Ended = cmp.Or(ends[a.ID], time.Unix(0, a.ModifyTime).UTC())
		}
		c.stints = append(c.stints, s)
	}
}

// stint gives the time of an allocation's task, and whether it is over.
func stint(a *api.AllocationListStub) (s fleet.Stint, over bool) {
	s.Worker = a.ID
	switch a.ClientStatus {
	case api.AllocClientStatusComplete, api.AllocClientStatusFailed, api.AllocClientStatusLost:
		over = true
	}
	for _, task := range a.TaskStates {
		if at := startOf(task); !at.IsZero() && (s.Started.IsZero() || at.Before(s.Started)) {
			s.Started = at
		}
		if over && task.FinishedAt.After(s.Ended) {
			s.Ended = task.FinishedAt.UTC()
		}
	}
	return s, over
}

// startOf gives the first start of a task: the field has that of the last, should it have been started again.
func startOf(task *api.TaskState) time.Time {
	first := task.StartedAt
	for _, event := range task.Events {
		if at := time.Unix(0, event.Time); event.Type == api.TaskStarted && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first.UTC()
}
