package event

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb/geojson"
)

// Warning is a warning of a feed, in the words of CAP 1.2. Each message of the feed is one of these: what goes on is told
// by a new one that says which it replaces, or by one of the same id.
type Warning struct {
	V         int       `json:"v"`
	ID        string    `json:"id"`                  // of the warning, unique within its feed; "ID 2" is the second thing that message ID says
	Replaces  []string  `json:"replaces,omitempty"`  // ids of those that it updates or cancels
	Feed      string    `json:"feed"`                // the source's name
	Event     string    `json:"event"`               // "Tornado Warning"
	Severity  string    `json:"severity,omitempty"`  // Extreme, Severe, Moderate, Minor, Unknown
	Urgency   string    `json:"urgency,omitempty"`   // Immediate, Expected, Future, Past, Unknown
	Certainty string    `json:"certainty,omitempty"` // Observed, Likely, Possible, Unlikely, Unknown
	Status    string    `json:"status"`              // Actual, Exercise, System, Test, Draft
	Sent      time.Time `json:"sent"`
	Onset     time.Time `json:"onset"`            // when what is warned of is expected to begin
	Expires   time.Time `json:"expires"`          // when it is over
	Ended     time.Time `json:"ended,omitzero"`   // when it was taken back before that
	Reason    string    `json:"reason,omitempty"` // why it was
	Headline  string    `json:"headline,omitempty"`
	Place     string    `json:"place,omitempty"` // the area in words
	Codes     []string  `json:"codes,omitempty"` // the area in codes, as "UGC TXC113"

	Area   *geojson.Geometry `json:"area,omitempty"`  // Polygon or MultiPolygon; nil where the area is told in words or codes only
	Listed time.Time         `json:"listed,omitzero"` // when the list of all that holds was made in which it stands: when the list has it no longer, it has ended
	File   string            `json:"file"`            // where it was read
	Heard  time.Time         `json:"heard"`           // the wall clock
}

// Statuses of warnings. Only actual ones are meant to be acted on.
const (
	Actual   = "Actual"
	Exercise = "Exercise"
	Test     = "Test"
	Draft    = "Draft"
)

// Subject puts a warning on WARNINGS.
func (m *Warning) Subject() string { return "warning." + Token(m.Feed) }

// MessageID is of the warning, its content, and when that was heard: it may end and be there again.
func (m *Warning) MessageID() string {
	return ID("warning", m.Feed, m.ID, m.Content(), m.Heard.UTC().String())
}

// Content gives the same for warnings that say the same, wherever and whenever they were heard.
func (m *Warning) Content() string {
	c := *m
	c.File, c.Heard, c.Listed = "", time.Time{}, time.Time{}
	data, err := json.Marshal(c)
	if err != nil {
		return err.Error() // an area that cannot be written, which nobody can read either
	}
	return ID(string(data))
}

// Replaced tells whether another message of its feed updates or cancels the warning.
func (m *Warning) Replaced(by *Warning) bool {
	message, _, _ := strings.Cut(m.ID, " ")
	return m.Feed == by.Feed && (slices.Contains(by.Replaces, m.ID) || slices.Contains(by.Replaces, message))
}

// Validate tells what is missing.
func (m *Warning) Validate() error {
	return need("warning", field{"id", m.ID}, field{"feed", m.Feed}, field{"status", m.Status}, at("sent", m.Sent), at("expires", m.Expires))
}
