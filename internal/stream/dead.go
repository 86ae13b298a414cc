package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"bowecho/internal/event"

	"github.com/nats-io/nats.go/jetstream"
)

// bury puts a message on DEAD, whole, with the reason. One that was sent again and fails again is another dead letter.
func (c *Client) bury(ctx context.Context, stage, reason string, m Message) error {
	_, err := c.Publish(ctx, &event.Dead{
		V: event.Version, ID: event.ID("dead", stage, m.Subject, fmt.Sprint(m.Sequence), string(m.Data)), Stage: stage, Name: m.Subject,
		Reason: reason, Size: int64(len(m.Data)), Message: m.Data, Time: time.Now().UTC(),
	})
	return err
}

// BuryFile puts a file on DEAD with the reason, its bytes beside it.
func (c *Client) BuryFile(ctx context.Context, stage, name, reason string, data []byte) error {
	key, err := c.put(ctx, c.aside, data, nil)
	if err != nil {
		return err
	}
	_, err = c.Publish(ctx, &event.Dead{
		V: event.Version, ID: event.ID("dead", stage, name, key), Stage: stage, Name: name,
		Reason: reason, Size: int64(len(data)), Key: key, Time: time.Now().UTC(),
	})
	return err
}

// Resend puts the message that a dead letter held back on its subject, as a new one. An order gets time anew.
func (c *Client) Resend(ctx context.Context, d *event.Dead) error {
	data := d.Message
	if order, err := event.Decode[event.Order](data); err == nil && strings.HasPrefix(d.Name, "work.") {
		order.Ordered, order.Deadline = time.Now().UTC(), time.Time{}
		if data, err = json.Marshal(order); err != nil {
			return fmt.Errorf("resend %s: %w", d.ID, err)
		}
	}
	id := event.ID("resent", d.ID, time.Now().String())
	if _, err := c.JS.Publish(ctx, d.Name, data, jetstream.WithMsgID(id)); err != nil {
		return fmt.Errorf("resend %s: %w", d.ID, err)
	}
	return nil
}

// Unbury takes the letter with a sequence number off DEAD. A file's bytes stay until they expire.
func (c *Client) Unbury(ctx context.Context, sequence uint64) error {
	box, err := c.JS.Stream(ctx, DeadBox)
	if err == nil {
		err = box.DeleteMsg(ctx, sequence)
	}
	if err != nil {
		return fmt.Errorf("take letter %d off %s: %w", sequence, DeadBox, err)
	}
	return nil
}

// DeadBytes gives what a dead letter held: the file, or the message.
func (c *Client) DeadBytes(ctx context.Context, d *event.Dead) ([]byte, error) {
	if d.Key == "" {
		return d.Message, nil
	}
	data, err := c.aside.GetBytes(ctx, d.Key)
	if err != nil {
		return nil, fmt.Errorf("get dead %s: %w", d.ID, err)
	}
	return data, nil
}
