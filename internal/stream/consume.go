package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"bowecho/internal/event"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// permanent marks an error that trying again will not cure.
type permanent struct{ err error }

func (p permanent) Error() string { return p.err.Error() }
func (p permanent) Unwrap() error { return p.err }

// Permanent marks an error as one of the input: the message goes to DEAD at once instead of being tried again.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanent{err}
}

// Broken makes of a panic an error of the input that the program broke on.
func Broken(panicked any) error {
	return Permanent(fmt.Errorf("the program broke on this input: %v", panicked))
}

// IsPermanent tells whether trying again is pointless.
func IsPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}

// unserved marks an error of the server, or of the way to it: the message that met it is tried until there is none.
type unserved struct{ err error }

func (u unserved) Error() string { return u.err.Error() }
func (u unserved) Unwrap() error { return u.err }

// IsUnserved tells whether the server, or the way to it, and not the message was at fault.
func IsUnserved(err error) bool {
	var u unserved
	return errors.As(err, &u)
}

// Consumer says who reads what.
type Consumer struct {
	Stream     string
	Durable    string // the name under which JetStream remembers how far it got; empty: none, from now on
	Filter     string // a subject with wildcards; empty: all
	Stage      string // for DEAD
	AckWait    time.Duration
	Attempts   int  // 0: without end; those that failed because of the server do not count when they are the last
	All        bool // without a durable: from the start of the stream
	Since      time.Time
	Concurrent int // messages in hand at once, over all who share the durable; 0: the server's default
}

// Message is one delivery: what came, and how often it has been tried.
type Message struct {
	Subject  string
	Header   nats.Header
	Data     []byte
	Attempt  int
	Sequence uint64
	Last     bool // nothing else waits behind it
}

// Handler processes one message. Nil acknowledges it; a permanent error sends it to DEAD; any other is tried again.
type Handler func(ctx context.Context, m Message) error

// Consume hands every message to the handler, one at a time, until ctx ends. While a handler works, the server is
// told at a third of the ack wait, so that long work is not given to somebody else.
func (c *Client) Consume(ctx context.Context, log *slog.Logger, who Consumer, handle Handler) error {
	if who.AckWait == 0 {
		who.AckWait = 30 * time.Second
	}
	consumer, err := c.consumer(ctx, who)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	// Only one message is asked for at a time, so that none waits in the hand of a busy worker.
	messages, err := consumer.Messages(jetstream.PullMaxMessages(1), jetstream.PullExpiry(5*time.Second))
	if err != nil {
		return fmt.Errorf("consume %s: %w", who.Stream, err)
	}
	stop := context.AfterFunc(ctx, messages.Stop)
	defer stop()
	for {
		msg, err := messages.Next()
		switch {
		case ctx.Err() != nil:
			if msg != nil {
				_ = msg.NakWithDelay(0)
			}
			return nil
		case errors.Is(err, jetstream.ErrMsgIteratorClosed):
			return nil
		case err != nil:
			log.Warn("waiting for messages", "stream", who.Stream, "err", err)
			if !sleep(ctx, time.Second) {
				return nil
			}
			continue
		}
		c.deliver(ctx, log, who, msg, handle)
	}
}

func (c *Client) consumer(ctx context.Context, who Consumer) (jetstream.Consumer, error) {
	cfg := jetstream.ConsumerConfig{
		Durable: who.Durable, FilterSubject: who.Filter, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: who.AckWait, MaxDeliver: -1, DeliverPolicy: jetstream.DeliverAllPolicy,
	}
	if who.Durable == "" {
		cfg.InactiveThreshold = time.Minute
		switch {
		case !who.Since.IsZero():
			cfg.DeliverPolicy, cfg.OptStartTime = jetstream.DeliverByStartTimePolicy, &who.Since
		case !who.All:
			cfg.DeliverPolicy = jetstream.DeliverNewPolicy
		}
	}
	if who.Concurrent > 0 {
		cfg.MaxAckPending = who.Concurrent
	}
	consumer, err := c.JS.CreateOrUpdateConsumer(ctx, who.Stream, cfg)
	if err != nil {
		return nil, fmt.Errorf("create consumer %s on %s: %w", who.Durable, who.Stream, err)
	}
	return consumer, nil
}

func (c *Client) deliver(ctx context.Context, log *slog.Logger, who Consumer, msg jetstream.Msg, handle Handler) {
	m := Message{Subject: msg.Subject(), Header: msg.Headers(), Data: msg.Data(), Attempt: 1}
	if meta, err := msg.Metadata(); err == nil {
		m.Attempt, m.Sequence, m.Last = int(meta.NumDelivered), meta.Sequence.Stream, meta.NumPending == 0
	}
	err := c.handled(ctx, who, msg, m, handle)
	switch {
	case err == nil: // also when asked to stop meanwhile: what is done is done
		err = ack(context.WithoutCancel(ctx), msg)
	case ctx.Err() != nil:
		err = msg.NakWithDelay(0)
	case IsPermanent(err) || who.Attempts > 0 && m.Attempt >= who.Attempts && !IsUnserved(err):
		log.Error("set aside", "stage", who.Stage, "subject", m.Subject, "err", err)
		if err = c.bury(ctx, who.Stage, err.Error(), m); err == nil {
			err = msg.Term()
		}
	default:
		delay := retryDelay(m.Attempt)
		log.Warn("trying again", "stage", who.Stage, "subject", m.Subject, "attempt", m.Attempt, "in", delay, "err", err)
		err = msg.NakWithDelay(delay)
	}
	if err != nil && ctx.Err() == nil {
		log.Warn("acknowledging", "stage", who.Stage, "subject", m.Subject, "err", err)
	}
}

func ack(ctx context.Context, msg jetstream.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return msg.DoubleAck(ctx)
}

// handled runs the handler, reporting progress meanwhile, and turns a panic into a permanent error.
func (c *Client) handled(ctx context.Context, who Consumer, msg jetstream.Msg, m Message, handle Handler) (err error) {
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(who.AckWait / 3)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				_ = msg.InProgress()
			}
		}
	}()
	defer func() {
		close(done)
		<-ended
		if r := recover(); r != nil {
			err = Broken(r)
		}
	}()
	return handle(ctx, m)
}

// retryDelay grows from a quarter of a second to half a minute, less up to a quarter of it by chance, so that those who
// wait for the same thing do not come back at the same moment.
func retryDelay(attempt int) time.Duration {
	longest := min(250*time.Millisecond<<min(attempt-1, 10), 30*time.Second)
	return longest - rand.N(longest/4)
}

func encode(m event.Message) ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	data, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", m, err)
	}
	return data, nil
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
