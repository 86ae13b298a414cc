package stream

import (
	"strings"
	"testing"
	"time"

	"bowecho/alerts/notify/notifytest"
	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

func TestPromises(t *testing.T) {
	notifytest.Run(t, func(t *testing.T) notifytest.Recipient {
		client := streamtest.Connect(t)
		return notifytest.Recipient{Notifier: New(client), Cut: client.Close, Received: func() (got []event.Notice) {
			err := client.Each(t.Context(), stream.Events, "event.notice.>", time.Time{}, func(m stream.Message) error {
				n, err := event.Decode[event.Notice](m.Data)
				if err == nil {
					got = append(got, *n)
				}
				if strings.Count(m.Subject, ".") != 2 {
					t.Errorf("subject %s, want three tokens", m.Subject)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}}
	})
}
