package portal

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/portal/board"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// How far back a portal reads when it starts. What holds until it changes is read whole.
const (
	loopBack   = 90 * time.Minute // scans, pictures and areas: the loop and the cadences
	wholePast  = 0
	noticeBack = 24 * time.Hour
)

// source is one thing to follow.
type source struct {
	stream, filter string
	back           time.Duration
	use            func(ctx context.Context, m stream.Message) error
}

func (p *Portal) sources() []source {
	list := []source{
		{stream.Scans, "", loopBack, p.scan},
		{stream.Grids, "grid.picture.>", loopBack, p.pictures},
		{stream.Grids, "grid.mosaic.>", loopBack, p.mosaic},
		{stream.Areas, "", loopBack, p.areas},
		{stream.DeadBox, "", wholePast, p.dead},
		{stream.Events, "event.notice.>", noticeBack, p.notice},
	}
	for _, kind := range []string{
		event.Budget, event.CloudChange,
		event.RegimeChange, event.TriggerChange, event.FreshnessChange, event.Scaling, event.EpisodeChange, event.OrderDropped, event.SourceDone,
		event.LineChange, event.WarningChange, event.FleetStatus, event.ConfigChange,
	} {
		list = append(list, source{stream.Events, "event." + kind + ".>", wholePast, p.decision})
	}
	return list
}

// follow starts to follow all sources and the places.
func (p *Portal) follow(ctx context.Context, group *errgroup.Group) {
	sources := p.sources()
	p.behind.Store(int32(len(sources)))
	for _, s := range sources {
		var since time.Time
		if s.back != wholePast {
			since = time.Now().Add(-s.back)
		}
		group.Go(func() error {
			return p.client.Follow(ctx, p.log, s.stream, s.filter, since, func() { p.behind.Add(-1) }, func(m stream.Message) {
				p.metrics.messages.WithLabelValues(s.stream).Inc()
				if err := s.use(ctx, m); err != nil && ctx.Err() == nil {
					p.log.Warn("not shown", "subject", m.Subject, "err", err)
				}
			})
		})
	}
	group.Go(func() error { return p.watch(ctx, p.places, jetstream.AllKeys, p.placeEntry(board.SetOwn)) })
	group.Go(func() error { return p.watch(ctx, p.states, jetstream.AllKeys, p.placeEntry(board.SetState)) })
	group.Go(func() error { return p.watch(ctx, p.spending, event.SpendingKey, p.spent) })
}

func (p *Portal) scan(_ context.Context, m stream.Message) error {
	scan, err := event.Decode[event.Scan](m.Data)
	if err == nil {
		p.apply(func(b *board.Board) []board.Change { return b.Scan(scan) })
	}
	return err
}

func (p *Portal) pictures(_ context.Context, m stream.Message) error {
	pictures, err := event.Decode[event.Pictures](m.Data)
	if err == nil {
		p.apply(func(b *board.Board) []board.Change { return b.Pictures(pictures) })
	}
	return err
}

func (p *Portal) mosaic(_ context.Context, m stream.Message) error {
	grid, err := event.Decode[event.Grid](m.Data)
	if err == nil {
		p.apply(func(b *board.Board) []board.Change {
			b.Mosaic(grid)
			return nil
		})
	}
	return err
}

func (p *Portal) areas(ctx context.Context, m stream.Message) error {
	areas, err := event.Decode[event.Areas](m.Data)
	if err != nil {
		return err
	}
	collection := []byte(areas.Collection)
	if areas.Key != "" {
		if collection, err = p.client.Get(ctx, areas.Key); err != nil {
			return err
		}
	}
	p.apply(func(b *board.Board) (changes []board.Change) {
		changes, err = b.Areas(areas, collection)
		return changes
	})
	return err
}

func (p *Portal) dead(_ context.Context, m stream.Message) error {
	letter, err := event.Decode[event.Dead](m.Data)
	if err == nil {
		p.apply(func(b *board.Board) []board.Change { return []board.Change{b.Bury(letter)} })
	}
	return err
}

func (p *Portal) notice(_ context.Context, m stream.Message) error {
	notice, err := event.Decode[event.Notice](m.Data)
	if err == nil {
		p.apply(func(b *board.Board) []board.Change { return b.Notice(*notice) })
	}
	return err
}

func (p *Portal) decision(_ context.Context, m stream.Message) error {
	decision, err := event.Decode[event.Decision](m.Data)
	if err == nil {
		p.metrics.decisions.WithLabelValues(decision.Kind).Inc()
		p.apply(func(b *board.Board) []board.Change { return b.Decision(decision) })
	}
	return err
}

// watch takes what a bucket has under some keys, and each change.
func (p *Portal) watch(ctx context.Context, bucket jetstream.KeyValue, keys string, take func(jetstream.KeyValueEntry)) error {
	watcher, err := bucket.Watch(ctx, keys)
	if err != nil {
		return err
	}
	defer func() { _ = watcher.Stop() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case entry, open := <-watcher.Updates():
			if !open {
				return nil
			}
			if entry != nil { // nil marks the end of what was there
				take(entry)
			}
		}
	}
}

// placeEntry keeps the board's places as a bucket has them.
func (p *Portal) placeEntry(set board.SetPlace) func(jetstream.KeyValueEntry) {
	return func(entry jetstream.KeyValueEntry) {
		value := entry.Value()
		if entry.Operation() != jetstream.KeyValuePut {
			value = nil
		} else if !json.Valid(value) {
			p.log.Warn("not shown", "bucket", entry.Bucket(), "key", strings.ToValidUTF8(entry.Key(), "?"), "err", "not JSON")
			return
		}
		p.apply(func(b *board.Board) []board.Change { return set(b, entry.Key(), value) })
	}
}

// spent shows what workers have cost.
func (p *Portal) spent(entry jetstream.KeyValueEntry) {
	var s event.Spending
	if err := json.Unmarshal(entry.Value(), &s); err != nil {
		p.log.Warn("not shown", "bucket", entry.Bucket(), "key", entry.Key(), "err", err)
		return
	}
	p.apply(func(b *board.Board) []board.Change { return b.Spend(&s) })
}
