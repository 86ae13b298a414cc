package nomad

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"bowecho/dispatcher/fleet"

	"github.com/hashicorp/nomad/api"
)

// crew is the workers of a chain, as Nomad last told.
type crew struct {
	heard   bool            // Nomad has told
	named   []string        // who is to run, sorted; not who is to stop: it hears so by its lease, should the signal miss it
	running int             // also those that finish their last order
	told    map[string]bool // of each that has failed or was lost: that it has been said
	full    string          // why some that are wanted have no place
	stints  []fleet.Stint   // without the chain
}

// end is a worker that has ended otherwise than by being asked to.
type end struct{ worker, status, reason string }

// hear takes all allocations of a job, and gives those whose end is news.
func (c *crew) hear(list []*api.AllocationListStub) (ended []end) {
	before := c.told
	c.note(list)
	c.heard, c.named, c.running, c.told = true, nil, 0, map[string]bool{}
	for _, a := range list {
		switch a.ClientStatus {
		case api.AllocClientStatusRunning, api.AllocClientStatusPending:
			if a.ClientStatus == api.AllocClientStatusRunning {
				c.running++
			}
			if a.DesiredStatus == api.AllocDesiredStatusRun {
				c.named = append(c.named, a.ID)
			}
		case api.AllocClientStatusFailed, api.AllocClientStatusLost, api.AllocClientStatusUnknown:
			if !before[a.ID] {
				ended = append(ended, end{a.ID, a.ClientStatus, why(a)})
			}
			c.told[a.ID] = true
		}
	}
	slices.Sort(c.named)
	return ended
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

// lacking tells why a job's evaluation is blocked: what its machines have too little of.
func lacking(list []*api.Evaluation) string {
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
