package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bowecho/alerts/place"
	"bowecho/internal/event"

	"github.com/nats-io/nats.go/jetstream"
)

// followPlaces takes in the places that come and go over HTTP, until ctx ends.
func (s *Service) followPlaces(ctx context.Context) error {
	bucket, err := s.client.KeyValue(ctx, event.PlacesBucket)
	if err != nil {
		return err
	}
	watcher, err := bucket.WatchAll(ctx)
	if err != nil {
		return fmt.Errorf("watch places: %w", err)
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
			if entry == nil { // all that were there have come
				continue
			}
			if err := s.placeChanged(ctx, entry); err != nil && ctx.Err() == nil {
				s.log.Warn("a place cannot be taken in", "key", entry.Key(), "err", err)
			}
		}
	}
}

func (s *Service) placeChanged(ctx context.Context, entry jetstream.KeyValueEntry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, known := s.added[entry.Key()]
	if entry.Operation() != jetstream.KeyValuePut {
		delete(s.added, entry.Key())
		s.rebuild()
		if !known {
			return nil
		}
		return s.drop(ctx, was)
	}
	var p event.Place
	if err := json.Unmarshal(entry.Value(), &p); err != nil {
		return err
	}
	if err := check(p); err != nil {
		return err
	}
	s.added[entry.Key()] = p
	s.rebuild()
	return s.publishStates(ctx, s.memory.newest())
}

// rebuild makes the set anew: the config's places, and those that came over HTTP, which go first where names are alike.
func (s *Service) rebuild() {
	byName := map[string]event.Place{}
	for _, p := range s.added {
		byName[p.Name] = p
	}
	var all []event.Place
	for _, p := range s.cfg.Places {
		if _, replaced := byName[p.Name]; !replaced {
			all = append(all, p)
		}
	}
	for _, p := range byName {
		all = append(all, p)
	}
	s.set = place.NewSet(all)
}

// drop ends what is open at a place that nobody watches any longer.
func (s *Service) drop(ctx context.Context, p event.Place) error {
	next, now := s.memory.clone(), s.memory.newest()
	for _, h := range p.Hazards {
		key := trackKey(p, h)
		_, changes := next.track(key).Drop(now)
		delete(next.Tracks, key)
		if err := s.tell(ctx, &event.Areas{Product: h.Product, IssueTime: later(now)}, p, h, changes); err != nil {
			return err
		}
	}
	delete(s.standing, p.Name)
	if err := s.states.Delete(ctx, event.PlaceKey(p.Name)); err != nil {
		return fmt.Errorf("forget the state of place %q: %w", p.Name, err)
	}
	return s.settle(ctx, next, now)
}

// later gives a time that is set, the wall clock's where no data have come yet.
func later(t time.Time) time.Time {
	if t.IsZero() {
		return time.Now().UTC()
	}
	return t
}
