// Package explain tells of one decision what was decided, by which rule and from which values, what led to it and what
// followed. All it knows is what the streams hold.
package explain

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// Explanation is one decision with all that is known of it.
type Explanation struct {
	Decision *event.Decision `json:"decision"`
	Title    string          `json:"title"`           // what was decided, in a sentence
	State    string          `json:"state,omitempty"` // of an order: waiting, running, done, dropped, dead or gone
	Inputs   []Term          `json:"inputs"`          // what it was decided from
	Before   []Happening     `json:"before"`          // what led to it, oldest first
	After    []Happening     `json:"after"`           // what followed, oldest first
}

// Term is one value with its name.
type Term struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Happening is something that happened.
type Happening struct {
	Time time.Time `json:"time"` // by the wall clock
	Kind string    `json:"kind"`
	ID   string    `json:"id,omitempty"` // of a decision that can be explained
	Text string    `json:"text"`
}

// Explainer reads the streams.
type Explainer struct {
	client *stream.Client
}

// New gives an explainer.
func New(client *stream.Client) *Explainer { return &Explainer{client} }

// kinds are the names of kinds that people use, beside those of the events themselves.
var kinds = map[string]string{"scaling": event.Scaling, "weather": event.RegimeChange}

// listed are the kinds that a list shows when it is not asked for one: those of which there are not many a minute.
var listed = []string{
	event.RegimeChange, event.TriggerChange, event.Scaling, event.FreshnessChange, event.OrderDropped, event.OrderRefused,
	event.Budget, event.SourceDone, event.LineChange, event.ConfigChange, event.CloudChange, event.WarningChange,
}

// All gives the kinds that can be explained, sorted.
func All() []string {
	return slices.Sorted(slices.Values(append([]string{event.OrderMade, event.OrderHeld, event.OrderHanded, event.OrderFailed, event.WorkDone, event.FleetStatus, event.EpisodeChange, "scaling"}, listed...)))
}

// Kind gives the kind of event that a name means. It fails for a name that is none, and says which there are.
func Kind(name string) (string, error) {
	if kind, there := kinds[name]; there {
		return kind, nil
	}
	if !slices.Contains(All(), name) {
		return "", fmt.Errorf("%w: %q is no kind of decision, want one of %s", ErrAsked, name, strings.Join(All(), ", "))
	}
	return name, nil
}

// Explain tells of a decision of a kind: by the beginning of its id, or of its order's; by its subject, like a chain or a
// domain, the last; the last of all without either.
func (e *Explainer) Explain(ctx context.Context, kind, which string) (*Explanation, error) {
	kind, err := Kind(kind)
	if err != nil {
		return nil, err
	}
	d, err := e.find(ctx, kind, which)
	if err != nil {
		return nil, err
	}
	x := &Explanation{Decision: d, Title: title(d), Inputs: terms(d), Before: []Happening{}, After: []Happening{}}
	switch kind {
	case event.OrderMade:
		err = e.order(ctx, x)
	case event.TriggerChange:
		err = e.trigger(ctx, x)
	case event.Scaling:
		err = e.scaling(ctx, x)
	case event.WarningChange:
		err = e.warning(ctx, x)
	default:
		err = e.others(ctx, x)
	}
	if err != nil {
		return nil, err
	}
	for _, steps := range [][]Happening{x.Before, x.After} {
		slices.SortStableFunc(steps, func(a, b Happening) int { return a.Time.Compare(b.Time) })
	}
	return x, nil
}

// List gives the decisions since a time, newest first: of one kind, or of all but the most frequent.
func (e *Explainer) List(ctx context.Context, kind string, since time.Time, limit int) ([]*event.Decision, error) {
	wanted := listed
	if kind != "" {
		one, err := Kind(kind)
		if err != nil {
			return nil, err
		}
		wanted = []string{one}
	}
	list := []*event.Decision{}
	for _, kind := range wanted {
		err := e.decisions(ctx, kind, "", since, time.Time{}, func(d *event.Decision) bool {
			list = append(list, d)
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(list, func(a, b *event.Decision) int { return b.Time.Compare(a.Time) })
	return list[:min(len(list), limit)], nil
}

// step tells of a decision as something that happened.
func step(d *event.Decision) Happening {
	id := d.ID
	if d.Kind == event.OrderMade {
		id = d.Value
	}
	return Happening{Time: d.Time, Kind: d.Kind, ID: id, Text: title(d)}
}
