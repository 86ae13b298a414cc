package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bowecho/internal/event"

	"github.com/nats-io/nats.go/jetstream"
)

// Queue is the orders of a chain.
type Queue struct {
	Waiting int           // for a worker, also where there is none
	Running int           // given to a worker that has not said yet that it is done
	Age     time.Duration // of the oldest that waits
}

// Queue tells how many orders of a chain there are, as the leaders of the stream and of its consumer say. Where there is
// no leader it fails: what a follower knows may be old.
func (c *Client) Queue(ctx context.Context, chain string) (q Queue, err error) {
	filter := "work." + event.Token(chain) + ".>"
	work, err := c.JS.Stream(ctx, Work)
	if err != nil {
		return q, fmt.Errorf("look at the queue: %w", err)
	}
	consumer, err := work.Consumer(ctx, WorkConsumer(chain)) // which asks the server
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return unread(ctx, work, filter)
	}
	if err != nil {
		return q, fmt.Errorf("look at the queue of %s: %w", chain, err)
	}
	info := consumer.CachedInfo()
	if err := led(info.Cluster); err != nil {
		return q, fmt.Errorf("look at the queue of %s: %w", chain, err)
	}
	if info.Delivered.Consumer == 0 {
		return unread(ctx, work, filter) // in its first moment a consumer has not counted yet what waits
	}
	q.Waiting, q.Running = int(info.NumPending), info.NumAckPending
	if q.Waiting > 0 {
		q.Age, err = age(ctx, work, filter, info.Delivered.Stream+1)
	}
	return q, err
}

// unread is a queue that no worker has ever read.
func unread(ctx context.Context, work jetstream.Stream, filter string) (q Queue, err error) {
	info, err := work.Info(ctx, jetstream.WithSubjectFilter(filter))
	if err == nil {
		err = led(info.Cluster)
	}
	if err != nil {
		return q, fmt.Errorf("look at the queue of %s: %w", filter, err)
	}
	for _, n := range info.State.Subjects {
		q.Waiting += int(n)
	}
	if q.Waiting > 0 {
		q.Age, err = age(ctx, work, filter, info.State.FirstSeq)
	}
	return q, err
}

// led refuses what was told while there was no leader.
func led(cluster *jetstream.ClusterInfo) error {
	if cluster != nil && cluster.Name != "" && cluster.Leader == "" {
		return errors.New("it has no leader now")
	}
	return nil
}

// age gives how long ago the first message from a sequence number on was stored. One that has gone meanwhile has no age.
func age(ctx context.Context, work jetstream.Stream, filter string, from uint64) (time.Duration, error) {
	first, err := work.GetMsg(ctx, from, jetstream.WithGetMsgSubject(filter))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at the oldest of %s: %w", filter, err)
	}
	return max(time.Since(first.Time), 0), nil
}
