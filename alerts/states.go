package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bowecho/alerts/episode"
	"bowecho/alerts/match"
	"bowecho/internal/event"
)

// publishStates writes how it stands at each place, where that has changed.
func (s *Service) publishStates(ctx context.Context, now time.Time) error {
	for _, p := range s.set.All() {
		state := s.state(p, now)
		if was := s.standing[p.Name]; was.State == state.State && was.Text == state.Text {
			continue
		}
		data, err := json.Marshal(state)
		if err != nil {
			return fmt.Errorf("state of place %q: %w", p.Name, err)
		}
		if _, err := s.states.Put(ctx, event.PlaceKey(p.Name), data); err != nil {
			return fmt.Errorf("store the state of place %q: %w", p.Name, err)
		}
		s.standing[p.Name] = state
	}
	return nil
}

// urgency orders the states of a place's hazards: the most urgent stands for the place. Clear is the least, but not
// knowing of one hazard does not hide another.
var urgency = map[string]int{event.PlaceClear: 0, event.PlaceUnknown: 1, event.PlaceAhead: 2, event.PlaceNow: 3}

func (s *Service) state(p event.Place, now time.Time) event.PlaceState {
	state := event.PlaceState{V: event.Version, Place: p, State: event.PlaceClear, Text: "nothing within " + fmt.Sprintf("%g km", p.WithinKM), Time: now.UTC()}
	for _, h := range p.Hazards {
		name, text, eta := standing(p, h, s.memory.track(trackKey(p, h)))
		if urgency[name] > urgency[state.State] {
			state.State, state.Text, state.ETATime = name, text, eta
		}
	}
	return state
}

// standing says how it stands with one hazard.
func standing(p event.Place, h event.Hazard, t episode.Track) (state, text string, eta time.Time) {
	switch {
	case t.Open != nil && t.Open.Reach.LeadMinutes == 0:
		return event.PlaceNow, sentence(p, h, t.Open.Reach), t.Open.ETA().UTC()
	case t.Open != nil:
		return event.PlaceAhead, sentence(p, h, t.Open.Reach), t.Open.ETA().UTC()
	case t.Sight == match.Unknown:
		return event.PlaceUnknown, h.Product + ": " + t.Why, time.Time{}
	default:
		return event.PlaceClear, "", time.Time{}
	}
}
