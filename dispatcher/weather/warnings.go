package weather

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/planar"
)

// Feed says which warnings of a feed count.
type Feed struct {
	Tests bool                `yaml:"tests"` // those of status Test and Exercise, too
	Codes map[string][]string `yaml:"codes"` // for each domain: a warning without an area in degrees counts there when it names one of these
}

// Feeds are what an operator says of feeds, by the names of their sources. Of others the actual warnings with an area count.
type Feeds map[string]Feed

// feedName is what can stand in an expression.
var feedName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Validate tells what is wrong.
func (f Feeds) Validate() error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if !feedName.MatchString(name) {
			errs = append(errs, fmt.Errorf("feeds.%s: a feed's name, which is its source's, has a to z, 0 to 9 and _ only, and begins with a letter", name))
		}
		for domain, codes := range f[name].Codes {
			if len(codes) == 0 || slices.Contains(codes, "") {
				errs = append(errs, fmt.Errorf("feeds.%s.codes.%s: want codes like TXC113, or \"*\"", name, domain))
			}
		}
	}
	return errors.Join(errs...)
}

// everyCode is the code of a domain in which all warnings without an area count.
const everyCode = "*"

// Counts tells whether a warning counts in a domain: it is meant to be acted on, and its area touches the domain.
func (f Feed) Counts(w *event.Warning, d grid.Domain) bool {
	if w.Status != event.Actual && !(f.Tests && (w.Status == event.Test || w.Status == event.Exercise)) {
		return false
	}
	if w.Area != nil {
		return touches(w.Area.Geometry(), d)
	}
	return slices.ContainsFunc(f.Codes[d.Name], func(code string) bool {
		return code == everyCode || slices.ContainsFunc(w.Codes, func(c string) bool { return c == code || strings.HasSuffix(c, " "+code) })
	})
}

// touches tells whether polygons and a domain have ground in common, either side of the date line.
func touches(area orb.Geometry, d grid.Domain) bool {
	for _, shift := range []float64{0, 360, -360} {
		bound := orb.Bound{Min: orb.Point{d.WestDeg + shift, d.SouthDeg()}, Max: orb.Point{d.EastDeg() + shift, d.NorthDeg}}
		if !bound.Intersects(area.Bound()) {
			continue
		}
		if common := clip.Geometry(bound, orb.Clone(area)); common != nil && planar.Area(common) > 0 {
			return true
		}
	}
	return false
}

// Warned is a warning that counts in a domain.
type Warned struct {
	event.Warning        // without its area, which has been looked at
	Content       string `json:"content"`
	Told          bool   `json:"told"` // that it is in force
}

// Warnings are those that count in a domain, by feed and id. They may be stored and continued.
type Warnings map[string]*Warned

// Change is a warning that has begun, changed or ended in a domain.
type Change struct {
	Value   string // Begun, Changed or Ended
	Reason  string
	Warning event.Warning
}

// The values of a change.
const (
	Begun   = "begun"
	Changed = "changed"
	Ended   = "ended"
)

// mostWarnings bounds what is remembered of a domain: on the worst of days a state has some dozens in force.
const mostWarnings = 200

// Hear takes what a feed says, and whether that counts in the domain. The error says that it is not remembered.
func (ws Warnings) Hear(m *event.Warning, counts bool) (changes []Change, err error) {
	key := m.Feed + " " + m.ID
	before := ws[key]
	if before != nil && m.Sent.Before(before.Sent) {
		return nil, nil
	}
	told := before != nil && before.Told
	reason := "it says more"
	for _, k := range slices.Sorted(maps.Keys(ws)) {
		if w := ws[k]; k != key && w.Replaced(m) {
			told, before, reason = told || w.Told, w, "it replaces "+w.ID
			delete(ws, k)
		}
	}
	switch {
	case !m.Ended.IsZero() || !counts:
		delete(ws, key)
		if told {
			changes = []Change{{Ended, endedSince(m), before.Warning}}
		}
		return changes, nil
	case before == nil && len(ws) >= mostWarnings:
		return nil, fmt.Errorf("more than %d warnings at once", mostWarnings)
	}
	w := &Warned{Warning: *m, Content: m.Content(), Told: told}
	w.Area, w.Replaces = nil, nil
	ws[key] = w
	if told && before.Content != w.Content {
		changes = []Change{{Changed, reason, w.Warning}}
	}
	return changes, nil
}

// endedSince gives why a warning counts no longer, by what ended it.
func endedSince(m *event.Warning) string {
	switch {
	case m.Ended.IsZero():
		return m.ID + " replaces it, which does not count in the domain"
	case m.Reason != "":
		return m.Reason
	default:
		return "it was taken back"
	}
}

// Look gives which warnings have begun or ended at a time of the data, and forgets those that are over.
func (ws Warnings) Look(now time.Time) (changes []Change) {
	for _, key := range slices.Sorted(maps.Keys(ws)) {
		w := ws[key]
		begun, over := !now.Before(w.Onset), !now.Before(w.Expires)
		switch {
		case over && w.Told:
			changes = append(changes, Change{Ended, "it has expired", w.Warning})
		case !begun && w.Told:
			changes = append(changes, Change{Ended, "it begins later now", w.Warning})
		case begun && !over && !w.Told:
			changes = append(changes, Change{Begun, "it is in force until " + w.Expires.UTC().Format("15:04Z"), w.Warning})
		}
		w.Told = begun && !over
		if over {
			delete(ws, key)
		}
	}
	return changes
}

// InForce gives the warnings that are, in a steady order.
func (ws Warnings) InForce() (list []event.Warning) {
	for _, key := range slices.Sorted(maps.Keys(ws)) {
		if ws[key].Told {
			list = append(list, ws[key].Warning)
		}
	}
	return list
}

// Elsewhen gives them for data of another time: what was in force then may be so anew.
func (ws Warnings) Elsewhen() Warnings {
	for _, w := range ws {
		w.Told = false
	}
	return ws
}

// lifts gives the highest regime to which warnings in force lift that of a domain, and which of them does; Unknown: none.
func (c Config) lifts(inForce []event.Warning) (Regime, string) {
	best, why := Unknown, ""
	for _, w := range inForce {
		for regime, events := range c.Warnings {
			if rank[regime] > rank[best] && slices.ContainsFunc(events, func(e string) bool { return strings.EqualFold(e, w.Event) }) {
				best, why = regime, fmt.Sprintf("a %s of feed %s is in force until %s (%s)", w.Event, w.Feed, w.Expires.UTC().Format("15:04Z"), w.ID)
			}
		}
	}
	return best, why
}
