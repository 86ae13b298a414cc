package stream

import (
	"context"
	"fmt"
	"time"

	"bowecho/internal/event"
)

// Bury puts a message on DEAD, whole, with the reason.
func (c *Client) Bury(ctx context.Context, stage, name, reason string, message []byte) error {
	_, err := c.Publish(ctx, &event.Dead{
		V: event.Version, ID: event.ID("dead", stage, name, string(message)), Stage: stage, Name: name,
		Reason: reason, Size: int64(len(message)), Message: message, Time: time.Now().UTC(),
	})
	return err
}

// BuryFile puts a file on DEAD with the reason, its bytes beside it.
func (c *Client) BuryFile(ctx context.Context, stage, name, reason string, data []byte) error {
	key, err := put(ctx, c.aside, data)
	if err != nil {
		return err
	}
	_, err = c.Publish(ctx, &event.Dead{
		V: event.Version, ID: event.ID("dead", stage, name, key), Stage: stage, Name: name,
		Reason: reason, Size: int64(len(data)), Key: key, Time: time.Now().UTC(),
	})
	return err
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
