// Package alerts hears of areas, finds which places they reach and when, follows each alert from its start to its end,
// and has people told.
package alerts

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"bowecho/alerts/episode"
	"bowecho/alerts/match"
	"bowecho/alerts/notify"
	"bowecho/alerts/place"
	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// Service turns areas into notices.
type Service struct {
	cfg      Config
	client   *stream.Client
	channels []notify.Channel
	log      *slog.Logger
	wall     func() time.Time
	buckets  buckets

	mu      sync.Mutex // areas, places and the clock come from different sides; all that follows is under it
	memory  memory
	own     map[string]event.Place // places that came over HTTP, by key
	watched *place.Set
	heard   time.Time // by the wall clock: when the newest areas came
	shown   map[string]event.PlaceState
	stale   int // how many areas came late or twice
}

// New gives a service that has not started anything.
func New(cfg Config, client *stream.Client, log *slog.Logger) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Service{
		cfg: cfg, client: client, log: log.With("stage", "alerts"), wall: time.Now,
		own: map[string]event.Place{}, shown: map[string]event.PlaceState{},
	}
	for _, c := range cfg.channels() {
		n, err := c.notifier(client)
		if err != nil {
			return nil, err
		}
		s.channels = append(s.channels, notify.Channel{Name: c.Name, Notifier: n})
	}
	return s, nil
}

// Run serves until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	places, err := s.open(ctx)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.watch(ctx, places) })
	group.Go(func() error {
		return s.client.Consume(ctx, s.log, stream.Consumer{Stream: stream.Areas, Durable: "alerts", Stage: "alerts"}, s.areas)
	})
	group.Go(func() error { return s.keepTime(ctx) })
	for _, c := range s.channels {
		group.Go(func() error { return c.Run(ctx, s.client, s.log) })
	}
	return group.Wait()
}

// open reads all that was known before: places, open episodes, and for whom notices wait.
func (s *Service) open(ctx context.Context) (places jetstream.KeyWatcher, err error) {
	if s.buckets, err = openBuckets(ctx, s.client); err != nil {
		return nil, err
	}
	if s.memory, err = s.remember(ctx); err != nil {
		return nil, err
	}
	s.heard = s.wall()
	if places, err = s.readPlaces(ctx); err != nil {
		return nil, err
	}
	s.rewatch(ctx)
	if err := s.forgetStates(ctx); err != nil {
		return nil, err
	}
	return places, s.closedChannels(ctx)
}

// areas takes in one announcement. What follows from it is published before it is remembered, and remembered before the
// announcement is acknowledged; all ids depend on data only, so that doing it again after a crash tells nobody twice.
func (s *Service) areas(ctx context.Context, m stream.Message) error {
	announced, err := event.Decode[event.Areas](m.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	areas, err := s.read(ctx, announced)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	from := announced.Product + "/" + announced.Domain
	if newest := s.memory.issued[from]; !announced.IssueTime.After(newest) {
		s.stale++
		s.log.Info("areas that are late or came twice", "areas", from, "issued", announced.IssueTime, "newest", newest, "so_far", s.stale)
		return nil
	}
	next, told := s.memory.clone(), []news{}
	next.issued[from] = announced.IssueTime
	for _, f := range match.Find(s.watched, areas) {
		next.step(f.Place.Name, f.Hazard, &told, func(t episode.Track) (episode.Track, []episode.Change) {
			return t.See(s.cfg.rules(), announced.IssueTime, f)
		})
	}
	if err := s.commit(ctx, next, told, origin{announced.Trail, announced.Radars}); err != nil {
		return err
	}
	s.heard = s.wall()
	s.show(ctx)
	return nil
}

func (s *Service) read(ctx context.Context, announced *event.Areas) (*match.Areas, error) {
	collection := []byte(announced.Collection)
	if announced.Key != "" {
		var err error
		if collection, err = s.client.Get(ctx, announced.Key); err != nil {
			return nil, err
		}
	}
	areas, err := match.Read(announced, collection)
	return areas, stream.Permanent(err)
}

// commit tells what is news, and then remembers.
func (s *Service) commit(ctx context.Context, next memory, told []news, from origin) error {
	for _, n := range told {
		if err := s.tell(ctx, n, from); err != nil {
			return err
		}
	}
	if err := s.store(ctx, next); err != nil {
		return err
	}
	s.memory = next
	return nil
}

// tickEvery is how often the clock is looked at when no areas come.
const tickEvery = time.Second

// keepTime ends what nobody watches any longer and what has been without data for too long.
func (s *Service) keepTime(ctx context.Context) error {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := s.tick(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("ending what is over; it is tried again", "err", err)
		}
	}
}

func (s *Service) tick(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	if now.IsZero() || !s.memory.due(s.cfg.rules(), now) {
		return nil
	}
	next, told := s.memory.clone(), []news{}
	for key, f := range s.memory.followed {
		next.step(f.Place.Name, f.Hazard, &told, func(t episode.Track) (episode.Track, []episode.Change) {
			if f.gone {
				return t.Drop(now)
			}
			return t.Wait(s.cfg.rules(), now)
		})
		if f.gone {
			delete(next.followed, key)
		}
	}
	if err := s.commit(ctx, next, told, origin{}); err != nil {
		return fmt.Errorf("at %v: %w", now, err)
	}
	s.show(ctx)
	return nil
}

// clock gives the time in the data: the newest issue time and what has passed since. It stands still only before there
// are any data.
func (s *Service) clock() time.Time {
	newest := s.memory.newest()
	if newest.IsZero() {
		return newest
	}
	return newest.Add(s.wall().Sub(s.heard))
}
