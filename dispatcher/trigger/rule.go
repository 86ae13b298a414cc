package trigger

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"bowecho/internal/mistake"
)

// Rule is what an operator writes.
type Rule struct {
	Name      string        `yaml:"name"`
	When      string        `yaml:"when"`       // a CEL expression that opens it; see Vocabulary
	ClearWhen string        `yaml:"clear_when"` // one without which it does not close; empty: it closes when `when` does not hold
	For       time.Duration `yaml:"for"`        // how long `when` must hold before it opens, in time of data
	KeepFor   time.Duration `yaml:"keep_for"`   // how long it stays open after it could close, in time of data
	OnNoData  NoData        `yaml:"on_no_data"` // what it does while nothing is known of what it names; empty: unknown
	Opens     []string      `yaml:"opens"`      // chains
	Floor     *int          `yaml:"floor"`      // workers of each that are kept while it is open; absent: one
	Priority  int           `yaml:"priority"`   // how much more their orders count while it is open
}

// NoData is what a trigger does without data.
type NoData string

// Hold keeps the state as it was, and its clocks stand still. ToUnknown says so, opens nothing, and keeps what is open
// for keep_for.
const (
	Hold      NoData = "hold"
	ToUnknown NoData = "unknown"
)

// Bounds of a rule's numbers: those of a fleet's workers and of an order's priority.
const (
	mostFloor    = 10_000
	mostPriority = 100
)

// Workers gives how many workers of each chain the rule keeps while it is open.
func (r Rule) Workers() int {
	if r.Floor == nil {
		return 1
	}
	return *r.Floor
}

// WithoutData gives what the rule does without data.
func (r Rule) WithoutData() NoData { return cmp.Or(r.OnNoData, ToUnknown) }

// validate tells what is wrong with a rule but for its expressions.
func (r Rule) validate() error {
	var errs []error
	wrong := func(is bool, key, format string, values ...any) {
		if is {
			errs = append(errs, r.mistake(key, fmt.Sprintf(format, values...)))
		}
	}
	if r.Name == "" {
		errs = append(errs, &mistake.Mistake{Path: "name", Text: "a trigger has no name"})
	}
	wrong(len(r.Opens) == 0, "opens", "opens is empty, want at least one chain")
	wrong(r.For < 0, "for", "for is %v, want 0s or more", r.For)
	wrong(r.KeepFor < 0, "keep_for", "keep_for is %v, want 0s or more", r.KeepFor)
	known := []string{string(Hold), string(ToUnknown)}
	wrong(r.OnNoData != "" && r.OnNoData != Hold && r.OnNoData != ToUnknown, "on_no_data", "on_no_data is %q, want hold or unknown%s",
		r.OnNoData, mistake.Proposal(string(r.OnNoData), known))
	wrong(r.Workers() < 0 || r.Workers() > mostFloor, "floor", "floor is %d, want 0 to %d", r.Workers(), mostFloor)
	wrong(r.Priority < 0 || r.Priority > mostPriority, "priority", "priority is %d, want 0 to %d", r.Priority, mostPriority)
	return errors.Join(errs...)
}

// mistake is one in a key of the rule.
func (r Rule) mistake(key, text string) *mistake.Mistake {
	return &mistake.Mistake{Path: key, Text: fmt.Sprintf("trigger %s: %s", r.Name, text)}
}
