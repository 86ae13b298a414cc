package alerts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"bowecho/alerts/notify"
	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// closed is a channel that the config names no longer.
type closed struct{}

func (closed) Notify(context.Context, *event.Notice) error {
	return stream.Permanent(errors.New("the channel is not in alerts.channels any more"))
}

// closedChannels finds notices that wait for channels which are no more, and has them set aside: nobody would ever
// take them from the queue.
func (s *Service) closedChannels(ctx context.Context) error {
	queue, err := s.client.JS.Stream(ctx, stream.Notices)
	if err != nil {
		return fmt.Errorf("look at the notices that wait: %w", err)
	}
	info, err := queue.Info(ctx, jetstream.WithSubjectFilter("notice.>"))
	if err != nil {
		return fmt.Errorf("look at the notices that wait: %w", err)
	}
	for subject, waiting := range info.State.Subjects {
		name := strings.TrimPrefix(subject, "notice.")
		if slices.ContainsFunc(s.channels, func(c notify.Channel) bool { return c.Name == name }) {
			continue
		}
		s.log.Warn("notices wait for a channel that is no more; they are set aside", "channel", name, "notices", waiting)
		s.channels = append(s.channels, notify.Channel{Name: name, Notifier: closed{}})
	}
	return nil
}
