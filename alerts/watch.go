package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"bowecho/alerts/episode"
	"bowecho/alerts/place"
	"bowecho/internal/event"

	"github.com/nats-io/nats.go/jetstream"
)

// readPlaces reads all places that came over HTTP, and gives the watcher that tells of changes.
func (s *Service) readPlaces(ctx context.Context) (jetstream.KeyWatcher, error) {
	watcher, err := s.buckets.places.WatchAll(ctx)
	if err != nil {
		return nil, fmt.Errorf("watch the places: %w", err)
	}
	for entry := range watcher.Updates() {
		if entry == nil { // marks the end of what was there
			return watcher, nil
		}
		s.take(entry)
	}
	return nil, fmt.Errorf("watch the places: %w", context.Cause(ctx))
}

// watch takes in places as they change.
func (s *Service) watch(ctx context.Context, places jetstream.KeyWatcher) error {
	defer func() { _ = places.Stop() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case entry, open := <-places.Updates():
			if !open {
				return nil
			}
			s.mu.Lock()
			s.take(entry)
			s.rewatch(ctx)
			s.mu.Unlock()
		}
	}
}

// take notes one place, or that it is gone. One that is not valid counts as none.
func (s *Service) take(entry jetstream.KeyValueEntry) {
	delete(s.own, entry.Key())
	if entry.Operation() != jetstream.KeyValuePut {
		return
	}
	var p event.Place
	err := json.Unmarshal(entry.Value(), &p)
	if err == nil {
		err = s.cfg.checkPlace(p)
	}
	if err == nil && slices.ContainsFunc(s.cfg.Places, func(c event.Place) bool { return c.Name == p.Name }) {
		err = fmt.Errorf("place %q is in the config, which holds", p.Name)
	}
	if err != nil {
		s.log.Warn("place over HTTP is not watched", "key", entry.Key(), "err", err)
		return
	}
	s.own[entry.Key()] = p
}

// rewatch indexes the places anew. What is watched no longer is ended by the next tick.
func (s *Service) rewatch(ctx context.Context) {
	places := slices.Concat(s.cfg.Places, slices.Collect(maps.Values(s.own)))
	s.watched = place.NewSet(places)
	next := s.memory.clone()
	for key, f := range next.followed {
		f.gone = true
		next.followed[key] = f
	}
	for _, p := range places {
		for _, h := range p.Hazards {
			key := subject{p.Name, h}
			f, known := next.followed[key]
			if !known {
				f.Track = episode.New()
			}
			f.Place, f.Hazard, f.gone = p, h, false
			next.followed[key] = f
		}
	}
	s.memory = next
	s.show(ctx)
}
