package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Heard tells whether a durable consumer has acknowledged, in order, all that its stream holds for it. How many messages
// are pending does not tell that: in its first moment a consumer says none.
func (c *Client) Heard(ctx context.Context, streamName, durable string) (bool, error) {
	consumer, err := c.JS.Consumer(ctx, streamName, durable)
	if err != nil {
		return false, fmt.Errorf("look at %s: %w", durable, err)
	}
	handle, err := c.JS.Stream(ctx, streamName)
	if err != nil {
		return false, fmt.Errorf("look at %s: %w", streamName, err)
	}
	info := consumer.CachedInfo()
	filter := info.Config.FilterSubject
	if filter == "" {
		filter = ">"
	}
	last, err := handle.GetLastMsgForSubject(ctx, filter)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the last of %s: %w", streamName, err)
	}
	return info.AckFloor.Stream >= last.Sequence, nil
}
