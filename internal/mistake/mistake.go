// Package mistake is what an operator wrote wrong: in which key, where in its text, and what was likely meant.
package mistake

import (
	"errors"
	"fmt"
	"strings"
)

// Mistake is one thing that is wrong.
type Mistake struct {
	Path         string // of the key, like dispatcher.triggers[0].when; empty: not known
	Line, Column int    // in the key's value, from 1; 0: the whole value
	Text         string // what is wrong
}

// Error names the key, and the place in its value.
func (m *Mistake) Error() string {
	place := m.Path
	if m.Line > 0 {
		place = strings.TrimPrefix(fmt.Sprintf("%s: line %d, column %d", place, m.Line, m.Column), ": ")
	}
	return strings.TrimPrefix(place+": "+m.Text, ": ")
}

// Under gives the same mistakes as those of a part of something: each path begins with the part's. Other errors have it
// in front.
func Under(part string, err error) error {
	var errs []error
	for _, one := range All(err) {
		var m *Mistake
		if errors.As(one, &m) {
			under := *m
			under.Path = strings.TrimSuffix(part+"."+m.Path, ".")
			errs = append(errs, &under)
			continue
		}
		errs = append(errs, fmt.Errorf("%s: %w", part, one))
	}
	return errors.Join(errs...)
}

// All gives the errors that were joined, one by one.
func All(err error) (list []error) {
	joined, many := err.(interface{ Unwrap() []error })
	switch {
	case err == nil:
		return nil
	case !many:
		return []error{err}
	}
	for _, one := range joined.Unwrap() {
		list = append(list, All(one)...)
	}
	return list
}

// Proposal gives the end of a sentence that says what a misspelt word may have been, or nothing where no known one is near.
func Proposal(word string, known []string) string {
	if near := Nearest(word, known); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// Nearest gives the known word that differs least from a misspelt one, or nothing where none is near.
func Nearest(word string, known []string) string {
	best, least := "", len(word)/2+1
	for _, k := range known {
		if d := distance(strings.ToLower(word), k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace between two words (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
