// Package processors serves orders: it loads what an order names, calculates, stores the result and announces it.
package processors

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"time"

	"bowecho/internal/bandwidth"
	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// Service serves the orders of one chain.
type Service struct {
	client *stream.Client
	chain  string
	name   string
	log    *slog.Logger
	warm   bool // an order has been served: what is loaded once is loaded
}

// New gives a service that has not started anything.
func New(client *stream.Client, chain string, log *slog.Logger) *Service {
	return &Service{client: client, chain: chain, name: ownName(), log: log.With("stage", "work", "chain", chain)}
}

// ackWait is how long an order stays with a worker that has stopped reporting progress.
const ackWait = 15 * time.Second

// Run serves one order at a time until ctx ends. An order in hand is finished first.
func (s *Service) Run(ctx context.Context) error {
	who := stream.Consumer{
		Stream: stream.Work, Durable: stream.WorkConsumer(s.chain), Filter: "work." + event.Token(s.chain) + ".>",
		Stage: "work", AckWait: ackWait, Concurrent: 64,
	}
	return s.client.Consume(ctx, s.log, who, func(ctx context.Context, m stream.Message) error {
		return s.serve(context.WithoutCancel(ctx), m)
	})
}

// serve makes what an order asks for. Everything it does is harmless when done again. An order that is past its deadline is
// dropped, one that fails is tried again as often as it says.
func (s *Service) serve(ctx context.Context, m stream.Message) error {
	order, err := event.Decode[event.Order](m.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	start, moved := time.Now(), s.client.Moved()
	if reason := late(order, start, m.Last); reason != "" {
		return s.drop(ctx, order, reason)
	}
	made, err := s.make(bandwidth.WithPriority(ctx, order.Priority), order)
	if err == nil {
		return s.done(ctx, order, time.Since(start), map[string]any{
			"bytes": s.client.Moved() - moved, "attempt": m.Attempt, "made": made,
		})
	}
	err = fmt.Errorf("%s of %s: %w", order.Chain, order.ValidTime.Format(time.RFC3339), err)
	if stream.IsPermanent(err) || m.Attempt > order.Retries && !stream.IsUnserved(err) {
		return s.fail(ctx, order, m.Attempt, err)
	}
	return err
}

// late tells why an order is dropped: past its deadline, or so near to it that it would be done too late, where newer work
// waits. To serve those first that are about to be of no use would make all that follow late, too.
func late(o *event.Order, now time.Time, last bool) (reason string) {
	if o.Deadline.IsZero() {
		return ""
	}
	left := o.Deadline.Sub(now)
	switch predicted := time.Duration(o.PredictedSeconds * float64(time.Second)); {
	case left < 0:
		return fmt.Sprintf("%v past its deadline: newer work comes first", -left.Round(time.Second))
	case left < predicted && !last:
		return fmt.Sprintf("%v to its deadline, and it takes %v: newer work comes first", left.Round(time.Second/10), predicted.Round(time.Second/10))
	}
	return ""
}

// make calculates, announces what comes of it, and gives the subjects of that.
func (s *Service) make(ctx context.Context, order *event.Order) (subjects []string, err error) {
	work, known := builtin[order.Worker]
	if !known {
		return nil, stream.Permanent(fmt.Errorf("it asks for worker %q, which this release does not have", order.Worker))
	}
	made, err := func() (made []event.Message, err error) {
		defer func() {
			if r := recover(); r != nil {
				err = stream.Broken(r)
			}
		}()
		return work(ctx, s.client, order)
	}()
	if err != nil {
		return nil, err
	}
	for _, message := range made {
		if _, err := s.client.Publish(ctx, message); err != nil {
			return nil, err
		}
		subjects = append(subjects, message.Subject())
	}
	return subjects, nil
}

// done tells that an order was served: how, by whom, and what it took of what had been predicted.
func (s *Service) done(ctx context.Context, order *event.Order, took time.Duration, how map[string]any) error {
	s.log.Info("served", "volume", order.ValidTime.Format(time.RFC3339), "ms", took.Milliseconds())
	inputs := map[string]any{
		"seconds": took.Seconds(), "predicted": order.PredictedSeconds, "features": order.Features, "first": !s.warm, "worker": s.name,
	}
	maps.Copy(inputs, how)
	s.warm = true
	return s.end(ctx, order.Ended(event.WorkDone, "done", order.Reason, inputs, time.Now()))
}

// ownName says which worker this is: as Nomad calls it, or by the machine and the process.
func ownName() string {
	host, _ := os.Hostname()
	return cmp.Or(os.Getenv("NOMAD_ALLOC_ID"), fmt.Sprintf("%s:%d", host, os.Getpid()))
}

func (s *Service) drop(ctx context.Context, order *event.Order, reason string) error {
	s.log.Warn("dropped", "volume", order.ValidTime.Format(time.RFC3339), "reason", reason)
	return s.end(ctx, order.Ended(event.OrderDropped, order.ID, reason, nil, time.Now()))
}

// fail tells that an order cannot be served, and gives the error with which it is set aside.
func (s *Service) fail(ctx context.Context, order *event.Order, attempt int, err error) error {
	return s.end(ctx, order.Ended(event.OrderFailed, order.ID, err.Error(), map[string]any{"attempt": attempt}, time.Now()))
}

// end tells how an order ended. Where it had ended before, by a worker that could not acknowledge it any more, it stays at
// that: then nothing is left to do, but to set it aside if it had failed.
func (s *Service) end(ctx context.Context, as *event.Decision) error {
	data, err := s.client.PublishFirst(ctx, as)
	if err == nil && data != nil {
		as, err = event.Decode[event.Decision](data)
	}
	if err == nil && as.Kind == event.OrderFailed {
		return stream.Permanent(errors.New(as.Reason))
	}
	return err
}
