// Package budget adds up what workers cost, tells what that will be at the end of a period, and what is refused.
//
// Periods are those of the calendar, in UTC, since clouds send their bills by them, and anybody can say when a limit is
// lifted.
package budget

import (
	"time"

	"bowecho/dispatcher/fleet"
)

// Ledger is what workers have cost. It may be stored and continued: a stint that is told again counts once.
type Ledger struct {
	Began  time.Time         `json:"began,omitzero"` // when counting did
	Stints map[string]*entry `json:"stints"`         // of which more may be told, by cloud and worker
	Books  map[Period]*pair  `json:"books"`          // of all periods, so that the config may change
	Marks  map[string]*Mark  `json:"marks"`          // of each limit; "" is that of all workers
}

// entry is a stint as far as it has been counted.
type entry struct {
	Chain        string    `json:"chain"`
	Cloud        string    `json:"cloud"`
	PricePerHour float64   `json:"pricePerHour"` // when it was first heard of
	Started      time.Time `json:"started"`
	Until        time.Time `json:"until"`
	Works        bool      `json:"works,omitempty"`
	Heard        time.Time `json:"heard"`
}

// pair is the book of a period, and that of the one before.
type pair struct {
	Now    book `json:"now"`
	Before book `json:"before"`
}

// book is what was spent in a period.
type book struct {
	From  time.Time                 `json:"from"`
	Lines map[string]map[string]sum `json:"lines,omitempty"` // by chain and cloud
}

// sum is time of workers, and its price.
type sum struct {
	Seconds float64 `json:"seconds"`
	Spent   float64 `json:"spent"`
}

// NewLedger gives an empty one.
func NewLedger() *Ledger {
	return &Ledger{Stints: map[string]*entry{}, Books: map[Period]*pair{}, Marks: map[string]*Mark{}}
}

// A stint that is not told of any more is known for so long while all clouds answer; else one that is away would tell of
// it again.
const (
	forgetAfter  = time.Hour
	outageAtMost = 7 * 24 * time.Hour
)

// Count takes the stints that are told of at a time of the wall clock: all there are, or those of the clouds that
// answer. News tells whether any has come or ended.
func (l *Ledger) Count(stints []fleet.Stint, all bool, now time.Time) (news bool) {
	now = now.UTC()
	if l.Began.IsZero() {
		l.Began = now
	}
	l.turn(now)
	for _, e := range l.Stints {
		e.Works = e.Works && e.Heard.After(now.Add(-silentAfter))
	}
	for _, s := range stints {
		news = l.take(s, now) || news
	}
	for id, e := range l.Stints {
		if unheard := now.Sub(e.Heard); unheard > forgetAfter && all || unheard > outageAtMost {
			delete(l.Stints, id)
		}
	}
	return news
}

// silentAfter is how long a stint that is not told of is still shown as a worker: one look that fails is nothing.
const silentAfter = 10 * time.Second

// take counts what is new of a stint. It may have become shorter: a machine that was lost had ended before.
func (l *Ledger) take(s fleet.Stint, now time.Time) (news bool) {
	id := s.Cloud + "/" + s.Worker
	e, known := l.Stints[id]
	if !known {
		if !s.Ended.IsZero() && now.Sub(s.Ended) > outageAtMost {
			return false // it may have been counted and forgotten
		}
		e = &entry{Chain: s.Chain, Cloud: s.Cloud, PricePerHour: s.PricePerHour, Started: s.Started, Until: s.Started}
		l.Stints[id] = e
	}
	until := s.Ended
	if until.IsZero() {
		until = now
	}
	if s.Started.Before(e.Started) {
		l.add(e, s.Started, e.Started)
		e.Started = s.Started
	}
	if until.Before(e.Started) {
		until = e.Started
	}
	l.add(e, e.Until, until)
	works := s.Ended.IsZero()
	news = !known || works != e.Works
	e.Until, e.Works, e.Heard = until, works, now
	return news
}

// turn begins the books of periods that have begun.
func (l *Ledger) turn(now time.Time) {
	for _, p := range periods {
		from, _ := p.Of(now)
		books := l.Books[p]
		switch {
		case books == nil:
			l.Books[p] = &pair{Now: book{From: from}, Before: book{From: before(p, from)}}
		case from.After(books.Now.From):
			last := before(p, from)
			books.Before, books.Now = books.Now, book{From: from}
			if !books.Before.From.Equal(last) { // nobody looked for longer than a period
				books.Before = book{From: last}
			}
		}
	}
}

// before gives the start of the period before one.
func before(p Period, from time.Time) time.Time {
	from, _ = p.Of(from.Add(-time.Nanosecond))
	return from
}

// add counts the time between two moments for a stint in the books of all periods; backwards, it is taken off.
func (l *Ledger) add(e *entry, from, until time.Time) {
	sign := 1.0
	if until.Before(from) {
		from, until, sign = until, from, -1
	}
	for _, books := range l.Books {
		books.Now.add(e, latest(from, books.Now.From), until, sign)
		books.Before.add(e, latest(from, books.Before.From), earliest(until, books.Now.From), sign)
	}
}

func (b *book) add(e *entry, from, until time.Time, sign float64) {
	seconds := until.Sub(from).Seconds()
	if seconds <= 0 {
		return
	}
	if b.Lines == nil {
		b.Lines = map[string]map[string]sum{}
	}
	if b.Lines[e.Chain] == nil {
		b.Lines[e.Chain] = map[string]sum{}
	}
	s := b.Lines[e.Chain][e.Cloud]
	s.Seconds += sign * seconds
	s.Spent += sign * seconds / 3600 * e.PricePerHour
	b.Lines[e.Chain][e.Cloud] = s
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
