package ingest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"bowecho/ingest/gzipped"
	"bowecho/ingest/level2"
	"bowecho/ingest/source"
	"bowecho/ingest/warning"
	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// feeds is what the feeds of warnings said last. It is read anew from the stream after a start, so that nothing is
// announced twice and what a list has no longer is known to have ended.
type feeds struct {
	client *stream.Client

	mu    sync.Mutex // over what follows
	read  bool
	known map[string]map[string]event.Warning // by feed and id
	lists map[string]time.Time                // of when each feed's newest list is
	told  map[string]time.Time                // when each feed was last told to be heard
}

const (
	// repeatAfter is when a warning that stands unchanged is announced again, so that the stream, which forgets in time,
	// has all that hold.
	repeatAfter = 12 * time.Hour
	// forgetAfter is how long a message is known that stood in no list: longer than it is repeated, as by several roads.
	forgetAfter = 24 * time.Hour
	// heardEvery is how often a feed that says nothing new is told to be heard.
	heardEvery = 30 * time.Second
)

func newFeeds(client *stream.Client) *feeds {
	return &feeds{client: client, known: map[string]map[string]event.Warning{}, lists: map[string]time.Time{}, told: map[string]time.Time{}}
}

// restore reads, at the first call, what was announced before.
func (f *feeds) restore(ctx context.Context) error {
	if f.read {
		return nil
	}
	err := f.client.Each(ctx, stream.Warnings, "", time.Time{}, func(m stream.Message) error {
		w, err := event.Decode[event.Warning](m.Data)
		if err != nil {
			return nil // of another release
		}
		f.keep(w)
		return nil
	})
	f.read = err == nil
	return err
}

// keep remembers what was announced. A warning that left a list may come again.
func (f *feeds) keep(w *event.Warning) {
	if w.Listed.After(f.lists[w.Feed]) {
		f.lists[w.Feed] = w.Listed
	}
	if f.known[w.Feed] == nil {
		f.known[w.Feed] = map[string]event.Warning{}
	}
	if w.Reason == leftList {
		delete(f.known[w.Feed], w.ID)
		return
	}
	f.known[w.Feed][w.ID] = *w
}

const leftList = "the feed's list has it no longer"

// news gives what a bulletin says that the feed has not said before, and which warnings have ended since its list lacks them.
func (f *feeds) news(feed string, file source.File, b *warning.Bulletin) (list []event.Warning) {
	heard, made := file.Seen.UTC(), time.Time{}
	if b.List {
		made = cmp.Or(b.Updated.UTC(), heard)
	}
	if b.List && made.Before(f.lists[feed]) {
		return nil // it comes late
	}
	known, listed, latest := f.known[feed], map[string]bool{}, map[string]event.Warning{}
	maps.DeleteFunc(known, func(_ string, w event.Warning) bool { return w.Listed.IsZero() && heard.Sub(w.Heard) > forgetAfter })
	replaced := replacedIn(known)
	for _, w := range b.Warnings {
		w.Feed, w.File, w.Heard, w.Listed = feed, file.Name, heard, made
		listed[w.ID] = true
		message, _, _ := strings.Cut(w.ID, " ") // of several warnings
		before, there := latest[w.ID]
		if !there {
			before, there = known[w.ID]
		}
		switch {
		case replaced[w.ID] || replaced[message] || there && w.Sent.Before(before.Sent): // it comes late
		case there && w.Content() == before.Content() && heard.Sub(before.Heard) < repeatAfter:
			if b.List {
				before.Listed = made
				known[w.ID] = before
			}
		default:
			latest[w.ID] = w
			list = append(list, w)
		}
	}
	if !b.List || len(b.Flaws) > 0 {
		return list // it does not tell what has ended
	}
	f.lists[feed] = made
	return append(list, gone(known, listed, made, heard)...)
}

// replacedIn gives the ids that any of the warnings updates or cancels.
func replacedIn(known map[string]event.Warning) map[string]bool {
	ids := map[string]bool{}
	for _, w := range known {
		for _, id := range w.Replaces {
			ids[id] = true
		}
	}
	return ids
}

// gone gives the warnings that stood in a feed's list and do not any longer. What another replaced is among them.
func gone(known map[string]event.Warning, listed map[string]bool, made, heard time.Time) (list []event.Warning) {
	for _, id := range slices.Sorted(maps.Keys(known)) {
		if w := known[id]; !w.Listed.IsZero() && !listed[id] {
			w.Ended, w.Reason, w.Heard, w.Listed = made, leftList, heard, made
			list = append(list, w)
		}
	}
	return list
}

// announceWarnings announces what a file's warnings say that is new. The outcome is ErrKnown where nothing is.
func (s *Service) announceWarnings(ctx context.Context, file source.File, b *warning.Bulletin) (outcome, err error) {
	feed := cmp.Or(file.From, "replayed") // by hand, from the dead letters
	s.feeds.mu.Lock()
	defer s.feeds.mu.Unlock()
	if err := s.feeds.restore(ctx); err != nil {
		return nil, err
	}
	news := s.feeds.news(feed, file, b)
	for i := range news {
		w := &news[i]
		_, err := s.client.Publish(ctx, w)
		switch {
		case stream.IsPermanent(err):
			s.log.Error("a warning cannot be announced", "feed", feed, "file", file.Name, "warning", w.ID, "err", err)
		case err != nil:
			return nil, err
		default:
			s.log.Info("warning", "feed", feed, "warning", w.ID, "event", w.Event, "ended", !w.Ended.IsZero(), "file", file.Name)
		}
		s.feeds.keep(w)
	}
	if len(b.Flaws) > 0 {
		s.log.Warn("a part of the file could not be used", "feed", feed, "file", file.Name, "flaws", b.Flaws)
	}
	s.tellHeard(ctx, feed, fmt.Sprintf("%s of %d warnings", b.Format, len(b.Warnings)),
		map[string]any{"warnings": len(b.Warnings), "news": len(news), "flaws": len(b.Flaws), "file": file.Name})
	if len(news) == 0 {
		return source.ErrKnown, nil
	}
	return nil, nil
}

// feedHeard tells that a feed was heard.
func (s *Service) feedHeard(ctx context.Context, feed, how string, inputs map[string]any) {
	s.feeds.mu.Lock()
	defer s.feeds.mu.Unlock()
	s.tellHeard(ctx, feed, how, inputs)
}

// tellHeard tells that a feed was heard, at most every half minute. What cannot be told now is told at the next time.
func (s *Service) tellHeard(ctx context.Context, feed, how string, inputs map[string]any) {
	now := time.Now().UTC()
	if now.Sub(s.feeds.told[feed]) < heardEvery {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	_, err := s.client.Publish(ctx, &event.Decision{
		V: event.Version, ID: event.ID(event.FeedHeard, feed, now.String()), Kind: event.FeedHeard, Subj: feed,
		Value: "heard", Reason: how, Inputs: inputs, Time: now,
	})
	if err != nil {
		s.log.Warn("not told yet", "feed", feed, "err", err)
		return
	}
	s.feeds.told[feed] = now
}

// head gives the first bytes of a file's content, by which warnings are known. A Level II volume may look gzipped.
func head(data []byte) []byte {
	if gzipped.Is(data) && !level2.IsLevel2(data) {
		return gzipped.Head(data, warning.HeadBytes)
	}
	return data
}

// DecodeWarnings reads the warnings in a file, gzipped or not.

func DecodeWarnings(name string, data []byte) (*warning.Bulletin, error) {
	if gzipped.Is(data) {
		content, err := gzipped.Inflate(data, warning.MaxBytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		data = content
	}
	return warning.Decode(name, data)
}
