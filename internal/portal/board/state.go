// Package board is how things stand: what the messages so far say about radars, weather, work and places.
package board

import (
	"time"

	"bowecho/internal/event"
)

// State is all that the page shows, as one JSON document.
type State struct {
	Clock     Clock             `json:"clock"`
	Domains   []Domain          `json:"domains"`
	Legend    []LegendStep      `json:"legend"`
	Radars    []Radar           `json:"radars"`
	Loops     []Loop            `json:"loops"`
	Areas     []AreasIssue      `json:"areas"`
	Regimes   []Regime          `json:"regimes"`
	Triggers  []Trigger         `json:"triggers"`
	Chains    []Chain           `json:"chains"`
	Places    []Watched         `json:"places"`
	Notices   []event.Notice    `json:"notices"` // newest first
	Decisions []*event.Decision `json:"decisions"`
	Lines     []Line            `json:"lines"`
	Dead      Dead              `json:"dead"`
	Spending  *event.Spending   `json:"spending,omitempty"` // what workers have cost; nil where nobody has counted
}

// Clock ties the time in the data to the wall clock. Now in the data is DataTime + (wall − WallTime) × Pace.
type Clock struct {
	DataTime time.Time `json:"dataTime,omitzero"`
	WallTime time.Time `json:"wallTime,omitzero"`
	Pace     float64   `json:"pace"`  // seconds of data a second of wall clock; 0: stands between scans
	Ended    bool      `json:"ended"` // the source has no more
}

// Domain is the outline of a grid, in degrees.
type Domain struct {
	Name  string  `json:"name"`
	North float64 `json:"north"`
	South float64 `json:"south"`
	West  float64 `json:"west"`
	East  float64 `json:"east"`
}

// LegendStep is the colour from a reflectivity on, in CSS.
type LegendStep struct {
	DBZ   float64 `json:"dBZ"`
	Color string  `json:"color"`
}

// Radar is a site and how fresh what it sends is.
type Radar struct {
	Name         string    `json:"name"`
	LatitudeDeg  float64   `json:"latitudeDeg"`
	LongitudeDeg float64   `json:"longitudeDeg"`
	HeightM      float64   `json:"heightM"`
	RangeM       float64   `json:"rangeM"`
	LastScan     time.Time `json:"lastScan,omitzero"`
	CadenceS     float64   `json:"cadenceS"` // usual seconds between scans, 0 while unknown
	MaxDBZ       float64   `json:"maxDBZ"`
	Freshness    string    `json:"freshness,omitempty"` // as last decided: ok, late or silent
	Reason       string    `json:"reason,omitempty"`
	Scans        int       `json:"scans"`
}

// Loop is the pictures of a product of a domain in order of time: analyses of the last hour, then the newest nowcast.
type Loop struct {
	Domain    string         `json:"domain"`
	Product   string         `json:"product"`
	Units     string         `json:"units,omitempty"`
	Legend    []event.Colour `json:"legend,omitempty"`
	IssueTime time.Time      `json:"issueTime"`
	Radars    []string       `json:"radars"`
	Past      []event.Frame  `json:"past"`
	Nowcast   []event.Frame  `json:"nowcast"` // the first is the newest analysis
}

// AreasIssue says which polygons are the newest of a domain. The polygons are asked for separately.
type AreasIssue struct {
	Domain    string    `json:"domain"`
	Product   string    `json:"product"`
	IssueTime time.Time `json:"issueTime"`
	Levels    []float64 `json:"levels"`
	Units     string    `json:"units"`
	Radars    []string  `json:"radars"`
	Features  int       `json:"features"`
}

// Regime is the weather of a domain.
type Regime struct {
	Domain string         `json:"domain"`
	Value  string         `json:"value"`
	Was    string         `json:"was,omitempty"`
	Reason string         `json:"reason"`
	Since  time.Time      `json:"since"`
	Inputs map[string]any `json:"inputs,omitempty"`
}

// Trigger is an operator's rule and whether it holds in a domain.
type Trigger struct {
	Name   string    `json:"name"`
	Domain string    `json:"domain"`
	Open   bool      `json:"open"`
	Value  string    `json:"value"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Chain is a kind of work: what waits, what runs, and who does it.
type Chain struct {
	Name    string `json:"name"`
	Now     Load   `json:"now"`
	Reason  string `json:"reason,omitempty"` // of the last scaling
	Dropped int    `json:"dropped"`          // orders past their deadline
	History []Load `json:"history"`          // oldest first
}

// Load is one look at a chain, by the wall clock.
type Load struct {
	Time    time.Time `json:"time"`
	Workers float64   `json:"workers"`
	Target  float64   `json:"target"`
	Waiting float64   `json:"waiting"`
	Running float64   `json:"running"`
}

// Watched is what somebody watches and how it stands there.
type Watched struct {
	event.Place
	Own   bool              `json:"own"` // made over HTTP, so that it can be removed over HTTP
	State *event.PlaceState `json:"state,omitempty"`
}

// Line says whether the server of a source answers: event.Up, event.Down, or event.Left, of which nobody asks any longer.
type Line struct {
	Source string    `json:"source"`
	Value  string    `json:"value"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Dead is what was set aside.
type Dead struct {
	Count  int          `json:"count"`
	Latest []DeadLetter `json:"latest"` // newest first
}

// DeadLetter is one of them.
type DeadLetter struct {
	ID     string    `json:"id"`
	Stage  string    `json:"stage"`
	Name   string    `json:"name"`
	Reason string    `json:"reason"`
	Time   time.Time `json:"time"`
}
