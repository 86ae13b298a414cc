// Package processors serves orders: it loads what an order names, calculates, stores the result and announces it.
package processors

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// Service serves the orders of one chain.
type Service struct {
	client *stream.Client
	chain  string
	log    *slog.Logger
	warm   bool // an order has been served: what is loaded once is loaded
}

// New gives a service that has not started anything.
func New(client *stream.Client, chain string, log *slog.Logger) *Service {
	return &Service{client: client, chain: chain, log: log.With("stage", "work", "chain", chain)}
}

// ackWait is how long an order stays with a worker that has stopped reporting progress.
const ackWait = 15 * time.Second

// attempts is how often an order is tried before it is set aside.
const attempts = 5

// Run serves one order at a time until ctx ends. An order in hand is finished first.
func (s *Service) Run(ctx context.Context) error {
	who := stream.Consumer{
		Stream: stream.Work, Durable: stream.WorkConsumer(s.chain), Filter: "work." + event.Token(s.chain) + ".>",
		Stage: "work", AckWait: ackWait, Attempts: attempts, Concurrent: 64,
	}
	return s.client.Consume(ctx, s.log, who, func(ctx context.Context, m stream.Message) error {
		return s.serve(context.WithoutCancel(ctx), m)
	})
}

// serve makes what an order asks for. Everything it does is harmless when done again.
func (s *Service) serve(ctx context.Context, m stream.Message) error {
	order, err := event.Decode[event.Order](m.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	if late := time.Since(order.Deadline); !order.Deadline.IsZero() && late > 0 {
		return s.drop(ctx, order, late)
	}
	work, known := builtin[order.Worker]
	if !known {
		return stream.Permanent(fmt.Errorf("order %s asks for worker %q, which this release does not have", order.ID, order.Worker))
	}
	start := time.Now()
	made, err := work(ctx, s.client, order)
	if err != nil {
		return fmt.Errorf("%s of %s: %w", order.Chain, order.ValidTime.Format(time.RFC3339), err)
	}
	for _, message := range made {
		if _, err := s.client.Publish(ctx, message); err != nil {
			return err
		}
	}
	return s.done(ctx, order, m.Attempt, time.Since(start))
}

func (s *Service) done(ctx context.Context, order *event.Order, attempt int, took time.Duration) error {
	s.log.Info("served", "volume", order.ValidTime.Format(time.RFC3339), "ms", took.Milliseconds())
	_, err := s.client.Publish(ctx, &event.Decision{
		V: event.Version, ID: event.ID(event.WorkDone, order.ID), Kind: event.WorkDone, Subj: order.Chain,
		Domain: order.Domain.Name, Value: "done", Reason: order.Reason,
		Inputs: map[string]any{
			"order": order.ID, "seconds": took.Seconds(), "predicted": order.PredictedSeconds, "features": order.Features,
			"attempt": attempt, "first": !s.warm,
		},
		DataTime: order.ValidTime, Time: time.Now().UTC(),
	})
	s.warm = true
	return err
}

func (s *Service) drop(ctx context.Context, order *event.Order, late time.Duration) error {
	s.log.Warn("dropped", "volume", order.ValidTime.Format(time.RFC3339), "late", late.Round(time.Millisecond))
	_, err := s.client.Publish(ctx, &event.Decision{
		V: event.Version, ID: event.ID(event.OrderDropped, order.ID), Kind: event.OrderDropped, Subj: order.Chain,
		Domain: order.Domain.Name, Value: order.ID, Reason: fmt.Sprintf("%v past its deadline: newer work comes first", late.Round(time.Second)),
		DataTime: order.ValidTime, Time: time.Now().UTC(),
	})
	return err
}
