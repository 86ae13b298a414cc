package ingest

import (
	"context"
	"log/slog"
	"time"

	"bowecho/ingest/source"
	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// line tells on the stream of events when the server of a source does not answer any longer, and when it does again. What
// cannot be told now is told at the next attempt.
type line struct {
	client *stream.Client
	log    *slog.Logger
	source string
	heard  func(context.Context) // where each answer is word of a feed; else nil
	since  time.Time             // of the last change
	told   string                // what was told last; "" nothing yet
}

// tellWithin is how long an event may take, while the source waits.
const tellWithin = 2 * time.Second

// follow has the line of a source on a server told of. The function that it gives tells that it is no longer asked.
func (s *Service) follow(ctx context.Context, name string, from source.Source) (left func()) {
	remote, ok := from.(source.Remote)
	if !ok || remote.Line() == nil {
		return func() {}
	}
	l := &line{client: s.client, log: s.log, source: name}
	if remote.Line().Feed {
		l.heard = func(ctx context.Context) { s.feedHeard(ctx, name, "it answers", nil) }
	}
	remote.Line().Told = l.attempted
	return func() {
		if l.told == event.Down {
			l.tell(context.WithoutCancel(ctx), event.Left, "it is no longer asked")
		}
	}
}

// attempted takes what became of an attempt to reach the server. The first that works after a start is told, too: a run
// before may have ended while the server was away.
func (l *line) attempted(ctx context.Context, err error) {
	switch {
	case err != nil && l.told != event.Down:
		l.tell(ctx, event.Down, err.Error())
	case err == nil && l.told != event.Up:
		l.tell(ctx, event.Up, "it answers")
	}
	if err == nil && l.heard != nil {
		l.heard(ctx)
	}
}

func (l *line) tell(ctx context.Context, value, reason string) {
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	now := time.Now().UTC()
	m := &event.Decision{
		V: event.Version, ID: event.ID(event.LineChange, l.source, value, now.String()), Kind: event.LineChange, Subj: l.source,
		Value: value, Was: l.told, Reason: reason, Time: now,
	}
	if l.told != "" {
		m.Inputs = map[string]any{"seconds": now.Sub(l.since).Seconds()}
	}
	if _, err := l.client.Publish(ctx, m); err != nil {
		l.log.Warn("not told yet", "source", l.source, "value", value, "err", err)
		return
	}
	l.told, l.since = value, now
}
