package dispatcher

import (
	"context"
	"time"

	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// warned hears what a feed says of one warning.
func (d *Dispatcher) warned(ctx context.Context, msg stream.Message) error {
	m, err := event.Decode[event.Warning](msg.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	return d.decide(ctx, func() { d.hearWarning(m, d.now()) })
}

// hearWarning takes a warning into each domain that it touches, and looks there anew. Before the first scan there is no time
// of the data that it could be in force at.
func (d *Dispatcher) hearWarning(m *event.Warning, wall time.Time) {
	d.noteFeed(m.Feed, m.Heard)
	now := d.state.Clock.now(wall)
	for _, domain := range d.domains {
		s := d.state.domain(domain)
		changes, err := s.Warnings.Hear(m, d.cfg.Feeds[m.Feed].Counts(m, domain))
		if err != nil {
			d.log.Error("a warning is left out", "feed", m.Feed, "warning", m.ID, "domain", domain.Name, "err", err)
		}
		d.tellWarnings(s, changes, now)
		if !d.state.Clock.Data.IsZero() {
			d.watch(s, now)
		}
	}
}

// inForce gives the warnings that are in force in a domain at a time of the data, and tells which have begun and ended.
func (d *Dispatcher) inForce(s *domainState, now time.Time) []event.Warning {
	d.tellWarnings(s, s.Warnings.Look(now), now)
	return s.Warnings.InForce()
}

func (d *Dispatcher) tellWarnings(s *domainState, changes []weather.Change, now time.Time) {
	for _, c := range changes {
		w := c.Warning
		d.tell(&event.Decision{
			ID:   event.ID(event.WarningChange, w.Feed, w.ID, s.Domain.Name, c.Value, w.Content(), now.String()),
			Kind: event.WarningChange, Subj: w.Event, Domain: s.Domain.Name, Value: c.Value, Reason: c.Reason, DataTime: now,
			Inputs: map[string]any{
				"feed": w.Feed, "id": w.ID, "severity": w.Severity, "urgency": w.Urgency, "certainty": w.Certainty, "status": w.Status,
				"sent": w.Sent, "onset": w.Onset, "expires": w.Expires, "headline": w.Headline, "file": w.File,
			},
		})
	}
}

// named gives warnings as the inputs of a decision.
func named(warnings []event.Warning) []string {
	list := make([]string, len(warnings))
	for i, w := range warnings {
		list[i] = w.Event + " " + w.Feed + " " + w.ID
	}
	return list
}

// feedHeard hears that a feed answers. That is stored with the next decision: to lose it is no harm.
func (d *Dispatcher) feedHeard(_ context.Context, msg stream.Message) error {
	m, err := event.Decode[event.Decision](msg.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.noteFeed(m.Subj, m.Time)
	return nil
}

func (d *Dispatcher) noteFeed(feed string, at time.Time) {
	if d.state.Feeds == nil {
		d.state.Feeds = map[string]time.Time{}
	}
	if at.After(d.state.Feeds[feed]) {
		d.state.Feeds[feed] = at
	}
}

// feedAges gives how long ago each feed was heard, by the wall clock: of a line to a server that is what counts.
func (d *Dispatcher) feedAges(wall time.Time) map[string]time.Duration {
	ages := map[string]time.Duration{}
	for feed, at := range d.state.Feeds {
		ages[feed] = max(wall.Sub(at), 0)
	}
	return ages
}
