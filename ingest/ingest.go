// Package ingest finds files, decodes each once, says how much weather is in it, stores it and announces the scan.
package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"bowecho/ingest/source"
	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// Config is what an operator may tune.
type Config struct {
	Decoders int `yaml:"decoders"` // files decoded at once
}

// DefaultConfig serves two cores.
func DefaultConfig() Config { return Config{Decoders: 2} }

// Validate tells what is wrong.
func (c Config) Validate() error {
	if c.Decoders < 1 || c.Decoders > 256 {
		return fmt.Errorf("ingest.decoders is %d, want 1 to 256", c.Decoders)
	}
	return nil
}

// Service takes files from sources and announces scans.
type Service struct {
	cfg    Config
	client *stream.Client
	ledger *ledger
	parts  *parts
	feeds  *feeds
	log    *slog.Logger
	skewed atomic.Int64 // scans whose clock differs from ours

	sources  atomic.Int64 // that are running
	restored sync.Once    // the parts that an earlier run stored
}

// New gives a service that has not started anything.
func New(ctx context.Context, cfg Config, client *stream.Client, log *slog.Logger) (*Service, error) {
	l, err := openLedger(ctx, client)
	if err != nil {
		return nil, err
	}
	p, err := openParts(ctx, client)
	if err != nil {
		return nil, err
	}
	return &Service{cfg: cfg, client: client, ledger: l, parts: p, feeds: newFeeds(client), log: log.With("stage", "ingest")}, nil
}

// Run takes every file of a source until ctx ends or the source has no more, and says so on the stream of events.
// Files are decoded side by side and announced in the order in which they came.
func (s *Service) Run(ctx context.Context, name string, from source.Source) error {
	if err := s.restoreParts(ctx); err != nil {
		return err
	}
	s.sources.Add(1)
	ended, err := s.takeAll(ctx, name, from)
	last := s.sources.Add(-1) == 0
	if err != nil || !ended {
		return err
	}
	if last { // nobody brings what volumes lack
		s.publishLeft(ctx, true)
	}
	return s.finished(ctx, name)
}

// takeAll takes every file, and tells whether the source has no more.
func (s *Service) takeAll(asked context.Context, name string, from source.Source) (ended bool, err error) {
	ctx, cancel := context.WithCancelCause(asked)
	defer cancel(nil)
	defer s.whileRunning(ctx)()
	defer s.follow(ctx, name, from)()
	queue := make(chan job, s.cfg.Decoders)
	announced := make(chan struct{})
	go func() {
		defer close(announced)
		for j := range queue {
			if err := s.announce(ctx, j.file, <-j.done); err != nil {
				cancel(err)
			}
		}
	}()
	err = from.Run(ctx, func(ctx context.Context, f source.File) error {
		if f.PassOver == "" && source.Companion(f.Name) {
			f.PassOver = "not a radar file by its name"
		}
		f.From = name
		if f.PassOver != "" {
			return s.passOver(ctx, f)
		}
		j := job{f, make(chan result, 1)}
		select { // a full queue holds back the source
		case queue <- j:
		case <-ctx.Done():
			return ctx.Err()
		}
		go func() { j.done <- s.prepare(ctx, f) }()
		return nil
	})
	close(queue)
	<-announced
	if asked.Err() != nil {
		return false, nil // to stop; what was not announced is found again at the next start
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if err != nil {
		return false, fmt.Errorf("source %s: %w", name, err)
	}
	return true, nil
}

// Take decodes and announces one file. What cannot be used is an error, and is not set aside.
func (s *Service) Take(ctx context.Context, f source.File) error {
	r := s.prepare(ctx, f)
	switch {
	case r.bad != nil:
		return r.bad
	case r.absent != nil:
		return r.absent
	case r.part:
		return fmt.Errorf("%s is a part of a volume and of no use alone; `bowecho dead save` writes it to a file, to be put where the others lie", f.Name)
	case r.warnings != nil:
		_, err := s.announceWarnings(ctx, f, r.warnings)
		return err
	}
	_, err := s.publish(ctx, f, r.scans[0])
	return err
}

type job struct {
	file source.File
	done chan result
}

// passOver tells of a file that is not wanted, so that it is not passed over in silence.
func (s *Service) passOver(ctx context.Context, f source.File) error {
	var outcome error
	err := s.persist(ctx, f.Name, func() (err error) {
		outcome, err = s.passedOver(ctx, f, f.PassOver)
		return err
	})
	if err == nil {
		f.Settle(outcome)
	}
	return err
}

func (s *Service) passedOver(ctx context.Context, f source.File, reason string) (outcome, err error) {
	s.log.Info("passed over", "file", f.Name, "reason", reason)
	_, err = s.client.Publish(ctx, &event.Decision{
		V: event.Version, ID: event.ID(event.PassedOver, f.From, f.Name, f.Identity), Kind: event.PassedOver, Subj: f.From,
		Value: f.Name, Reason: reason, Time: time.Now().UTC(),
	})
	return stream.Permanent(fmt.Errorf("%s is passed over: %s", f.Name, reason)), err
}

func (s *Service) finished(ctx context.Context, name string) error {
	now := time.Now().UTC()
	_, err := s.client.Publish(ctx, &event.Decision{
		V: event.Version, ID: event.ID(event.SourceDone, name, now.String()), Kind: event.SourceDone, Subj: name,
		Value: "ended", Reason: "all files of the source have been taken", Time: now,
	})
	return err
}

// persist tries until it works or ctx ends: a full disk or an absent server loses nothing, and holds back the source.
func (s *Service) persist(ctx context.Context, what string, try func() error) error {
	for delay := 250 * time.Millisecond; ; delay = min(2*delay, 10*time.Second) {
		err := try()
		if err == nil || stream.IsPermanent(err) || ctx.Err() != nil {
			return err
		}
		s.log.Warn("trying again", "what", what, "in", delay, "err", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(delay):
		}
	}
}
