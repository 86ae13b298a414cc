package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"bowecho/alerts/episode"
	"bowecho/alerts/match"
	"bowecho/internal/event"
)

// origin is where news come from: the areas, or nothing where only time has passed.
type origin struct {
	trail  event.Trail
	radars []string
}

// tell puts a notice for each channel of the place on its queue, and the change on record.
func (s *Service) tell(ctx context.Context, n news, from origin) error {
	notice := n.notice(from, s.wall())
	for _, channel := range s.cfg.of(n.Place) {
		copied := notice
		copied.Channel = channel
		copied.ID = event.ID("notice", n.change.Episode, n.change.State, fmt.Sprint(n.change.Sequence), channel)
		if _, err := s.client.Publish(ctx, &copied); err != nil {
			return fmt.Errorf("tell %s of %s: %w", channel, n.Place.Name, err)
		}
	}
	inputs, err := fields(notice)
	if err != nil {
		return err
	}
	_, err = s.client.Publish(ctx, &event.Decision{
		V: event.Version, ID: event.ID("episode", n.change.Episode, n.change.State, fmt.Sprint(n.change.Sequence)),
		Kind: event.EpisodeChange, Subj: n.Place.Name, Value: n.change.State, Reason: notice.Text + ": " + n.change.Reason,
		Inputs: inputs, DataTime: n.change.At, Time: notice.Trail.Notice,
	})
	return err
}

// fields gives a notice as the values of a decision.
func fields(n event.Notice) (map[string]any, error) {
	data, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	var all map[string]any
	err = json.Unmarshal(data, &all)
	return all, err
}

// notice gives what to tell, for no channel yet.
func (n news) notice(from origin, now time.Time) event.Notice {
	c := n.change
	from.trail.Notice = now.UTC()
	return event.Notice{
		V: event.Version, Episode: c.Episode, State: c.State, Reason: c.Reason,
		Place: n.Place.Name, Product: n.Hazard.Product, Level: c.Reach.Level, Units: n.Hazard.Units,
		DistanceKM: math.Round(c.Reach.DistanceKM*100) / 100, Bearing: c.Reach.Bearing, LeadMinutes: c.Reach.LeadMinutes,
		ETATime: c.ETA().UTC(), ValidTime: c.ETA().UTC(), IssueTime: c.At.UTC(), Text: n.text(),
		Areas: append([]string{}, c.Reach.Areas...), Radars: append([]string{}, from.radars...), Trail: from.trail,
	}
}

func (n news) text() string {
	if n.change.State != event.End {
		return where(n.followed, n.change.Reach)
	}
	hazard := what(n.Hazard, n.change.Reach.Level)
	switch n.change.Reason {
	case episode.Ended:
		return fmt.Sprintf("%s near %s has ended", hazard, n.Place.Name)
	case episode.DataLost:
		return fmt.Sprintf("no radar data on %s any more: %s may still be near", n.Place.Name, hazard)
	}
	return fmt.Sprintf("%s is no longer watched for %s", n.Place.Name, hazard)
}

// where says how a hazard reaches a place: "45 dBZ, 6 km SW, reaching Home in 9 min".
func where(f followed, r match.Reach) string {
	hazard, in := what(f.Hazard, r.Level), fmt.Sprintf("in %.0f min", r.LeadMinutes)
	switch {
	case r.DistanceKM == 0 && r.LeadMinutes == 0:
		return fmt.Sprintf("%s over %s now", hazard, f.Place.Name)
	case r.DistanceKM == 0:
		return fmt.Sprintf("%s over %s %s", hazard, f.Place.Name, in)
	case r.LeadMinutes == 0:
		return fmt.Sprintf("%s, %s %s of %s now", hazard, distance(r.DistanceKM), r.Bearing, f.Place.Name)
	}
	return fmt.Sprintf("%s, %s %s, reaching %s %s", hazard, distance(r.DistanceKM), r.Bearing, f.Place.Name, in)
}

// what says a hazard: its units tell that it is reflectivity, and of any other product its name is said.
func what(h event.Hazard, level float64) string {
	value := fmt.Sprintf("%.4g %s", level, h.Units)
	if h.Product == "reflectivity" {
		return value
	}
	return h.Product + " " + value
}

func distance(km float64) string {
	if km < 1 {
		return fmt.Sprintf("%.0f m", math.Max(km*1000, 1))
	}
	return fmt.Sprintf("%.0f km", km)
}
