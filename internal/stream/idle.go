package stream

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Backlog tells how much is still to be done: messages that a durable consumer has not acknowledged, by its name.
// moved counts every message that was ever stored: between two looks at an idle system it does not change.
func (c *Client) Backlog(ctx context.Context) (waiting map[string]uint64, moved uint64, err error) {
	waiting = map[string]uint64{}
	for _, s := range c.streams() {
		if s.Name == Files {
			continue // what comes in, not what follows from it
		}
		handle, err := c.JS.Stream(ctx, s.Name)
		if err != nil {
			return nil, 0, fmt.Errorf("look at %s: %w", s.Name, err)
		}
		state := handle.CachedInfo().State
		moved += state.LastSeq
		if s.Retention == jetstream.WorkQueuePolicy {
			if state.Msgs > 0 { // also those for which there is no worker yet
				waiting[s.Name] = state.Msgs
			}
			continue
		}
		consumers := handle.ListConsumers(ctx)
		for info := range consumers.Info() {
			if left := info.NumPending + uint64(info.NumAckPending); info.Config.Durable != "" && left > 0 {
				waiting[info.Config.Durable] = left
			}
		}
		if err := consumers.Err(); err != nil {
			return nil, 0, fmt.Errorf("list consumers of %s: %w", s.Name, err)
		}
	}
	return waiting, moved, nil
}
