package explain

import (
	"context"
	"time"

	"bowecho/internal/event"
)

// warning tells what was heard of a warning before and after, and which regime and triggers it changed.
func (e *Explainer) warning(ctx context.Context, x *Explanation) error {
	d := x.Decision
	same := func(o *event.Decision) bool {
		return o.Domain == d.Domain && o.Inputs["feed"] == d.Inputs["feed"] && o.Inputs["id"] == d.Inputs["id"]
	}
	var last *event.Decision
	err := e.decisions(ctx, event.WarningChange, d.Subj, time.Time{}, d.Time, func(o *event.Decision) bool {
		if same(o) && o.ID != d.ID {
			last = o
		}
		return true
	})
	if err != nil {
		return err
	}
	next, err := e.next(ctx, event.WarningChange, d.Subj, d, same)
	if err != nil {
		return err
	}
	x.Before, x.After = steps(x.Before, last), steps(x.After, next)
	for _, kind := range []string{event.RegimeChange, event.TriggerChange} {
		changed, err := e.next(ctx, kind, "", d, func(o *event.Decision) bool { return o.Domain == d.Domain })
		if err != nil {
			return err
		}
		if changed != nil && changed.Time.Sub(d.Time) < around {
			x.After = steps(x.After, changed)
		}
	}
	return nil
}
