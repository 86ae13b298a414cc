package board

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
)

var noon = time.Date(2017, 3, 29, 12, 0, 0, 0, time.UTC)

func after(minutes float64) time.Time { return noon.Add(time.Duration(minutes * float64(time.Minute))) }

func newBoard() *Board {
	return New([]grid.Domain{grid.Centred("dfw", 33, -97, 10, 10, 1000)}, nil)
}

func pictures(minutes float64, leads int) *event.Pictures {
	p := &event.Pictures{IssueTime: after(minutes), Domain: grid.Domain{Name: "dfw"}}
	for lead := range leads {
		p.Frames = append(p.Frames, event.Frame{LeadMinutes: float64(lead), ValidTime: after(minutes + float64(lead)), Key: fmt.Sprintf("%g+%d", minutes, lead)})
	}
	return p
}

func TestLoop(t *testing.T) {
	b := newBoard()
	for _, minutes := range []float64{0, 1, 3, 2, 3, 62} { // one late, one twice, the last an hour on
		b.Pictures(pictures(minutes, 3))
	}
	loop := b.State().Loops[0]
	var got string
	for _, f := range append(loop.Past, loop.Nowcast...) {
		got += f.Key + " "
	}
	if want := "2+0 3+0 62+0 62+1 62+2 "; got != want || !loop.IssueTime.Equal(after(62)) {
		t.Errorf("loop %q, want %q: an hour of analyses in order, each once, and the newest nowcast", got, want)
	}
}

// TestEachProductHasItsOwnLoop holds that chances do not go among the pictures of reflectivity.
func TestEachProductHasItsOwnLoop(t *testing.T) {
	b := newBoard()
	for _, minutes := range []float64{0, 1} {
		for _, product := range []string{"reflectivity", "probability_35"} {
			p := pictures(minutes, 3)
			p.Product, p.Units, p.Legend = product, "%", []event.Colour{{From: 10, Color: "#92c4e691"}}
			if c := b.Pictures(p); len(c) != 1 || c[0].Value.(Loop).Product != product {
				t.Errorf("%s: changes %+v, want the loop of that product", product, c)
			}
		}
	}
	loops := b.State().Loops
	if len(loops) != 2 || loops[0].Product != "probability_35" || loops[1].Product != "reflectivity" || len(loops[0].Past) != 1 || len(loops[1].Nowcast) != 3 || loops[0].Legend[0].From != 10 {
		t.Errorf("loops %+v, want one of each product", loops)
	}
}

func scan(radar string, minutes, pace float64) *event.Scan {
	return &event.Scan{Radar: radar, Time: after(minutes), Pace: pace, Trail: event.Trail{Scan: after(1000 + minutes)}}
}

func TestCadenceAndClock(t *testing.T) {
	b := newBoard()
	for _, minutes := range []float64{0, 1, 2, 7, 8, 9, 4} { // a gap, and one late
		b.Scan(scan("addison.tx", minutes, 1))
	}
	s := b.State()
	if r := s.Radars[0]; r.CadenceS != 60 || !r.LastScan.Equal(after(9)) || r.Scans != 7 {
		t.Errorf("radar %+v, want 60 s between scans and the last at minute 9", r)
	}
	if want := (Clock{DataTime: after(9), WallTime: after(1009), Pace: 1}); s.Clock != want {
		t.Errorf("clock %+v, want %+v", s.Clock, want)
	}
	b.Decision(&event.Decision{Kind: event.FreshnessChange, Subj: "addison.tx", Value: "silent"})
	if r := b.State().Radars; len(r) != 1 || r[0].Freshness != "silent" {
		t.Errorf("radars %+v, want the one silent", r)
	}
}

func TestRecordingBeginsAgain(t *testing.T) {
	b := newBoard()
	b.Scan(scan("addison.tx", 0, 10))
	b.Pictures(pictures(0, 3))
	if b.Scan(scan("addison.tx", -90, 1)); !b.State().Clock.DataTime.Equal(noon) {
		t.Error("a live scan that comes late set the clock back")
	}
	changes := b.Scan(scan("cleburne.tx", -90, 10))
	s := b.State()
	if len(changes) != 1 || changes[0].Kind != "reload" || len(s.Loops) != 0 || len(s.Radars) != 1 || !s.Clock.DataTime.Equal(after(-90)) {
		t.Errorf("changes %+v, state %+v; want a new board", changes, s)
	}
}

func TestFleetFromZeroToZero(t *testing.T) {
	b := newBoard()
	for i, workers := range []float64{0, 3, 0} {
		b.Decision(&event.Decision{Kind: event.FleetStatus, Subj: "nowcast", Time: after(float64(i)), Inputs: map[string]any{"workers": workers, "waiting": 2.0}})
	}
	s := b.State()
	c := s.Chains[0]
	if c.Now != (Load{Time: after(2), Waiting: 2}) || len(c.History) != 3 || c.History[1].Workers != 3 || len(s.Decisions) != 0 {
		t.Errorf("chain %+v, decisions %v; want 0, 3, 0 workers and no decision to read", c, s.Decisions)
	}
}

// TestATriggerStandsForItselfInEachDomain holds that it may be open here and closed there.
func TestATriggerStandsForItselfInEachDomain(t *testing.T) {
	b := newBoard()
	for domain, value := range map[string]string{"dfw": "open", "tulsa": "closed"} {
		b.Decision(&event.Decision{Kind: event.TriggerChange, Subj: "storm", Domain: domain, Value: value})
	}
	b.Decision(&event.Decision{Kind: event.TriggerChange, Subj: "storm", Domain: "dfw", Value: "open"})
	got := b.State().Triggers
	if len(got) != 2 || got[0].Domain != "dfw" || !got[0].Open || got[1].Domain != "tulsa" || got[1].Open {
		t.Errorf("triggers %+v, want storm open in dfw and closed in tulsa", got)
	}
}

func TestAreasRefused(t *testing.T) {
	b := newBoard()
	m := &event.Areas{ID: "a1", Domain: "dfw", IssueTime: noon}
	for name, data := range map[string]string{"not JSON": "{", "features no objects": `{"features":[7]}`, "level no number": `{"features":[{"properties":{"level":"x"}}]}`} {
		if _, err := b.Areas(m, []byte(data)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := b.Collection("dfw", Select{}); !errors.Is(err, ErrNoAreas) {
		t.Errorf("after refused areas: %v, want none", err)
	}
}

func TestPlaces(t *testing.T) {
	b := newBoard()
	place := event.Place{Name: "Home", WithinKM: 5, Hazards: []event.Hazard{{Product: "reflectivity", AtLeast: 45, Units: "dBZ"}}}
	own, _ := json.Marshal(place)
	place.WithinKM = 3
	standing, _ := json.Marshal(event.PlaceState{Place: place, State: event.PlaceAhead})
	SetState(b, "k", standing)
	if p := b.Places(); len(p) != 1 || p[0].Own || p[0].State.State != event.PlaceAhead {
		t.Errorf("configured place: %+v", p)
	}
	SetOwn(b, "k", own)
	if p := b.Places(); len(p) != 1 || !p[0].Own || p[0].WithinKM != 5 || p[0].State == nil {
		t.Errorf("the same made over HTTP: %+v, want it as given, with its state", p)
	}
	SetState(b, "k", []byte(`{"state":"odd"}`))
	SetOwn(b, "k", nil)
	if p := b.Places(); len(p) != 0 {
		t.Errorf("after both are gone or not valid: %+v", p)
	}
}
