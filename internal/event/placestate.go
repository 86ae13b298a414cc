package event

import (
	"fmt"
	"time"
)

// PlaceStatesBucket is the key-value bucket of how it stands at each place, wherever the place came from:
// PlaceKey → PlaceState as JSON. Alerts writes it, the portal watches it.
const PlaceStatesBucket = "place-states"

// The states of a place.
const (
	PlaceClear   = "clear"   // radars see it, and no hazard is or comes near
	PlaceAhead   = "ahead"   // a hazard will come within its distance
	PlaceNow     = "now"     // a hazard is within its distance
	PlaceUnknown = "unknown" // no radar sees it, or the data are late
)

// PlaceState is how it stands at a place.
type PlaceState struct {
	V       int       `json:"v"`
	Place   Place     `json:"place"`
	State   string    `json:"state"`
	Text    string    `json:"text"`             // why, as a person reads it
	ETATime time.Time `json:"etaTime,omitzero"` // when the hazard comes within its distance
	Time    time.Time `json:"time"`             // the time in the data at which this was so
}

// Validate tells what is wrong.
func (s PlaceState) Validate() error {
	switch s.State {
	case PlaceClear, PlaceAhead, PlaceNow, PlaceUnknown:
		return s.Place.Validate()
	}
	return fmt.Errorf("place %q: state %q, want %s, %s, %s or %s", s.Place.Name, s.State, PlaceClear, PlaceAhead, PlaceNow, PlaceUnknown)
}
