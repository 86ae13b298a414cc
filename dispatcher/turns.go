package dispatcher

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"bowecho/dispatcher/turn"
	"bowecho/internal/event"
)

// Of a chain whose concurrency is bounded the dispatcher hands on only so many orders, and keeps the others with its state:
// what lies in the queue is served in the order in which it came, what lies here by what it is still good for. A bound
// also keeps a chain for which no place is found from filling the queue of all.

// mostWaiting bounds, in bytes, the orders that wait for their turn: they are stored with each decision, and a message
// holds a mebibyte.
const mostWaiting = 256 << 10

// hand posts an order, or keeps it until it is its turn. Radar is whose scan it is on, where that is one.
func (d *Dispatcher) hand(chain, radar string, o *event.Order) {
	limit, book := d.cfg.Chains[chain].Concurrency, d.state.Turns[chain]
	switch {
	case limit.Most == 0 && book == nil:
		d.post(o)
		return
	case book == nil:
		book = &turn.Book{}
		d.state.Turns[chain] = book
	}
	l, err := written(o)
	if err != nil {
		d.log.Error("an order cannot be written, and is not sent", "chain", chain, "err", err)
		return
	}
	l.Chain = chain
	if book.Take(turn.Order{ID: o.ID, Domain: o.Domain.Name, Radar: radar, Valid: o.ValidTime, Deadline: o.Deadline, Body: l.Body}, limit) {
		d.state.Outbox = append(d.state.Outbox, l)
		return
	}
	d.tellOrder(event.OrderHeld, o, fmt.Sprintf("%d are in hand, as many as may be", limit.Most), map[string]any{"most": limit.Most, "per": limit.Per})
	d.makeRoom(chain, book)
}

// makeRoom drops what has waited longest where too much waits.
func (d *Dispatcher) makeRoom(chain string, book *turn.Book) {
	for d.state.waiting() > mostWaiting {
		o, found := book.Oldest()
		if !found {
			return // nothing that may be dropped: what is new must wait
		}
		d.dropWaiting(chain, o, "too many orders wait: newer ones come first")
	}
}

// takeTurns gives workers the orders whose turn it is, and drops those that have waited beyond their deadline.
func (d *Dispatcher) takeTurns(wall time.Time) {
	for _, chain := range slices.Sorted(maps.Keys(d.state.Turns)) {
		book := d.state.Turns[chain]
		for _, o := range book.Late(wall) {
			d.dropWaiting(chain, o, fmt.Sprintf("%v past its deadline before its turn: newer work comes first", wall.Sub(o.Deadline).Round(time.Second)))
		}
		cfg, known := d.cfg.Chains[chain]
		for o, found := book.Next(cfg.Concurrency); found; o, found = book.Next(cfg.Concurrency) {
			d.turnOf(chain, o, known)
		}
		if len(book.Hand)+len(book.Wait) == 0 {
			delete(d.state.Turns, chain)
		}
	}
}

// turnOf posts an order that has waited.
func (d *Dispatcher) turnOf(chain string, o turn.Order, known bool) {
	order, err := event.Decode[event.Order](o.Body)
	if err != nil {
		d.log.Error("an order that waited cannot be read, and is not sent", "chain", chain, "err", err)
		return
	}
	if !known {
		d.state.Turns[chain].Left(o.ID)
		d.dropWaiting(chain, o, "its chain is no longer in the config")
		return
	}
	d.state.Outbox = append(d.state.Outbox, letter{Subject: order.Subject(), ID: o.ID, Body: o.Body, Chain: chain})
	d.tellOrder(event.OrderHanded, order, "it is its turn", nil)
}

// dropWaiting tells that an order that waited will not be done.
func (d *Dispatcher) dropWaiting(chain string, o turn.Order, reason string) {
	order, err := event.Decode[event.Order](o.Body)
	if err != nil {
		d.log.Error("an order that waited cannot be read", "chain", chain, "err", err)
		return
	}
	d.log.Warn("dropped", "chain", chain, "volume", order.ValidTime, "reason", reason)
	d.post(order.Ended(event.OrderDropped, order.ID, reason, nil, d.now()))
}

// waiting gives how many bytes of orders wait for their turn.
func (s *state) waiting() (bytes int) {
	for _, book := range s.Turns {
		bytes += book.Bytes()
	}
	return bytes
}

// How often orders of which nothing is told are looked for in the queue: where others wait for their places, and where none
// do.
const (
	lookSoon = time.Second
	lookAll  = 10 * time.Second
)

// inHand is an order whose place in the queue is known.
type inHand struct {
	chain, id string
	sequence  uint64
}

// left looks which of the orders in hand have left the queue: those that were told to be done, and from time to time the
// others, for what is told may be lost.
func (d *Dispatcher) left(ctx context.Context, now time.Time) (gone []inHand, err error) {
	for _, o := range d.suspects(now) {
		there, err := d.client.InQueue(ctx, o.sequence)
		if err != nil {
			return gone, err
		}
		if !there {
			gone = append(gone, o)
		}
	}
	return gone, nil
}

// suspects gives the orders in hand that may have left the queue.
func (d *Dispatcher) suspects(now time.Time) (list []inHand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	soon, all := now.Sub(d.lookedSoon) >= lookSoon, now.Sub(d.lookedAll) >= lookAll
	if soon {
		d.lookedSoon = now
	}
	if all {
		d.lookedAll = now
	}
	for chain, book := range d.state.Turns {
		for _, o := range book.Hand {
			if o.Sequence > 0 && (all || d.ended[o.ID] || soon && len(book.Wait) > 0) {
				list = append(list, inHand{chain, o.ID, o.Sequence})
			}
		}
	}
	return list
}

// goes takes orders that have left the queue out of the books.
func (d *Dispatcher) goes(gone []inHand) {
	for _, o := range gone {
		delete(d.ended, o.id)
		if book := d.state.Turns[o.chain]; book != nil {
			book.Left(o.id)
		}
	}
}

// hearEnd takes that an order is told to be done, and looks soon whether it has left the queue.
func (d *Dispatcher) hearEnd(chain, id string) {
	book := d.state.Turns[chain]
	if book == nil || !slices.ContainsFunc(book.Hand, func(o turn.Order) bool { return o.ID == id }) {
		return
	}
	d.ended[id] = true
	select {
	case d.hurry <- struct{}{}:
	default:
	}
}

// tellOrder tells what becomes of an order.
func (d *Dispatcher) tellOrder(kind string, o *event.Order, reason string, inputs map[string]any) {
	d.tell(&event.Decision{
		Kind: kind, Subj: o.Chain, Domain: o.Domain.Name, Value: o.ID, Reason: reason, Inputs: inputs, DataTime: o.ValidTime,
	})
}
