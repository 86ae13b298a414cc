// Package notify hands notices to recipients: each channel at its own pace and in order, until the notice is taken.
package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// Notifier hands a notice to one recipient and returns when it was taken. The same notice may come again: a recipient
// knows it by its id.
type Notifier interface {
	Notify(ctx context.Context, n *event.Notice) error
}

// ErrRefused marks an answer that trying again is not likely to change.
var ErrRefused = errors.New("refused")

const (
	// giveUpAfter is as far as a nowcast reaches: a notice that could not be handed off for so long warns nobody.
	giveUpAfter = 30 * time.Minute
	// refusals is how often a recipient may refuse a notice, in about half a minute, before the next one gets its turn.
	refusals = 8
	// keepDelivered is longer than any notice waits.
	keepDelivered = 24 * time.Hour
)

// Channel is a notifier under the name by which places ask for it.
type Channel struct {
	Name     string
	Notifier Notifier
}

// Run hands off the channel's notices until ctx ends. One that is not taken is tried again with a growing delay, and
// the next waits, for an update makes no sense before the start. What is refused, or not taken for half an hour, goes
// to DEAD.
//
// What was handed off is written down, so that a notice does not go out twice: but for the instant between the
// recipient's answer and the note, when the id has to serve.
func (c Channel) Run(ctx context.Context, client *stream.Client, log *slog.Logger) error {
	bucket, err := client.KeyValueFor(ctx, "delivered", keepDelivered)
	if err != nil {
		return err
	}
	log = log.With("channel", c.Name)
	who := stream.Consumer{
		Stream: stream.Notices, Durable: "notify-" + c.Name, Filter: "notice." + c.Name, Stage: "notify", Concurrent: 1,
	}
	return client.Consume(ctx, log, who, func(ctx context.Context, m stream.Message) error {
		n, err := event.Decode[event.Notice](m.Data)
		if err != nil {
			return stream.Permanent(err)
		}
		return c.handOff(ctx, bucket, n, m.Attempt)
	})
}

func (c Channel) handOff(ctx context.Context, delivered jetstream.KeyValue, n *event.Notice, attempt int) error {
	key := event.ID(c.Name, n.ID)
	_, err := delivered.Get(ctx, key)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, jetstream.ErrKeyNotFound):
		return fmt.Errorf("look up whether notice %s was handed off: %w", n.ID, err)
	}
	if err := c.Notifier.Notify(ctx, n); err != nil {
		err = fmt.Errorf("hand off to %s: %w", c.Name, err)
		late := !n.Trail.Notice.IsZero() && time.Since(n.Trail.Notice) > giveUpAfter
		if ctx.Err() == nil && (late || errors.Is(err, ErrRefused) && attempt >= refusals) {
			return stream.Permanent(err)
		}
		return err
	}
	// It has been taken, also when we are asked to stop now.
	_, err = delivered.Put(context.WithoutCancel(ctx), key, []byte(time.Now().UTC().Format(time.RFC3339Nano)))
	return err
}
