// Package subject takes files that others send over NATS, and sends them.
package subject

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"bowecho/ingest/source"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// Config is what an operator may tune.
type Config struct {
	Subject string `yaml:"subject"` // like files.dfw; all who read it share its files
}

// Validate tells what is wrong.
func (c Config) Validate() error { return source.CheckSubject(c.Subject) }

// The header of a message. Its body is the file, or empty where the file lies in the object store.
const (
	headerName   = "Name"
	headerSHA256 = "Sha256" // of the file, in hex
	headerObject = "Object" // the key of the file in the object store
)

// Subject is a source. A message is acknowledged when its file is announced or set aside.
type Subject struct {
	cfg    Config
	client *stream.Client
	log    *slog.Logger
}

// New gives a source that has not started anything.
func New(cfg Config, client *stream.Client, log *slog.Logger) (*Subject, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Subject{cfg, client, log}, nil
}

// Run emits what is sent, in the order in which it was, until ctx ends.
func (s *Subject) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	guarded := func(ctx context.Context, f source.File) error {
		err := emit(ctx, f)
		if err != nil {
			stop(err)
		}
		return err
	}
	err := source.Inbox(ctx, s.client, s.log, s.cfg.Subject, func(ctx context.Context, m stream.Message) error {
		return s.take(ctx, m, guarded)
	})
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func (s *Subject) take(ctx context.Context, m stream.Message, emit func(context.Context, source.File) error) error {
	name, key := m.Header.Get(headerName), m.Header.Get(headerObject)
	data, err := s.content(ctx, m.Data, key)
	if err != nil {
		return fmt.Errorf("file %q, which was sent on %s: %w", name, m.Subject, err)
	}
	sum := sha256.Sum256(data)
	got, want := hex.EncodeToString(sum[:]), m.Header.Get(headerSHA256)
	switch {
	case name == "" || len(data) == 0:
		err = fmt.Errorf("a message on %s with the name %q and %d bytes, want a file as `bowecho send` sends it", m.Subject, name, len(data))
	case want != got:
		err = fmt.Errorf("file %q came with the SHA-256 %s, want %s", name, got, want)
	default:
		f := source.File{Name: name, Data: data, Seen: time.Now(), Pace: 1}
		if err := source.Hand(ctx, emit, f); err != nil || key == "" {
			return err
		}
		return s.remove(ctx, key)
	}
	return stream.Permanent(err)
}

// content gives a file's bytes: those of the message, or of the object that it names.
func (s *Subject) content(ctx context.Context, inline []byte, key string) ([]byte, error) {
	if key == "" {
		return inline, nil
	}
	objects, err := files(ctx, s.client)
	if err != nil {
		return nil, err
	}
	info, err := objects.GetInfo(ctx, key)
	switch {
	case errors.Is(err, jetstream.ErrObjectNotFound):
		return nil, stream.Permanent(errors.New("it is no longer in the object store"))
	case err == nil && info.Size > source.MaxBytes:
		return nil, stream.Permanent(fmt.Errorf("it has more than %d MiB, which no radar file has", source.MaxBytes>>20))
	case err != nil:
		return nil, err
	}
	return objects.GetBytes(ctx, key)
}

// remove takes a file that is done out of the object store.
func (s *Subject) remove(ctx context.Context, key string) error {
	objects, err := files(ctx, s.client)
	if err != nil {
		return err
	}
	if err := objects.Delete(ctx, key); err != nil {
		s.log.Warn("a file that is done stays in the object store until its time is up", "key", key, "err", err)
	}
	return nil
}
