package dispatcher

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bowecho/internal/event"

	"github.com/nats-io/nats.go/jetstream"
)

// letter is a message that was decided on and is not yet known to be published.
type letter struct {
	Subject string          `json:"subject"`
	ID      string          `json:"id"`
	Body    json.RawMessage `json:"body"`
	Chain   string          `json:"chain,omitempty"` // of an order of which is watched when it leaves the queue
}

// post writes a letter. It goes out when what led to it has been stored.
func (d *Dispatcher) post(m event.Message) {
	l, err := written(m)
	if err != nil {
		d.log.Error("a message cannot be written, and is not sent", "subject", m.Subject(), "err", err)
		return
	}
	d.state.Outbox = append(d.state.Outbox, l)
}

func written(m event.Message) (letter, error) {
	if err := m.Validate(); err != nil {
		return letter{}, err
	}
	body, err := json.Marshal(m)
	return letter{Subject: m.Subject(), ID: m.MessageID(), Body: body}, err
}

// decide lets a decision be made and makes it good. What could not be published before goes first, and holds back what
// is new.
func (d *Dispatcher) decide(ctx context.Context, decision func()) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.awaitRoom(ctx); err != nil {
		return err
	}
	if err := d.deliver(ctx); err != nil {
		return err
	}
	decision()
	return d.commit(ctx)
}

// awaitRoom returns when not too many orders wait for their turn. The lock is held, except while waiting.
func (d *Dispatcher) awaitRoom(ctx context.Context) error {
	for d.state.waiting() > mostWaiting {
		d.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
		d.mu.Lock()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// look decides by the clock, and by which orders have left the queue, alone. Where nothing follows, nothing is stored.
func (d *Dispatcher) look(ctx context.Context, ended time.Time, gone []inHand) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.deliver(ctx); err != nil {
		return err
	}
	now := d.now()
	d.timePasses(ended, now)
	d.goes(gone)
	d.takeTurns(now)
	if len(d.state.Outbox) == 0 {
		return nil
	}
	return d.commit(ctx)
}

// commit stores what was decided, and then publishes what follows from it. Where that fails it is tried again before
// anything else is decided, after a crash too, under the same ids.
func (d *Dispatcher) commit(ctx context.Context) error {
	if err := d.save(ctx); err != nil {
		return err
	}
	return d.deliver(ctx)
}

// deliver publishes all letters, and stores that it has.
func (d *Dispatcher) deliver(ctx context.Context) error {
	if len(d.state.Outbox) == 0 {
		return nil
	}
	for len(d.state.Outbox) > 0 {
		l := d.state.Outbox[0]
		ack, err := d.client.JS.Publish(ctx, l.Subject, l.Body, jetstream.WithMsgID(l.ID))
		if err != nil {
			return fmt.Errorf("publish %s: %w", l.Subject, err)
		}
		if book := d.state.Turns[l.Chain]; book != nil {
			book.Queued(l.ID, ack.Sequence)
		}
		d.state.Outbox = d.state.Outbox[1:]
	}
	d.scaler.kick()
	return d.save(ctx)
}
