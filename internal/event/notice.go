package event

import (
	"fmt"
	"time"
)

// The states of an episode that a notice tells.
const (
	Start  = "start"
	Update = "update"
	End    = "end"
)

// Notice is one thing to tell one recipient: the start, a change or the end of an episode.
type Notice struct {
	V           int       `json:"v"`
	ID          string    `json:"id"`
	Episode     string    `json:"episode"`
	State       string    `json:"state"`
	Reason      string    `json:"reason"`
	Place       string    `json:"place"`
	Product     string    `json:"product"`
	Level       float64   `json:"level"`
	Units       string    `json:"units"`
	DistanceKM  float64   `json:"distanceKm"`
	Bearing     string    `json:"bearing"` // from the place: "SW"; empty inside the area
	LeadMinutes float64   `json:"leadMinutes"`
	ETATime     time.Time `json:"etaTime"`
	ValidTime   time.Time `json:"validTime"`
	IssueTime   time.Time `json:"issueTime"`
	Text        string    `json:"text"`
	Areas       []string  `json:"areas"` // ids of the features that reach the place
	Radars      []string  `json:"radars"`
	Channel     string    `json:"channel"`
	Trail       Trail     `json:"trail"`
}

// Subject puts a notice on NOTICES, one subject a channel.
func (m *Notice) Subject() string { return "notice." + Token(m.Channel) }

// MessageID is the notice's.
func (m *Notice) MessageID() string { return m.ID }

// Validate tells what is missing.
func (m *Notice) Validate() error {
	return need("notice", field{"id", m.ID}, field{"episode", m.Episode}, field{"state", m.State}, field{"place", m.Place}, field{"channel", m.Channel})
}

// Place is what somebody watches: a point, how near a hazard may come, and which hazards count.
type Place struct {
	Name     string     `json:"name" yaml:"name"`
	At       [2]float64 `json:"at" yaml:"at"` // longitude, latitude
	WithinKM float64    `json:"withinKm" yaml:"within_km"`
	Hazards  []Hazard   `json:"hazards" yaml:"hazards"`
	Channels []string   `json:"channels,omitempty" yaml:"channels"` // names of notifiers; empty: all
}

// Hazard is a product at or above a threshold.
type Hazard struct {
	Product string  `json:"product" yaml:"product"`
	AtLeast float64 `json:"atLeast" yaml:"at_least"`
	Units   string  `json:"units" yaml:"units"`
}

// Validate tells what is wrong with a place.
func (p Place) Validate() error {
	lon, lat := p.At[0], p.At[1]
	switch {
	case p.Name == "" || len(p.Name) > 200:
		return fmt.Errorf("place at %g, %g: its name has %d bytes, want 1 to 200", lon, lat, len(p.Name))
	case !(lon >= -180 && lon <= 180 && lat >= -90 && lat <= 90):
		return fmt.Errorf("place %q: at [%g, %g], want [longitude, latitude]", p.Name, lon, lat)
	case !(p.WithinKM >= 0 && p.WithinKM <= 500):
		return fmt.Errorf("place %q: within_km %g, want 0 to 500", p.Name, p.WithinKM)
	case len(p.Hazards) == 0:
		return fmt.Errorf("place %q: no hazards; name at least one, like {product: reflectivity, at_least: 45, units: dBZ}", p.Name)
	}
	for _, h := range p.Hazards {
		if h.Product == "" || h.Units == "" || !(h.AtLeast > 0) {
			return fmt.Errorf("place %q: hazard %q at least %g %q, want a product, a threshold above 0 and units", p.Name, h.Product, h.AtLeast, h.Units)
		}
	}
	return nil
}

// PlacesBucket is the key-value bucket of places that came over HTTP: name hash → Place as JSON.
// The portal writes it, alerts watches it.
const PlacesBucket = "places"

// PlaceKey gives the key of a place in PlacesBucket.
func PlaceKey(name string) string { return ID("place", name) }
