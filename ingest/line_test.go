package ingest_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"bowecho/ingest"
	"bowecho/ingest/source"
	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// distant is a source on a server, each attempt to reach which ends as the channel says.
type distant struct {
	attempts chan error
	line     source.Line
}

func (s *distant) Line() *source.Line { return &s.line }

func (s *distant) Run(ctx context.Context, _ func(context.Context, source.File) error) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err, more := <-s.attempts:
			if !more {
				return nil
			}
			s.line.Told(ctx, err)
		}
	}
}

// run takes from a server whose attempts end so, until there are no more.
func (s *distant) run(t *testing.T, client *stream.Client, outcomes ...error) {
	t.Helper()
	s.attempts = make(chan error, len(outcomes))
	for _, err := range outcomes {
		s.attempts <- err
	}
	close(s.attempts)
	service, err := ingest.New(t.Context(), ingest.DefaultConfig(), client, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := service.Run(t.Context(), "dfw", source.Only(s, []string{"*"})); err != nil {
		t.Fatal(err)
	}
}

func TestAServerThatIsAwayIsTold(t *testing.T) {
	client, away := streamtest.Connect(t), errors.New("no route to radar.example")
	values := func() (list []string, last *event.Decision) {
		for _, m := range read[event.Decision](t, client, stream.Events, "event.line.dfw") {
			list, last = append(list, m.Value), m
		}
		return list, last
	}

	(&distant{}).run(t, client, nil, nil, away, away, away, nil, nil)
	list, last := values()
	if strings.Join(list, " ") != "up down up" || last.Was != event.Down {
		t.Fatalf("told %q, want up, once down and once up again", list)
	}
	if s, ok := last.Inputs["seconds"].(float64); !ok || s < 0 {
		t.Errorf("the end says %v, want how long it lasted", last.Inputs)
	}

	// One that ends meanwhile is no longer asked.
	(&distant{}).run(t, client, away)
	if list, last = values(); strings.Join(list[3:], " ") != "down left" || !strings.Contains(last.Reason, "no longer asked") {
		t.Errorf("told %q, want that it is left, too", list[3:])
	}

	// One that was killed meanwhile tells at its next start that the server is back.
	(&distant{}).run(t, client, nil)
	if list, _ = values(); len(list) != 6 || list[5] != event.Up {
		t.Errorf("after the restart told %q, want up", list)
	}
}
