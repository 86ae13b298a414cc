package alerts

import (
	"fmt"
	"strings"
	"time"

	"bowecho/alerts/episode"
	"bowecho/alerts/match"
	"bowecho/internal/event"
)

// notice says a change, all but its channel.
func notice(m *event.Areas, p event.Place, h event.Hazard, c episode.Change) event.Notice {
	n := event.Notice{
		V: event.Version, ID: event.ID("notice", c.Episode, c.State, fmt.Sprint(c.Sequence)), Episode: c.Episode, State: c.State,
		Reason: c.Reason, Place: p.Name, Product: h.Product, Level: c.Reach.Level, Units: h.Units,
		DistanceKM: c.Reach.DistanceKM, Bearing: c.Reach.Bearing, LeadMinutes: c.Reach.LeadMinutes,
		ETATime: c.ETA().UTC(), ValidTime: c.ETA().UTC(), IssueTime: m.IssueTime.UTC(),
		Areas: c.Reach.Areas, Radars: m.Radars, Trail: m.Trail,
	}
	n.Text = text(p, h, c)
	n.Trail.Notice = time.Now().UTC()
	return n
}

// text says a change as a person reads it.
func text(p event.Place, h event.Hazard, c episode.Change) string {
	if c.State == event.End {
		switch c.Reason {
		case episode.DataLost:
			return fmt.Sprintf("No data on %s at %s any more; it may still be there", h.Product, p.Name)
		case episode.Expired:
			return fmt.Sprintf("%s is no longer watched for %s", p.Name, h.Product)
		default:
			return fmt.Sprintf("%s of %g %s or more has left %s", strings.ToUpper(h.Product[:1])+h.Product[1:], h.AtLeast, h.Units, p.Name)
		}
	}
	return sentence(p, h, c.Reach)
}

// sentence says how a hazard comes to a place: "45 dBZ, 6 km SW, reaching Home in 9 min".
func sentence(p event.Place, h event.Hazard, r match.Reach) string {
	what := fmt.Sprintf("%g %s", r.Level, h.Units)
	if h.Product != "reflectivity" {
		what = h.Product + " " + what
	}
	switch {
	case r.LeadMinutes == 0 && r.DistanceKM == 0:
		return fmt.Sprintf("%s at %s now", what, p.Name)
	case r.LeadMinutes == 0:
		return fmt.Sprintf("%s, %.1f km %s of %s now", what, r.DistanceKM, r.Bearing, p.Name)
	case r.DistanceKM == 0:
		return fmt.Sprintf("%s, reaching %s in %.0f min", what, p.Name, r.LeadMinutes)
	default:
		return fmt.Sprintf("%s, %.1f km %s, reaching %s in %.0f min", what, r.DistanceKM, r.Bearing, p.Name, r.LeadMinutes)
	}
}
