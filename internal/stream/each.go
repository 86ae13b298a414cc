package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Each hands every message that a stream holds now, from a time on, to a function.
func (c *Client) Each(ctx context.Context, streamName, filter string, since time.Time, use func(Message) error) error {
	consumer, err := c.JS.OrderedConsumer(ctx, streamName, orderedFrom(filter, since))
	if err != nil {
		return fmt.Errorf("read %s: %w", streamName, err)
	}
	defer c.leave(ctx, streamName, consumer)
	// To ask for more than there is would take as long as one waits for it.
	for pending := consumer.CachedInfo().NumPending; pending > 0; {
		batch, err := consumer.Fetch(int(min(pending, 256)), jetstream.FetchMaxWait(500*time.Millisecond))
		if err != nil {
			return fmt.Errorf("read %s: %w", streamName, err)
		}
		got := 0
		for msg := range batch.Messages() {
			meta, err := msg.Metadata()
			if err != nil {
				return fmt.Errorf("read %s: %w", streamName, err)
			}
			got, pending = got+1, meta.NumPending
			if err := use(Message{Subject: msg.Subject(), Data: msg.Data(), Sequence: meta.Sequence.Stream, Last: pending == 0}); err != nil {
				return err
			}
		}
		if err := batch.Error(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("read %s: %w", streamName, err)
		}
		if got == 0 {
			break
		}
	}
	return ctx.Err()
}

// leave takes a reader away. The server would keep it for minutes, and allows a thousand to a stream.
func (c *Client) leave(ctx context.Context, streamName string, reader jetstream.Consumer) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = c.JS.DeleteConsumer(ctx, streamName, reader.CachedInfo().Name) // where that fails, the server forgets it by itself
}

func orderedFrom(filter string, since time.Time) jetstream.OrderedConsumerConfig {
	cfg := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy}
	if filter != "" {
		cfg.FilterSubjects = []string{filter}
	}
	if !since.IsZero() {
		cfg.DeliverPolicy, cfg.OptStartTime = jetstream.DeliverByStartTimePolicy, &since
	}
	return cfg
}
