package explain

import (
	"context"
	"fmt"
	"strings"
	"time"

	"bowecho/internal/event"
)

// around is how long before and after a decision others are told of that belong to it.
const around = 2 * time.Minute

// trigger tells what a trigger did before, and what was scaled and ordered when it had opened.
func (e *Explainer) trigger(ctx context.Context, x *Explanation) error {
	d := x.Decision
	var last *event.Decision
	err := e.decisions(ctx, event.TriggerChange, d.Subj, time.Time{}, d.Time, func(t *event.Decision) bool {
		if t.Domain == d.Domain && t.ID != d.ID && t.Time.Before(d.Time) {
			last = t
		}
		return true
	})
	if err != nil {
		return err
	}
	x.Before = steps(x.Before, last)
	if x.Before, err = e.weather(ctx, x.Before, d); err != nil {
		return err
	}
	closes, err := e.next(ctx, event.TriggerChange, d.Subj, d, func(t *event.Decision) bool { return t.Domain == d.Domain })
	if err != nil {
		return err
	}
	x.After = steps(x.After, closes)
	chains, _ := d.Inputs["opens"].([]any)
	for _, chain := range chains {
		for _, kind := range []string{event.OrderMade, event.Scaling} {
			first, err := e.next(ctx, kind, text(chain), d, func(o *event.Decision) bool { return o.Domain == "" || o.Domain == d.Domain })
			if err != nil {
				return err
			}
			if first != nil && (closes == nil || first.Time.Before(closes.Time)) {
				x.After = steps(x.After, first)
			}
		}
	}
	return nil
}

// weather adds which regime a decision's domain was in.
func (e *Explainer) weather(ctx context.Context, list []Happening, d *event.Decision) ([]Happening, error) {
	if d.Domain == "" {
		return list, nil
	}
	var regime *event.Decision
	err := e.decisions(ctx, event.RegimeChange, d.Domain, time.Time{}, d.Time, func(r *event.Decision) bool {
		regime = r
		return true
	})
	return steps(list, regime), err
}

// scaling tells what was scaled before, which triggers had opened the chain, and when the workers were there.
func (e *Explainer) scaling(ctx context.Context, x *Explanation) error {
	d := x.Decision
	var last, status *event.Decision
	triggers := map[string]*event.Decision{}
	for _, read := range []struct {
		kind, subject string
		use           func(*event.Decision)
	}{
		{event.Scaling, d.Subj, func(s *event.Decision) {
			if s.ID != d.ID {
				last = s
			}
		}},
		{event.FleetStatus, d.Subj, func(s *event.Decision) { status = s }},
		{event.TriggerChange, "", func(t *event.Decision) {
			if opens(t, d.Subj) {
				triggers[t.Domain+t.Subj] = t
			}
		}},
	} {
		since := time.Time{}
		if read.kind == event.FleetStatus {
			since = d.Time.Add(-around) // there are many
		}
		if err := e.decisions(ctx, read.kind, read.subject, since, d.Time, func(o *event.Decision) bool {
			read.use(o)
			return true
		}); err != nil {
			return err
		}
	}
	x.Before = steps(x.Before, last)
	for _, t := range triggers {
		x.Before = steps(x.Before, t)
	}
	if status != nil {
		x.Before = append(x.Before, counted(status))
	}
	return e.reached(ctx, x)
}

// counted tells how a chain stood.
func counted(d *event.Decision) Happening {
	return Happening{Time: d.Time, Kind: d.Kind, ID: d.ID, Text: fmt.Sprintf("%s: %s of %s alive, %s orders waiting, %s running",
		d.Subj, text(d.Inputs["workers"]), text(d.Inputs["target"]), text(d.Inputs["waiting"]), text(d.Inputs["running"]))}
}

// reached tells when a chain had as many workers as it shall, or what was decided instead.
func (e *Explainer) reached(ctx context.Context, x *Explanation) error {
	d := x.Decision
	next, err := e.next(ctx, event.Scaling, d.Subj, d, func(*event.Decision) bool { return true })
	if err != nil {
		return err
	}
	until := time.Time{}
	if next != nil {
		until = next.Time
	}
	x.After = steps(x.After, next)
	return e.decisions(ctx, event.FleetStatus, d.Subj, d.Time, until, func(s *event.Decision) bool {
		if s.Value != d.Value {
			return true
		}
		there := counted(s)
		there.Text += fmt.Sprintf(", %s after the decision", seconds(s.Time.Sub(d.Time)))
		x.After = append(x.After, there)
		return false
	})
}

// others tells of what happened to the same thing before and after.
func (e *Explainer) others(ctx context.Context, x *Explanation) error {
	d := x.Decision
	since := time.Time{}
	if d.Kind == event.FleetStatus || d.Kind == event.WorkDone || d.Kind == event.EpisodeChange {
		since = d.Time.Add(-around) // there are many
	}
	var last, next *event.Decision
	passed := false // several may have been made at the same time
	err := e.decisions(ctx, d.Kind, d.Subj, since, time.Time{}, func(o *event.Decision) bool {
		switch {
		case o.ID == d.ID:
			passed = true
		case passed:
			next = o
		default:
			last = o
		}
		return next == nil
	})
	x.Before, x.After = steps(x.Before, last), steps(x.After, next)
	if err != nil || d.Kind != event.Budget || strings.HasPrefix(d.Value, "lifted") {
		return err
	}
	refused, err := e.next(ctx, event.OrderRefused, "", d, func(*event.Decision) bool { return true })
	x.After = steps(x.After, refused)
	return err
}

// next gives the first decision after another of a kind and subject that is wanted; nil without any.
func (e *Explainer) next(ctx context.Context, kind, subject string, after *event.Decision, wanted func(*event.Decision) bool) (found *event.Decision, err error) {
	err = e.decisions(ctx, kind, subject, after.Time, time.Time{}, func(d *event.Decision) bool {
		if d.ID != after.ID && !d.Time.Before(after.Time) && wanted(d) {
			found = d
		}
		return found == nil
	})
	return found, err
}

// steps adds a decision, where there is one.
func steps(list []Happening, d *event.Decision) []Happening {
	if d == nil {
		return list
	}
	return append(list, step(d))
}
