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
	When    string        `yaml:"when"`     // a CEL expression over Facts
	KeepFor time.Duration `yaml:"keep_for"` // how long it stays open after the expression has ceased to hold
	Opens   []string      `yaml:"opens"`    // chains
}

// Facts is what an expression may ask for.
type Facts struct {
	Regime       string
	Domain       string
	MaxDBZ       float64
	KM2          map[string]float64 // "20", "35", "40", "45", "55": area at or above
	RadarsOK     int
	RadarsLate   int
	RadarsSilent int
	Hour         int // of the data's day, UTC
}

// costLimit ends an expression that would compute without end.
const costLimit = 10_000

// Trigger is a rule that can be asked.
type Trigger struct {
	Rule
	program cel.Program
}

// Compile checks a rule's expression: it must be true or false, from names that exist.
func Compile(r Rule) (*Trigger, error) {
	env, err := cel.NewEnv(
		cel.Variable("regime", cel.StringType), cel.Variable("domain", cel.StringType),
		cel.Variable("max_dbz", cel.DoubleType), cel.Variable("km2", cel.MapType(cel.StringType, cel.DoubleType)),
		cel.Variable("radars_ok", cel.IntType), cel.Variable("radars_late", cel.IntType), cel.Variable("radars_silent", cel.IntType),
		cel.Variable("hour", cel.IntType),
	)
	if err != nil {
		return nil, fmt.Errorf("trigger %s: %w", r.Name, err)
	}
	checked, issues := env.Compile(r.When)
	if issues.Err() != nil {
		return nil, fmt.Errorf("trigger %s: when: %w", r.Name, issues.Err())
	}
	if checked.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("trigger %s: when is a %s, want true or false", r.Name, checked.OutputType())
	}
	program, err := env.Program(checked, cel.CostLimit(costLimit))
	if err != nil {
		return nil, fmt.Errorf("trigger %s: %w", r.Name, err)
	}
	if r.Name == "" || len(r.Opens) == 0 || r.KeepFor < 0 {
		return nil, errors.New("a trigger needs a name, chains that it opens, and a keep_for that is not negative")
	}
	return &Trigger{r, program}, nil
}

// Holds tells whether the expression holds.
func (t *Trigger) Holds(f Facts) (bool, error) {
	value, _, err := t.program.Eval(map[string]any{
		"regime": f.Regime, "domain": f.Domain, "max_dbz": f.MaxDBZ, "km2": f.KM2,
		"radars_ok": f.RadarsOK, "radars_late": f.RadarsLate, "radars_silent": f.RadarsSilent, "hour": f.Hour,
	})
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
