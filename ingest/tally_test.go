package ingest_test

import (
	"context"
	"log/slog"
	"testing"

	"bowecho/ingest"
	"bowecho/ingest/source"
	"bowecho/internal/event"
	"bowecho/internal/radar"
	"bowecho/internal/stream"
)

// tally is what became of the files of a test.
type tally struct {
	Sent      int // different scans that were sent
	Announced int // different scans on SCANS
	Lost      int // sent and not announced
	Doubled   int // on SCANS more than once
	Dead      int // set aside
	Known     int // told of as a scan that was known
}

// tallied reads the streams, prints the tally and holds that every announced scan can be read.
func tallied(t *testing.T, client *stream.Client, sent int) tally {
	t.Helper()
	c := tally{
		Sent: sent, Dead: len(read[event.Dead](t, client, stream.DeadBox, "")),
		Known: len(read[event.Decision](t, client, stream.Events, "event.duplicate.>")),
	}
	times := map[string]int{}
	for _, s := range read[event.Scan](t, client, stream.Scans, "") {
		if times[s.Key]++; times[s.Key] > 1 {
			c.Doubled++
			continue
		}
		c.Announced++
		data, err := client.Get(t.Context(), s.Key)
		if err == nil {
			_, err = radar.Decode(data)
		}
		if err != nil {
			t.Errorf("%s is announced and does not read: %v", s.File, err)
		}
	}
	c.Lost = sent - c.Announced
	t.Logf("%+v", c)
	return c
}

func service(t *testing.T, client *stream.Client) *ingest.Service {
	t.Helper()
	s, err := ingest.New(t.Context(), ingest.DefaultConfig(), client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// counted is a source that calls a function with the number of files that it has emitted.
type counted struct {
	source.Source
	emitted func(n int)
}

func (c counted) Run(ctx context.Context, emit func(context.Context, source.File) error) error {
	n := 0
	return c.Source.Run(ctx, func(ctx context.Context, f source.File) error {
		if err := emit(ctx, f); err != nil {
			return err
		}
		n++
		c.emitted(n)
		return nil
	})
}
