// Package stream puts notices on the stream of events as event.notice.<place>, where the portal's live feed, the report
// and the systems of operations centres read them.
package stream

import (
	"context"

	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// Feed is the stream of events.
type Feed struct{ client *stream.Client }

// New gives the feed of a client.
func New(client *stream.Client) *Feed { return &Feed{client} }

// Notify publishes a notice and returns when it is stored. The same notice again, within half an hour, is stored once.
func (f *Feed) Notify(ctx context.Context, n *event.Notice) error {
	_, err := f.client.Publish(ctx, told{n})
	return err
}

// told is a notice that goes to EVENTS instead of to a channel.
type told struct{ *event.Notice }

// Subject puts it on EVENTS, by its place.
func (t told) Subject() string { return "event." + event.NoticeGiven + "." + event.Token(t.Place) }
