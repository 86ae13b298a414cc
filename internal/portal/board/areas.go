package board

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"bowecho/internal/event"
)

// ErrNoAreas says that there are no polygons of that domain and time.
var ErrNoAreas = errors.New("no areas")

// polygons is the newest issue of a domain whole, and the analyses of issues before it.
type polygons struct {
	newest issue
	past   []issue // oldest first
}

type issue struct {
	AreasIssue
	features []feature
	coverage json.RawMessage
}

// feature is one polygon as it came, with what it is chosen by.
type feature struct {
	LeadMinutes float64
	Level       float64
	whole       json.RawMessage
}

// Areas takes in polygons. The collection is what the message holds, or what lies under its key.
func (b *Board) Areas(m *event.Areas, collection []byte) ([]Change, error) {
	features, err := split(collection)
	if err != nil {
		return nil, fmt.Errorf("areas %s: %w", m.ID, err)
	}
	next := issue{AreasIssue{
		Domain: m.Domain, Product: m.Product, IssueTime: m.IssueTime, Levels: m.Levels, Units: m.Units, Radars: m.Radars, Features: m.Features,
	}, features, m.Coverage}
	p := b.areas[m.Domain]
	if p == nil {
		p = &polygons{newest: next}
		b.areas[m.Domain] = p
	}
	switch order := m.IssueTime.Compare(p.newest.IssueTime); {
	case order < 0:
		p.keep(next)
		return nil, nil
	case order > 0:
		p.keep(p.newest)
	}
	p.newest = next
	return []Change{{"areas", next.AreasIssue}}, nil
}

// keep remembers the analysis of an issue, so that the loop has polygons too.
func (p *polygons) keep(i issue) {
	i.features = slices.DeleteFunc(slices.Clone(i.features), func(f feature) bool { return f.LeadMinutes != 0 })
	p.past = slices.DeleteFunc(p.past, func(old issue) bool { return old.IssueTime.Equal(i.IssueTime) })
	p.past = appendBounded(p.past, i, keepAnalyses)
}

func split(collection []byte) ([]feature, error) {
	var fc struct {
		Features []json.RawMessage `json:"features"`
	}
	if err := json.Unmarshal(collection, &fc); err != nil {
		return nil, fmt.Errorf("read feature collection: %w", err)
	}
	features := make([]feature, len(fc.Features))
	for i, whole := range fc.Features {
		var f struct {
			Properties struct {
				LeadMinutes float64 `json:"leadMinutes"`
				Level       float64 `json:"level"`
			} `json:"properties"`
		}
		if err := json.Unmarshal(whole, &f); err != nil {
			return nil, fmt.Errorf("read feature %d: %w", i, err)
		}
		features[i] = feature{f.Properties.LeadMinutes, f.Properties.Level, whole}
	}
	return features, nil
}

// Collection is a GeoJSON FeatureCollection with two members more: when it was issued and what the radars saw.
type Collection struct {
	Type      string            `json:"type"`
	IssueTime time.Time         `json:"issueTime"`
	Coverage  json.RawMessage   `json:"coverage,omitempty"`
	Features  []json.RawMessage `json:"features"`
}

// Select chooses polygons of an issue. None named chooses all.
type Select struct {
	IssueTime   time.Time // zero: the newest
	LeadMinutes []float64
	Levels      []float64
}

func (s Select) takes(f feature) bool {
	return (len(s.LeadMinutes) == 0 || slices.Contains(s.LeadMinutes, f.LeadMinutes)) &&
		(len(s.Levels) == 0 || slices.Contains(s.Levels, f.Level))
}

// Collection gives the polygons of a domain.
func (b *Board) Collection(domain string, s Select) (Collection, error) {
	p := b.areas[domain]
	if p == nil {
		return Collection{}, fmt.Errorf("%w of domain %q yet", ErrNoAreas, domain)
	}
	from := p.newest
	if !s.IssueTime.IsZero() && !s.IssueTime.Equal(from.IssueTime) {
		at := slices.IndexFunc(p.past, func(i issue) bool { return i.IssueTime.Equal(s.IssueTime) })
		if at < 0 {
			return Collection{}, fmt.Errorf("%w of domain %q issued at %s", ErrNoAreas, domain, s.IssueTime.Format(time.RFC3339))
		}
		from = p.past[at]
	}
	c := Collection{Type: "FeatureCollection", IssueTime: from.IssueTime, Coverage: from.coverage, Features: []json.RawMessage{}}
	for _, f := range from.features {
		if s.takes(f) {
			c.Features = append(c.Features, f.whole)
		}
	}
	return c, nil
}
