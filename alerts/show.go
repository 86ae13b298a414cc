package alerts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bowecho/alerts/match"
	"bowecho/internal/event"

	"github.com/nats-io/nats.go/jetstream"
)

// show puts how it stands at each place where the portal reads it, as far as it has changed. It is for the eye: what
// could not be written now is written with the next areas.
func (s *Service) show(ctx context.Context) {
	watched := map[string]bool{}
	for _, p := range s.watched.All() {
		key := event.PlaceKey(p.Name)
		watched[key] = true
		state := s.standing(p)
		if same(state, s.shown[key]) {
			continue
		}
		data, err := json.Marshal(state)
		if err == nil {
			_, err = s.buckets.states.Put(ctx, key, data)
		}
		if err != nil {
			s.log.Warn("show how it stands", "place", p.Name, "err", err)
			return
		}
		s.shown[key] = state
	}
	for key := range s.shown {
		if watched[key] {
			continue
		}
		if err := s.buckets.states.Delete(ctx, key); err != nil {
			s.log.Warn("show how it stands", "key", key, "err", err)
			return
		}
		delete(s.shown, key)
	}
}

func same(a, b event.PlaceState) bool {
	return a.State == b.State && a.Text == b.Text && a.ETATime.Equal(b.ETATime) && samePlace(a.Place, b.Place)
}

func samePlace(a, b event.Place) bool {
	return a.Name == b.Name && a.At == b.At && a.WithinKM == b.WithinKM &&
		slices.Equal(a.Hazards, b.Hazards) && slices.Equal(a.Channels, b.Channels)
}

// urgency orders the states of several hazards: the place is in the most urgent. One hazard of which nothing is known
// keeps a place from being clear.
var urgency = []string{event.PlaceNow, event.PlaceAhead, event.PlaceUnknown, event.PlaceClear}

// standing gives how it stands at a place, from all its hazards.
func (s *Service) standing(p event.Place) event.PlaceState {
	all := event.PlaceState{V: event.Version, Place: p, State: event.PlaceClear, Time: s.clock().Truncate(time.Second)}
	var texts []string
	for _, h := range p.Hazards {
		state, text, eta := s.memory.followed[subject{p.Name, h}].standing()
		if slices.Index(urgency, state) < slices.Index(urgency, all.State) {
			all.State = state
		}
		if !eta.IsZero() && (all.ETATime.IsZero() || eta.Before(all.ETATime)) {
			all.ETATime = eta
		}
		texts = append(texts, text)
	}
	all.Text = strings.Join(texts, "; ")
	return all
}

// standing gives how it stands with one hazard. An alert that is open counts until it ends, but for a lost sight.
func (f followed) standing() (state, text string, eta time.Time) {
	hazard := what(f.Hazard, f.Hazard.AtLeast)
	switch open := f.Track.Open; {
	case f.Track.Sight == match.Unknown:
		return event.PlaceUnknown, hazard + ": " + f.Track.Why, eta
	case open == nil:
		return event.PlaceClear, fmt.Sprintf("no %s within %g km", hazard, f.Place.WithinKM), eta
	case open.Reach.LeadMinutes == 0:
		return event.PlaceNow, where(f, open.Reach), eta
	default:
		return event.PlaceAhead, where(f, open.Reach), open.ETA().UTC()
	}
}

// forgetStates removes the states of places that were watched before the start and are no longer.
func (s *Service) forgetStates(ctx context.Context) error {
	keys, err := s.buckets.states.Keys(ctx)
	if errors.Is(err, jetstream.ErrNoKeysFound) {
		return nil
	}
	for _, key := range keys {
		if _, shown := s.shown[key]; !shown && err == nil {
			err = s.buckets.states.Delete(ctx, key)
		}
	}
	if err != nil {
		return fmt.Errorf("forget places that are not watched: %w", err)
	}
	return nil
}
