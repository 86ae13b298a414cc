package source

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// CheckSubject tells whether files, or news of files, can be sent on a subject: the stream FILES keeps them until they
// are taken.
func CheckSubject(subject string) error {
	from, ok := strings.CutPrefix(subject, "files.")
	if !ok || from == "" || strings.ContainsAny(from, "*> \t\r\n") || strings.Contains("."+from+".", "..") {
		return fmt.Errorf("subject is %q, want one like files.dfw, which the stream FILES keeps until they are taken", subject)
	}
	return nil
}

// Inbox hands each message of a subject to a function, until ctx ends. One is acknowledged when the function returns nil,
// so that it is not lost on the way. All who read a subject share its messages.
func Inbox(ctx context.Context, client *stream.Client, log *slog.Logger, subject string, handle stream.Handler) error {
	line := Line{Log: log, To: "NATS subject " + subject}
	for ctx.Err() == nil {
		err := client.Consume(ctx, log, stream.Consumer{
			Stream: stream.Files, Filter: subject, Durable: "files-" + event.ID(subject), Stage: "ingest", AckWait: 30 * time.Second,
		}, handle)
		if err == nil || line.Down(ctx, err) != nil {
			break
		}
	}
	return ctx.Err()
}

// Hand emits a file and waits for what becomes of it: nil where nothing more is to be done about it.
func Hand(ctx context.Context, emit func(context.Context, File) error, f File) error {
	outcome := make(chan error, 1)
	f.Done = func(err error) { outcome <- err }
	if err := emit(ctx, f); err != nil {
		return err
	}
	select {
	case err := <-outcome:
		if Taken(err) {
			return nil
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
