// Package turn says which orders are given to workers and which wait, where only so many may be in hand at once.
//
// An order is in hand from when it is decided on until it has left the queue. That it is told to be done is not enough:
// until it is acknowledged it may be given to another worker.
package turn

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Limit bounds how many orders of a chain are in hand at once: given to workers, or waiting to be taken.
type Limit struct {
	Most int    `yaml:"most"` // 0: no bound
	Per  string `yaml:"per"`  // PerDomain or PerRadar: the bound is of each; empty: of the chain
}

// What a bound can be of.
const (
	PerDomain = "domain"
	PerRadar  = "radar"
)

// mostOrders is more than a queue should hold.
const mostOrders = 10_000

// Validate tells what is wrong.
func (l Limit) Validate() error {
	switch {
	case l.Most < 0 || l.Most > mostOrders:
		return fmt.Errorf("most is %d, want 1 to %d, or 0 for no bound", l.Most, mostOrders)
	case l.Per != "" && l.Per != PerDomain && l.Per != PerRadar:
		return fmt.Errorf("per is %q, want %s, %s, or nothing for the whole chain", l.Per, PerDomain, PerRadar)
	}
	return nil
}

// Order is what must be known of an order here.
type Order struct {
	ID       string          `json:"id"`
	Domain   string          `json:"domain"`
	Radar    string          `json:"radar,omitempty"` // where it is of one
	Valid    time.Time       `json:"valid"`           // by the data's clock
	Deadline time.Time       `json:"deadline,omitzero"`
	Sequence uint64          `json:"sequence,omitempty"` // in the queue; 0: it is not known to be there yet
	Body     json.RawMessage `json:"body,omitempty"`     // the message, of one that waits
}

// key gives what shares a bound with an order.
func (l Limit) key(o Order) string {
	switch l.Per {
	case PerDomain:
		return o.Domain
	case PerRadar:
		return o.Radar
	default:
		return ""
	}
}

// Book is the orders of one chain.
type Book struct {
	Hand []Order `json:"hand,omitempty"` // given to workers
	Wait []Order `json:"wait,omitempty"` // in the order in which they came
}

// Knows tells whether an order is in hand or waits.
func (b *Book) Knows(id string) bool {
	same := func(o Order) bool { return o.ID == id }
	return slices.ContainsFunc(b.Hand, same) || slices.ContainsFunc(b.Wait, same)
}

// Take takes a new order, and tells whether it is given to workers now.
func (b *Book) Take(o Order, l Limit) (hand bool) {
	if !b.room(l, l.key(o)) {
		b.Wait = append(b.Wait, o)
		return false
	}
	o.Body = nil
	b.Hand = append(b.Hand, o)
	return true
}

func (b *Book) room(l Limit, key string) bool {
	if l.Most == 0 {
		return true
	}
	n := 0
	for _, o := range b.Hand {
		if l.key(o) == key {
			n++
		}
	}
	return n < l.Most
}

// Next gives the order that waits and whose turn it is, and counts it as given to workers: the newest of those that must
// be done in time, since the older ones are of ever less use; else that which waits longest.
func (b *Book) Next(l Limit) (o Order, found bool) {
	best := -1
	for i, o := range b.Wait {
		if b.room(l, l.key(o)) && (best < 0 || before(o, b.Wait[best])) {
			best = i
		}
	}
	if best < 0 {
		return Order{}, false
	}
	o = b.Wait[best]
	b.Wait = slices.Delete(b.Wait, best, best+1)
	inHand := o
	inHand.Body = nil
	b.Hand = append(b.Hand, inHand)
	return o, true
}

func before(a, b Order) bool {
	if a.Deadline.IsZero() || b.Deadline.IsZero() {
		return !a.Deadline.IsZero() && b.Deadline.IsZero()
	}
	return a.Valid.After(b.Valid)
}

// Late takes away those that wait and are past their deadline.
func (b *Book) Late(now time.Time) (late []Order) {
	b.Wait = slices.DeleteFunc(b.Wait, func(o Order) bool {
		gone := !o.Deadline.IsZero() && now.After(o.Deadline)
		if gone {
			late = append(late, o)
		}
		return gone
	})
	return late
}

// Oldest takes away the oldest of those that wait and must be done in time.
func (b *Book) Oldest() (o Order, found bool) {
	best := -1
	for i, o := range b.Wait {
		if !o.Deadline.IsZero() && (best < 0 || o.Valid.Before(b.Wait[best].Valid)) {
			best = i
		}
	}
	if best < 0 {
		return Order{}, false
	}
	o = b.Wait[best]
	b.Wait = slices.Delete(b.Wait, best, best+1)
	return o, true
}

// Queued notes where in the queue an order lies.
func (b *Book) Queued(id string, sequence uint64) {
	for i := range b.Hand {
		if b.Hand[i].ID == id {
			b.Hand[i].Sequence = sequence
		}
	}
}

// Left takes that an order is no longer in the queue.
func (b *Book) Left(id string) {
	b.Hand = slices.DeleteFunc(b.Hand, func(o Order) bool { return o.ID == id })
}

// Bytes is what the orders that wait take.
func (b *Book) Bytes() (n int) {
	for _, o := range b.Wait {
		n += len(o.Body)
	}
	return n
}
