// Package warning reads warnings as weather services give them: CAP 1.2, GeoJSON as of api.weather.gov, and the text products
// of the NWS.
package warning

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"bowecho/internal/event"
)

// Bulletin is what is in one file. Its warnings lack the feed and when they were heard.
type Bulletin struct {
	Format   string          `json:"format"`
	Warnings []event.Warning `json:"warnings"`
	Flaws    []string        `json:"flaws,omitempty"`  // what could not be read; the rest counts
	List     bool            `json:"list"`             // it lists all that holds, so that what it lacks has ended
	Updated  time.Time       `json:"updated,omitzero"` // when a list was made, where it says so

	said map[string]int // how many warnings each id has
}

// MaxBytes is the size of the largest file: all that holds in the United States on a bad day is a tenth of that.
const MaxBytes = 64 << 20

// maxWarnings bounds what one file may tell.
const maxWarnings = 20_000

// HeadBytes is how much of a file Is looks at.
const HeadBytes = 4096

// Is tells by how a file begins whether it may hold warnings.
func Is(head []byte) bool { return formatOf(head) != nil }

// format is one way to write warnings.
type format struct {
	is   func(head string) bool
	read func(data []byte) (*Bulletin, error)
}

var formats = []format{{isCAP, readCAP}, {isGeoJSON, readGeoJSON}, {isText, readText}}

func formatOf(head []byte) *format {
	text := strings.TrimLeft(strings.TrimPrefix(string(head[:min(len(head), HeadBytes)]), "\ufeff"), " \t\r\n\x01\x03")
	for i := range formats {
		if formats[i].is(text) {
			return &formats[i]
		}
	}
	return nil
}

// ErrOther says that a file holds something else, though it may look alike.
var ErrOther = errors.New("no warnings")

// Decode reads a file. The error says why none of it can be used; of one whose parts are partly good it gives those.
func Decode(name string, data []byte) (*Bulletin, error) {
	f := formatOf(data)
	switch {
	case f == nil:
		return nil, fmt.Errorf("%s: %w: it is neither CAP 1.2 nor GeoJSON nor a text product of the NWS", path.Base(name), ErrOther)
	case len(data) > MaxBytes:
		return nil, fmt.Errorf("%s: %d bytes are more than %d MiB, which no file of warnings is", path.Base(name), len(data), MaxBytes>>20)
	}
	b, err := f.read(data)
	if err == nil && len(b.Warnings) == 0 && len(b.Flaws) > 0 {
		err = errors.New(b.Flaws[0])
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(name), err)
	}
	for i := range b.Warnings {
		b.Warnings[i].V = event.Version
	}
	return b, nil
}

// addPart takes what may be one of several things that a message says: all but the first are numbered.
func (b *Bulletin) addPart(w event.Warning, err error) {
	if b.said == nil {
		b.said = map[string]int{}
	}
	b.said[w.ID]++
	if n := b.said[w.ID]; n > 1 {
		w.ID = fmt.Sprintf("%s %d", w.ID, n)
	}
	b.add(w, err)
}

// add takes a warning, or notes what is wrong with it.
func (b *Bulletin) add(w event.Warning, err error) {
	switch {
	case err != nil:
		flaw := strings.ReplaceAll(err.Error(), "\n", "; ")
		if w.ID != "" {
			flaw = w.ID + ": " + flaw
		}
		b.Flaws = append(b.Flaws, flaw)
	case len(b.Warnings) < maxWarnings:
		b.Warnings = append(b.Warnings, w)
	default:
		b.Flaws = []string{fmt.Sprintf("more than %d warnings in one file; the rest is left out", maxWarnings)}
	}
}

// openEnd is how long a warning holds that names no end. CAP 1.2 (§3.2.2, expires) leaves that to who receives it; a day
// is the longest that services let one stand without a word.
const openEnd = 24 * time.Hour

// settle gives a warning the times that follow from those it has, and tells what is wrong with it.
func settle(w *event.Warning) error {
	if w.Onset.IsZero() {
		w.Onset = w.Sent
	}
	if w.Expires.IsZero() {
		w.Expires = latest(w.Onset, w.Sent).Add(openEnd)
	}
	w.Sent, w.Onset, w.Expires = w.Sent.UTC(), w.Onset.UTC(), w.Expires.UTC()
	switch {
	case w.ID == "":
		return errors.New("a warning without an identifier")
	case w.Sent.IsZero():
		return errors.New("it does not say when it was sent")
	case w.Event == "" && w.Ended.IsZero():
		return errors.New("it does not say of what it warns")
	}
	return nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// instant reads a time as CAP and GeoJSON write it; nothing gives the zero time.
func instant(name, text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05Z0700", text)
	}
	if err != nil {
		return t, fmt.Errorf("%s is %.40q, want a time like 2026-05-01T18:00:00-05:00", name, text)
	}
	return t, nil
}

// status gives a status in CAP's words.
func status(text string) string {
	known := []string{event.Actual, event.Exercise, "System", event.Test, event.Draft}
	i := slices.IndexFunc(known, func(s string) bool { return strings.EqualFold(s, strings.TrimSpace(text)) })
	if i < 0 {
		return event.Draft // not one to act on
	}
	return known[i]
}

// takenBack is why a warning ended that says so itself.
const takenBack = "the service has cancelled it"
