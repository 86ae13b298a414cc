// Package trigger holds the operator's rules: when the weather calls for which chains of processing.
package trigger

import (
	"errors"
	"fmt"
	"time"

	"cel.dev/cel-go/cel"
)

// Rule is what an operator writes.
type Rule struct {
	Name    string        `yaml:"name"`
	When    string        `yaml:"when"`     // a CEL expression; see Vocabulary
	KeepFor time.Duration `yaml:"keep_for"` // how long it stays open after the expression has ceased to hold, in time of data
	Opens   []string      `yaml:"opens"`    // chains
}

// costLimit ends an expression that would compute without end.
const costLimit = 10_000

// Trigger is a rule that can be asked.
type Trigger struct {
	Rule
	names   *Vocabulary
	program cel.Program
}

// Compile checks a rule: its expression must be true or false, from names that exist.
func (v *Vocabulary) Compile(r Rule) (*Trigger, error) {
	switch {
	case r.Name == "":
		return nil, errors.New("a trigger has no name")
	case len(r.Opens) == 0:
		return nil, fmt.Errorf("trigger %s: opens is empty, want at least one chain", r.Name)
	case r.KeepFor < 0:
		return nil, fmt.Errorf("trigger %s: keep_for is %v, want 0s or more", r.Name, r.KeepFor)
	}
	program, err := v.compile(r.When)
	if err != nil {
		return nil, fmt.Errorf("trigger %s: when: %w", r.Name, err)
	}
	return &Trigger{r, v, program}, nil
}

// Holds tells whether the expression holds.
func (t *Trigger) Holds(f Facts) (bool, error) {
	value, _, err := t.program.Eval(t.names.values(f))
	if err != nil {
		return false, fmt.Errorf("trigger %s: %w", t.Name, err)
	}
	holds, ok := value.Value().(bool)
	if !ok {
		return false, fmt.Errorf("trigger %s: got %v, want true or false", t.Name, value.Value())
	}
	return holds, nil
}

// State is whether a trigger is open. It may be stored and continued.
type State struct {
	Open bool      `json:"open"`
	Held time.Time `json:"held"` // when the expression last held, by the data's clock
}

// Step takes whether the expression holds at a time of the data, and gives whether the state changed.
func (s *State) Step(holds bool, keepFor time.Duration, now time.Time) (changed bool) {
	if holds {
		s.Held = now
	}
	open := holds || s.Open && now.Sub(s.Held) < keepFor
	changed = open != s.Open
	s.Open = open
	return changed
}
