package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Follow hands what a stream holds from a time on to a function, and then each message as it comes, in order, until
// ctx ends. Nothing is acknowledged or tried again: it serves readers that only want to know how things stand. It
// survives outages of the server. Live is called once, when all that was there at the start has been handed over.
func (c *Client) Follow(ctx context.Context, log *slog.Logger, streamName, filter string, since time.Time, live func(), use func(Message)) error {
	consumer, err := c.JS.OrderedConsumer(ctx, streamName, orderedFrom(filter, since))
	if err != nil {
		return fmt.Errorf("follow %s: %w", streamName, err)
	}
	waiting := consumer.CachedInfo().NumPending
	if waiting == 0 {
		live()
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(64))
	if err != nil {
		return fmt.Errorf("follow %s: %w", streamName, err)
	}
	defer context.AfterFunc(ctx, messages.Stop)()
	for n := uint64(0); ; {
		msg, err := messages.Next()
		switch {
		case ctx.Err() != nil || errors.Is(err, jetstream.ErrMsgIteratorClosed):
			return nil
		case err != nil:
			log.Warn("following", "stream", streamName, "err", err)
			sleep(ctx, time.Second)
			continue
		}
		use(followed(msg))
		if n++; n == waiting {
			live()
		}
	}
}

func followed(msg jetstream.Msg) Message {
	m := Message{Subject: msg.Subject(), Data: msg.Data(), Attempt: 1}
	if meta, err := msg.Metadata(); err == nil {
		m.Sequence, m.Last = meta.Sequence.Stream, meta.NumPending == 0
	}
	return m
}
