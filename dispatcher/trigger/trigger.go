// Package trigger holds the operator's rules: when the weather calls for which chains of processing.
package trigger

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
)

// costLimit ends an expression that would compute without end.
const costLimit = 10_000

// Trigger is a rule that can be asked.
type Trigger struct {
	Rule
	when  *question
	clear *question // nil: it is clear when `when` does not hold
}

// question is an expression that can be asked.
type question struct {
	names   []string // of which it needs data, sorted
	parts   []part   // whose values tell why it holds
	program cel.Program
	traced  cel.Program // the same, and tells the values of its parts
}

// Compile checks a rule: its expressions must be true or false, from names that exist. The error tells all that is wrong;
// its mistakes name the key, and the place in the key's value.
func (v *Vocabulary) Compile(r Rule) (*Trigger, error) {
	t := &Trigger{Rule: r}
	var errs []error
	errs = append(errs, r.validate(), v.checkOpens(r))
	compile := func(key, expression string) *question {
		q, mistakes := v.compile(expression)
		for _, m := range mistakes {
			located := r.mistake(key, key+": "+m.Text)
			located.Line, located.Column = m.Line, m.Column
			errs = append(errs, located)
		}
		return q
	}
	t.when = compile("when", r.When)
	if r.ClearWhen != "" {
		t.clear = compile("clear_when", r.ClearWhen)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return t, nil
}

// Names gives the names of which the trigger needs data, sorted.
func (t *Trigger) Names() []string {
	names := slices.Clone(t.when.names)
	if t.clear != nil {
		names = append(names, t.clear.names...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Ask gives what the expressions say. Whether a trigger that is closed can be cleared is not asked.
func (t *Trigger) Ask(f Facts, open bool) Answer {
	holds, why := t.when.ask(f)
	if why != "" {
		return Answer{Why: why}
	}
	a := Answer{Known: true, Holds: holds, Clears: !holds}
	if open && t.clear != nil {
		if a.Clears, why = t.clear.ask(f); why != "" {
			return Answer{Why: why}
		}
	}
	return a
}

// ask gives whether the expression holds, or why that cannot be told.
func (q *question) ask(f Facts) (holds bool, why string) {
	for _, name := range q.names {
		if why := f.lacks(name); why != "" {
			return false, why
		}
	}
	value, _, err := q.program.Eval(&f)
	if err != nil {
		return false, err.Error()
	}
	holds, isBool := value.Value().(bool)
	if !isBool {
		return false, fmt.Sprintf("the expression gives %v, want true or false", value.Value())
	}
	return holds, ""
}

// Values gives what the expressions were asked on, piece by piece as they are written, for whoever wants to know why.
func (t *Trigger) Values(f Facts) map[string]any {
	values := map[string]any{}
	t.when.trace(f, values)
	if t.clear != nil {
		t.clear.trace(f, values)
	}
	return values
}

func (q *question) trace(f Facts, into map[string]any) {
	_, details, _ := q.traced.Eval(&f) // what has no value is left out
	if details == nil || details.State() == nil {
		return
	}
	for _, p := range q.parts {
		if v, known := details.State().Value(p.id); known && !types.IsError(v) {
			into[p.text] = plain(v.Value())
		}
	}
}

// plain gives a value as JSON shows it.
func plain(v any) any {
	switch v := v.(type) {
	case float64:
		return math.Round(v*1000) / 1000
	case []warning:
		events := []string{}
		for _, w := range v {
			events = append(events, w.Event)
		}
		return events
	default:
		return v
	}
}

// root gives the first part of a name.
func root(name string) string {
	first, _, _ := strings.Cut(name, ".")
	return first
}
