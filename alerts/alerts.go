// Package alerts tells people when a hazard is, or soon will be, within their distance: areas in, notices out.
package alerts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
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

// Service matches areas with places, keeps the episodes, and hands off notices.
type Service struct {
	cfg      Config
	client   *stream.Client
	log      *slog.Logger
	channels []notify.Channel

	mu       sync.Mutex // over what follows
	memory   *memory
	set      *place.Set
	added    map[string]event.Place // over HTTP, by key
	standing map[string]event.PlaceState
	heard    time.Time // by the wall clock, when areas last came
	tracks   jetstream.KeyValue
	states   jetstream.KeyValue
}

// New gives a service that has not started anything.
func New(cfg Config, client *stream.Client, log *slog.Logger) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Service{
		cfg: cfg, client: client, log: log.With("stage", "alerts"), memory: newMemory(),
		added: map[string]event.Place{}, standing: map[string]event.PlaceState{}, set: place.NewSet(cfg.Places), heard: time.Now(),
	}
	for _, c := range cfg.Channels {
		n, err := c.notifier(client)
		if err != nil {
			return nil, err
		}
		s.channels = append(s.channels, notify.Channel{Name: c.Name, Notifier: n})
	}
	return s, nil
}

// Run works until ctx ends and all that it started has ended.
func (s *Service) Run(ctx context.Context) error {
	if err := s.restore(ctx); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.followPlaces(ctx) })
	group.Go(func() error {
		who := stream.Consumer{Stream: stream.Areas, Durable: "alerts", Stage: "alerts", Concurrent: 1}
		return s.client.Consume(ctx, s.log, who, s.areas)
	})
	for _, c := range s.channels {
		group.Go(func() error { return c.Run(ctx, s.client, s.log) })
	}
	group.Go(func() error { return s.watchSilence(ctx) })
	return group.Wait()
}

// areas hears one announcement of areas: what each place is told follows.
func (s *Service) areas(ctx context.Context, msg stream.Message) error {
	m, err := event.Decode[event.Areas](msg.Data)
	if err != nil {
		return stream.Permanent(err)
	}
	collection := []byte(m.Collection)
	if len(collection) == 0 {
		if collection, err = s.client.Get(ctx, m.Key); err != nil {
			return err
		}
	}
	areas, err := match.Read(m, collection)
	if err != nil {
		return stream.Permanent(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = time.Now()
	source := m.Product + "/" + m.Domain
	if !m.IssueTime.After(s.memory.Issued[source]) {
		s.log.Info("areas out of order are not news", "product", m.Product, "domain", m.Domain, "issued", m.IssueTime)
		return nil
	}
	next := s.memory.clone()
	next.Issued[source] = m.IssueTime
	for _, f := range match.Find(s.set, areas) {
		key := trackKey(f.Place, f.Hazard)
		track, changes := next.track(key).See(s.cfg.rules(), m.IssueTime, f)
		next.Tracks[key] = track
		if err := s.tell(ctx, m, f.Place, f.Hazard, changes); err != nil {
			return err
		}
	}
	return s.settle(ctx, next, m.IssueTime)
}

// settle stores what is now known, after all that follows from it has been published: a crash in between does the same
// again under the same ids. Then it says how it stands at each place.
func (s *Service) settle(ctx context.Context, next *memory, now time.Time) error {
	data, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("store the episodes: %w", err)
	}
	if _, err := s.tracks.Put(ctx, tracksKey, data); err != nil {
		return fmt.Errorf("store the episodes: %w", err)
	}
	s.memory = next
	return s.publishStates(ctx, now)
}

// tell publishes a notice a channel for each change, and the change itself for the record.
func (s *Service) tell(ctx context.Context, m *event.Areas, p event.Place, h event.Hazard, changes []episode.Change) error {
	for _, c := range changes {
		n := notice(m, p, h, c)
		for _, channel := range s.channels {
			if len(p.Channels) > 0 && !slices.Contains(p.Channels, channel.Name) {
				continue
			}
			each := n
			each.Channel, each.ID = channel.Name, event.ID("notice", c.Episode, c.State, fmt.Sprint(c.Sequence), channel.Name)
			if _, err := s.client.Publish(ctx, &each); err != nil {
				return err
			}
		}
		if err := s.record(ctx, &n); err != nil {
			return err
		}
	}
	return nil
}

// record keeps a change of an episode among the decisions.
func (s *Service) record(ctx context.Context, n *event.Notice) error {
	s.log.Info("notice", "place", n.Place, "state", n.State, "reason", n.Reason, "text", n.Text)
	_, err := s.client.Publish(ctx, &event.Decision{
		V: event.Version, ID: event.ID("change", n.ID), Kind: event.EpisodeChange, Subj: n.Place, Value: n.State, Reason: n.Reason,
		Inputs:   map[string]any{"episode": n.Episode, "text": n.Text, "product": n.Product, "level": n.Level, "trail": n.Trail},
		DataTime: n.IssueTime, Time: n.Trail.Notice,
	})
	return err
}

// watchSilence ends what is open when areas have stopped coming altogether.
func (s *Service) watchSilence(ctx context.Context) error {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := s.silence(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.log.Warn("looking for silence", "err", err)
		}
	}
}

func (s *Service) silence(ctx context.Context, wall time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	quiet := wall.Sub(s.heard)
	if quiet < s.cfg.DataLostAfter {
		return nil
	}
	next, newest := s.memory.clone(), s.memory.newest()
	changed := false
	for _, p := range s.set.All() {
		for _, h := range p.Hazards {
			key := trackKey(p, h)
			before := next.track(key)
			track, changes := before.Wait(s.cfg.rules(), newest.Add(quiet))
			next.Tracks[key] = track
			changed = changed || track.Sight != before.Sight || len(changes) > 0
			from := &event.Areas{Product: h.Product, Units: h.Units, IssueTime: newest.Add(quiet)}
			if err := s.tell(ctx, from, p, h, changes); err != nil {
				return err
			}
		}
	}
	if !changed {
		return nil
	}
	return s.settle(ctx, next, newest.Add(quiet))
}

// trackKey names one hazard of one place.
func trackKey(p event.Place, h event.Hazard) string {
	return strings.Join([]string{p.Name, h.Product, fmt.Sprint(h.AtLeast), h.Units}, "\x00")
}

// restore reads what the last run knew.
func (s *Service) restore(ctx context.Context) (err error) {
	if s.tracks, err = s.client.KeyValue(ctx, "episodes"); err != nil {
		return err
	}
	if s.states, err = s.client.KeyValue(ctx, event.PlaceStatesBucket); err != nil {
		return err
	}
	entry, err := s.tracks.Get(ctx, tracksKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the stored episodes: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := json.Unmarshal(entry.Value(), s.memory); err != nil {
		return fmt.Errorf("read the stored episodes: %w", err)
	}
	return nil
}
