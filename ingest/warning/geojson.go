package warning

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"bowecho/internal/event"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

func isGeoJSON(head string) bool { return strings.HasPrefix(head, "{") }

// collection is a list of all warnings that hold, as https://api.weather.gov/alerts/active gives it; or one of them.
type collection struct {
	Type       string          `json:"type"`
	Features   json.RawMessage `json:"features"`
	Updated    string          `json:"updated"`
	Pagination struct {
		Next string `json:"next"`
	} `json:"pagination"`
}

type feature struct {
	Type       string          `json:"type"`
	Geometry   json.RawMessage `json:"geometry"`
	Properties *struct {
		ID         string              `json:"id"`
		Place      string              `json:"areaDesc"`
		Geocode    map[string][]string `json:"geocode"`
		References []struct {
			Identifier string `json:"identifier"`
		} `json:"references"`
		Sent        string `json:"sent"`
		Effective   string `json:"effective"`
		Onset       string `json:"onset"`
		Expires     string `json:"expires"`
		Ends        string `json:"ends"`
		Status      string `json:"status"`
		MessageType string `json:"messageType"`
		Severity    string `json:"severity"`
		Certainty   string `json:"certainty"`
		Urgency     string `json:"urgency"`
		Event       string `json:"event"`
		Headline    string `json:"headline"`
		Response    string `json:"response"`
	} `json:"properties"`
}

// readGeoJSON reads a FeatureCollection, which lists all that holds, or one Feature.
func readGeoJSON(data []byte) (*Bulletin, error) {
	data = []byte(strings.TrimPrefix(string(data), "\ufeff"))
	var c collection
	if err := json.Unmarshal(data, &c); err != nil {
		if json.Valid(data) {
			return nil, fmt.Errorf("%w: JSON that is no GeoJSON: %v", ErrOther, err)
		}
		return nil, fmt.Errorf("GeoJSON: %w; ask for the file again", err)
	}
	b := &Bulletin{Format: "GeoJSON", List: c.Type == "FeatureCollection" && c.Pagination.Next == ""}
	b.Updated, _ = time.Parse(time.RFC3339, c.Updated) // some lists do not say
	var features []json.RawMessage
	switch c.Type {
	case "Feature":
		features = []json.RawMessage{data}
	case "FeatureCollection":
		if err := json.Unmarshal(c.Features, &features); err != nil {
			return nil, fmt.Errorf("GeoJSON: a FeatureCollection whose features are no list: %w", err)
		}
	default:
		return nil, fmt.Errorf("%w: JSON of type %.40q, want a FeatureCollection or a Feature", ErrOther, c.Type)
	}
	for _, raw := range features {
		w, err := warningOf(raw)
		if errors.Is(err, ErrOther) {
			return nil, err
		}
		b.addPart(w, err)
	}
	return b, nil
}

// warns tells whether a feature is a warning, by the names of what it holds: others may use the same names for other things.
func warns(raw json.RawMessage) bool {
	var f struct {
		Type       string                     `json:"type"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(raw, &f); err != nil || f.Type != "Feature" {
		return false
	}
	said := func(name string) bool { v := string(f.Properties[name]); return v != "" && v != `""` && v != "null" }
	return said("event") || said("messageType")
}

// warningOf reads one feature.
func warningOf(raw json.RawMessage) (w event.Warning, err error) {
	if !warns(raw) {
		return w, fmt.Errorf("%w: GeoJSON whose features are no warnings, or have no event", ErrOther)
	}
	var f feature
	if err := json.Unmarshal(raw, &f); err != nil {
		return w, fmt.Errorf("a feature: %w", err)
	}
	p := f.Properties
	w = event.Warning{
		ID: strings.TrimSpace(p.ID), Status: status(p.Status), Event: strings.TrimSpace(p.Event), Headline: p.Headline, Place: p.Place,
		Severity: p.Severity, Urgency: p.Urgency, Certainty: p.Certainty,
	}
	for _, r := range p.References {
		w.Replaces = append(w.Replaces, r.Identifier)
	}
	for _, scheme := range []string{"UGC", "SAME"} {
		for _, code := range p.Geocode[scheme] {
			w.Codes = append(w.Codes, scheme+" "+code)
		}
	}
	var errs [6]error
	var effective, ends time.Time
	w.Sent, errs[0] = instant("sent", p.Sent)
	effective, errs[1] = instant("effective", p.Effective)
	w.Onset, errs[2] = instant("onset", p.Onset)
	w.Expires, errs[3] = instant("expires", p.Expires)
	ends, errs[4] = instant("ends", p.Ends)
	if !ends.IsZero() {
		w.Expires = ends // `expires` is when the next word of it is due
	}
	if w.Onset.IsZero() {
		w.Onset = effective
	}
	if p.MessageType == "Cancel" || allClear(p.Response) {
		w.Ended, w.Reason = w.Sent.UTC(), takenBack
	}
	w.Area, errs[5] = geometryOf(f.Geometry)
	return w, errors.Join(append(errs[:], settle(&w))...)
}

// geometryOf gives the polygons of a feature; nil where it has none.
func geometryOf(raw json.RawMessage) (*geojson.Geometry, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	g, err := geojson.UnmarshalGeometry(raw)
	if err != nil {
		return nil, fmt.Errorf("its geometry: %w", err)
	}
	var polygons orb.MultiPolygon
	switch shape := g.Geometry().(type) {
	case orb.Polygon:
		polygons = orb.MultiPolygon{shape}
	case orb.MultiPolygon:
		polygons = shape
	default:
		return nil, fmt.Errorf("its geometry is a %s, want Polygon or MultiPolygon", g.Type)
	}
	for i := range polygons {
		if len(polygons[i]) == 0 {
			return nil, errors.New("its geometry is a polygon without a ring")
		}
		for j := range polygons[i] {
			if polygons[i][j], err = ringOf(polygons[i][j]); err != nil {
				return nil, err
			}
		}
	}
	return areaOf(polygons), nil
}
