package bandwidth

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
)

// most is how many may wait: each worker asks for one chunk at a time. Who finds no room goes ahead after a while.
const most = 20_000

// Shaper says when the workers of one cloud may transfer.
type Shaper struct {
	nc    *nats.Conn
	cloud string
	line  line
	log   *slog.Logger
}

// NewShaper gives the shaper of a cloud with a limit in megabits a second, above 0, that has not started anything.
func NewShaper(nc *nats.Conn, cloud string, mbit float64, log *slog.Logger) *Shaper {
	return &Shaper{nc: nc, cloud: cloud, line: line{rate: bytesPerSecond(mbit)}, log: log.With("stage", "fleet", "cloud", cloud)}
}

// Run answers the workers until ctx ends.
func (s *Shaper) Run(ctx context.Context) error {
	asks := make(chan *nats.Msg, most)
	subscription, err := s.nc.ChanSubscribe(subject(s.cloud), asks)
	if err != nil {
		return fmt.Errorf("listen to the transfers of cloud %s: %w", s.cloud, err)
	}
	defer func() { _ = subscription.Unsubscribe() }()
	tell := time.NewTicker(holdEvery)
	defer tell.Stop()
	for {
		free := time.NewTimer(s.serve(time.Now()))
		select {
		case <-ctx.Done():
			free.Stop()
			return nil
		case m := <-asks:
			s.hear(m)
		case <-free.C:
		case <-tell.C:
			for _, t := range s.line.waiting {
				s.answer(t.reply, hold)
			}
		}
		free.Stop()
	}
}

// hear lets a worker wait.
func (s *Shaper) hear(m *nats.Msg) {
	var a ask
	if err := json.Unmarshal(m.Data, &a); err != nil || a.Bytes < 0 || len(s.line.waiting) >= most {
		s.log.Warn("an ask to transfer is not understood, or too many wait", "ask", string(m.Data), "waiting", len(s.line.waiting), "err", err)
		return
	}
	s.line.join(a, m.Reply)
}

// serve lets all go who may, and gives how long until the next may.
func (s *Shaper) serve(now time.Time) time.Duration {
	for {
		t, ok := s.line.next(now)
		if !ok {
			break
		}
		s.answer(t.reply, goAhead)
	}
	if len(s.line.waiting) == 0 {
		return holdEvery
	}
	return s.line.free.Sub(now)
}

// answer is lost where the way to NATS is: who asked goes ahead after a while.
func (s *Shaper) answer(reply, what string) {
	if err := s.nc.Publish(reply, []byte(what)); err != nil {
		s.log.Warn("answer an ask to transfer", "err", err)
	}
}
