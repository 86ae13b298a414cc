package bandwidth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
)

// Asker asks for one worker of a cloud.
type Asker struct {
	nc       *nats.Conn
	subject  string
	patience time.Duration
	log      *slog.Logger
}

// NewAsker gives the asker of a worker in a cloud that has a limit.
func NewAsker(nc *nats.Conn, cloud string, log *slog.Logger) *Asker {
	return &Asker{nc, subject(cloud), patience, log}
}

// Wait returns when so many bytes may flow, at the priority of ctx. It fails only when ctx ends.
func (a *Asker) Wait(ctx context.Context, bytes int) error {
	heard := time.Now()
	for {
		err := a.ask(ctx, ask{bytes, priorityOf(ctx)}, &heard)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Since(heard) >= a.patience:
			a.log.Warn("nobody says when to transfer: going ahead", "bytes", bytes, "err", err)
			return nil
		}
		select { // nobody listens, or the way to NATS is broken
		case <-ctx.Done():
		case <-time.After(a.patience / 20):
		}
	}
}

// ask returns when the shaper says go. Heard is when it last said anything.
func (a *Asker) ask(ctx context.Context, what ask, heard *time.Time) error {
	data, err := json.Marshal(what)
	if err != nil {
		return err
	}
	answers, err := a.nc.SubscribeSync(nats.NewInbox())
	if err != nil {
		return fmt.Errorf("ask to transfer: %w", err)
	}
	defer func() { _ = answers.Unsubscribe() }()
	if err := a.nc.PublishRequest(a.subject, answers.Subject, data); err != nil {
		return fmt.Errorf("ask to transfer: %w", err)
	}
	for {
		waiting, cancel := context.WithTimeout(ctx, a.patience-time.Since(*heard))
		m, err := answers.NextMsgWithContext(waiting)
		cancel()
		switch {
		case err != nil:
			return fmt.Errorf("ask to transfer: %w", err)
		case string(m.Data) == goAhead:
			return nil
		case string(m.Data) != hold:
			return errors.New("ask to transfer: nobody listens")
		}
		*heard = time.Now()
	}
}
