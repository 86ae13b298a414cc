package explain

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// ErrNotFound says that there is no such decision, or no longer.
var ErrNotFound = errors.New("no such decision")

// ErrAsked says that the question cannot be understood.
var ErrAsked = errors.New("what to explain")

// recent is how far back is read first when a decision is looked for by its id: the newest are asked for most.
const recent = time.Hour

// find gives the decision that is meant.
func (e *Explainer) find(ctx context.Context, kind, which string) (*event.Decision, error) {
	if which == "" || which == "latest" {
		return e.last(ctx, kind, ">", "of that kind")
	}
	d, err := e.last(ctx, kind, event.Token(which), which)
	if !errors.Is(err, ErrNotFound) {
		return d, err
	}
	for _, since := range []time.Time{time.Now().Add(-recent), {}} {
		found, err := e.byID(ctx, kind, which, since)
		if found != nil || err != nil {
			return found, err
		}
	}
	return nil, fmt.Errorf("%w: %s %q is neither the beginning of an id nor a subject; `bowecho explain --kind %s --since 24h` lists them", ErrNotFound, kind, which, kind)
}

// last gives the newest decision of a kind on a subject.
func (e *Explainer) last(ctx context.Context, kind, subject, which string) (*event.Decision, error) {
	events, err := e.client.JS.Stream(ctx, stream.Events)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", stream.Events, err)
	}
	m, err := events.GetLastMsgForSubject(ctx, "event."+kind+"."+subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, fmt.Errorf("%w: none %s; `bowecho explain` lists what there is", ErrNotFound, which)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", stream.Events, err)
	}
	return event.Decode[event.Decision](m.Data)
}

// byID gives the only decision since a time whose id, or whose order's, begins so; nil where there is none.
func (e *Explainer) byID(ctx context.Context, kind, prefix string, since time.Time) (found *event.Decision, err error) {
	matches := map[string]bool{}
	err = e.decisions(ctx, kind, "", since, time.Time{}, func(d *event.Decision) bool {
		if strings.HasPrefix(d.ID, prefix) || kind != event.WorkDone && strings.HasPrefix(d.Value, prefix) || strings.HasPrefix(text(d.Inputs["order"]), prefix) {
			found, matches[d.ID] = d, true
		}
		return true
	})
	if err == nil && len(matches) > 1 {
		err = fmt.Errorf("%w: %d decisions have an id that begins with %q, want 1; give more of it", ErrAsked, len(matches), prefix)
	}
	return found, err
}

// errEnough ends a reading.
var errEnough = errors.New("enough")

// decisions reads those of a kind and subject that were made between two times, oldest first, until a function has had
// enough. No subject is all; no end is now.
func (e *Explainer) decisions(ctx context.Context, kind, subject string, since, until time.Time, use func(*event.Decision) bool) error {
	filter := "event." + kind + ".>"
	if subject != "" {
		filter = "event." + kind + "." + event.Token(subject)
	}
	return each(ctx, e.client, stream.Events, filter, since, func(d *event.Decision) bool {
		return (until.IsZero() || !d.Time.After(until)) && use(d)
	})
}

// each reads messages of one kind from a time on, until a function has had enough. What cannot be read is passed over.
func each[T any, P interface {
	*T
	event.Message
}](ctx context.Context, client *stream.Client, name, filter string, since time.Time, use func(P) bool) error {
	err := client.Each(ctx, name, filter, since, func(m stream.Message) error {
		one, err := event.Decode[T, P](m.Data)
		if err == nil && !use(one) {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
