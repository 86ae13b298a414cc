package nomad

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"bowecho/dispatcher/fleet"
	"bowecho/internal/lease"
	"bowecho/internal/release"

	"github.com/hashicorp/nomad/api"
)

// crew is the workers of a chain, as Nomad last told, and as they report themselves.
type crew struct {
	heard   bool   // Nomad has told
	hands   []hand // who begins or runs, sorted by worker
	reports map[string]report
	told    map[string]bool // of each that has failed or was lost: that it has been said
	full    string          // why some that are wanted have no place
	refused string          // of which other release a worker last was; empty when one of ours has come since
	stints  []fleet.Stint   // without the chain
}

// hand is a worker that begins or runs. One that is not wanted is to stop.
type hand struct {
	worker          string
	running, wanted bool
}

// report is what a worker said when it began.
type report struct {
	release string
	at      time.Time
}

// end is a worker that has ended otherwise than by being asked to.
type end struct{ worker, status, reason string }

// hear takes all allocations of a job. It gives those whose end is news, and whose reports are not needed any more.
func (c *crew) hear(list []*api.AllocationListStub, now time.Time) (ended []end, over []string) {
	c.note(list)
	before, there := c.told, map[string]bool{}
	c.heard, c.hands, c.told = true, nil, map[string]bool{}
	for _, a := range list {
		switch a.ClientStatus {
		case api.AllocClientStatusRunning, api.AllocClientStatusPending:
			c.hands = append(c.hands, hand{a.ID, a.ClientStatus == api.AllocClientStatusRunning, a.DesiredStatus == api.AllocDesiredStatusRun})
			there[a.ID] = true
		case api.AllocClientStatusFailed, api.AllocClientStatusLost, api.AllocClientStatusUnknown:
			if !before[a.ID] {
				ended = append(ended, end{a.ID, a.ClientStatus, why(a)})
			}
			c.told[a.ID] = true
			there[a.ID] = a.ClientStatus == api.AllocClientStatusUnknown // it may come back
		}
	}
	slices.SortFunc(c.hands, func(a, b hand) int { return strings.Compare(a.worker, b.worker) })
	for worker, r := range c.reports {
		if now.Sub(r.at) > forgetAfter && !there[worker] { // a report may be heard before the worker's allocation is
			delete(c.reports, worker)
			over = append(over, worker)
		}
	}
	return ended, over
}

// forgetAfter is how old a report is at least that is forgotten when its worker has ended.
const forgetAfter = time.Minute

// report takes what a worker said.
func (c *crew) report(worker, said string, at time.Time) {
	c.reports[worker] = report{said, at}
	c.refused = ""
	if said != release.Version {
		c.refused = said
	}
}

// ours tells whether a worker has begun, and is of this dispatcher's release.
func (c *crew) ours(h hand) bool { return c.reports[h.worker].release == release.Version }

// alive gives how many have begun and run, also those that finish their last order.
func (c *crew) alive() (n int) {
	for _, h := range c.hands {
		if h.running && c.ours(h) {
			n++
		}
	}
	return n
}

// list names who may work: not who is to stop, for it hears so by its lease, should the signal miss it; and not who is of
// another release, which is told so.
func (c *crew) list() (l lease.List) {
	for _, h := range c.hands {
		switch r, reported := c.reports[h.worker]; {
		case !h.wanted || !reported:
		case c.ours(h):
			l.Workers = append(l.Workers, h.worker)
		default:
			if l.Refused == nil {
				l.Refused = map[string]string{}
			}
			l.Refused[h.worker] = otherRelease(r.release)
		}
	}
	return l
}

// lacking tells why workers that are wanted do not come; empty where nothing is known to hinder them.
func (c *crew) lacking() string {
	if c.full == "" && c.refused != "" {
		return otherRelease(c.refused)
	}
	return c.full
}

func otherRelease(of string) string {
	return fmt.Sprintf("the worker is of release %s, the dispatcher of %s: run the same everywhere", of, release.Version)
}

// why gives the last thing that Nomad said of a worker's task.
func why(a *api.AllocationListStub) string {
	for _, task := range a.TaskStates {
		for _, event := range slices.Backward(task.Events) {
			if event.Type != api.TaskKilling && event.Type != api.TaskKilled && event.DisplayMessage != "" {
				return event.DisplayMessage
			}
		}
	}
	return strings.TrimSpace(a.ClientDescription + " " + a.DesiredDescription)
}

// blocked tells why a job's evaluation is blocked: what its machines have too little of.
func blocked(list []*api.Evaluation) string {
	for _, e := range list {
		if e.Status != "blocked" {
			continue
		}
		for _, group := range slices.Sorted(maps.Keys(e.FailedTGAllocs)) {
			return explained(e.FailedTGAllocs[group])
		}
		return "Nomad finds no place"
	}
	return ""
}

func explained(m *api.AllocationMetric) string {
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(m.DimensionExhausted)) {
		parts = append(parts, fmt.Sprintf("%s used up on %d", what, m.DimensionExhausted[what]))
	}
	for _, what := range slices.Sorted(maps.Keys(m.ConstraintFiltered)) {
		parts = append(parts, fmt.Sprintf("%q not met by %d", what, m.ConstraintFiltered[what]))
	}
	if len(parts) == 0 {
		return fmt.Sprintf("none of %d machines is there to take one", m.NodesEvaluated)
	}
	return fmt.Sprintf("of %d machines: %s", m.NodesEvaluated, strings.Join(parts, ", "))
}
