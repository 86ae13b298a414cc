package alerts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"bowecho/alerts/episode"
	"bowecho/alerts/match"
	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// memory is how everything stands. It is replaced as a whole, so that what failed half-way can be done again.
type memory struct {
	issued   map[string]time.Time // the newest issue time of each product and domain
	followed map[subject]followed
}

// subject is one hazard at one place.
type subject struct {
	place  string
	hazard event.Hazard
}

// followed is one hazard at one place, and its course.
type followed struct {
	Place  event.Place   `json:"place"`
	Hazard event.Hazard  `json:"hazard"`
	Track  episode.Track `json:"track"`

	gone bool // nobody watches it any longer
}

// news is something to tell of one hazard at one place.
type news struct {
	followed
	change episode.Change
}

func (m memory) clone() memory { return memory{maps.Clone(m.issued), maps.Clone(m.followed)} }

// newest gives the newest issue time of all.
func (m memory) newest() (newest time.Time) {
	for _, t := range m.issued {
		if t.After(newest) {
			newest = t
		}
	}
	return newest
}

// step takes the track of a hazard at a place one step on, and adds what is news.
func (m memory) step(place string, h event.Hazard, told *[]news, on func(episode.Track) (episode.Track, []episode.Change)) {
	key := subject{place, h}
	f := m.followed[key]
	track, changes := on(f.Track)
	f.Track = track
	m.followed[key] = f
	for _, c := range changes {
		*told = append(*told, news{f, c})
	}
}

// due tells whether the time that has passed changes anything.
func (m memory) due(rules episode.Rules, now time.Time) bool {
	for _, f := range m.followed {
		if f.gone {
			return true
		}
		if f.Track.Sight == match.Unknown && f.Track.Open == nil {
			continue
		}
		if now.Sub(f.Track.Seen) >= rules.DataLostAfter {
			return true
		}
	}
	return false
}

// buckets is where things are kept.
type buckets struct {
	places   jetstream.KeyValue // written by the portal
	states   jetstream.KeyValue // read by the portal
	episodes jetstream.KeyValue
}

func openBuckets(ctx context.Context, client *stream.Client) (b buckets, err error) {
	if b.places, err = client.KeyValue(ctx, event.PlacesBucket); err != nil {
		return b, err
	}
	if b.states, err = client.KeyValue(ctx, event.PlaceStatesBucket); err != nil {
		return b, err
	}
	b.episodes, err = client.KeyValue(ctx, "episodes")
	return b, err
}

// stored is a memory as it is kept: open episodes only, inline or, when there are many, in the object store.
type stored struct {
	V      int                  `json:"v"`
	Issued map[string]time.Time `json:"issued"`
	Open   []followed           `json:"open,omitempty"`
	Key    string               `json:"key,omitempty"`
}

const (
	storedKey   = "all"
	inlineBytes = 512 << 10
)

func (s *Service) store(ctx context.Context, m memory) error {
	keep := stored{V: event.Version, Issued: m.issued}
	for _, f := range m.followed {
		if f.Track.Open != nil {
			keep.Open = append(keep.Open, f)
		}
	}
	data, err := json.Marshal(keep)
	if err == nil && len(data) > inlineBytes {
		var open []byte
		if open, err = json.Marshal(keep.Open); err == nil {
			keep.Open = nil
			keep.Key, err = s.client.Put(ctx, open)
		}
		if err == nil {
			data, err = json.Marshal(keep)
		}
	}
	if err == nil {
		_, err = s.buckets.episodes.Put(ctx, storedKey, data)
	}
	if err != nil {
		return fmt.Errorf("store the episodes: %w", err)
	}
	return nil
}

// remember reads what was stored.
func (s *Service) remember(ctx context.Context) (memory, error) {
	m := memory{map[string]time.Time{}, map[subject]followed{}}
	entry, err := s.buckets.episodes.Get(ctx, storedKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("read the episodes: %w", err)
	}
	var kept stored
	if err = json.Unmarshal(entry.Value(), &kept); err == nil && kept.Key != "" {
		var open []byte
		if open, err = s.client.Get(ctx, kept.Key); err == nil {
			err = json.Unmarshal(open, &kept.Open)
		}
	}
	if err != nil || kept.V != event.Version {
		return m, fmt.Errorf("read the episodes, version %d, want %d: %w", kept.V, event.Version, err)
	}
	maps.Copy(m.issued, kept.Issued)
	for _, f := range kept.Open {
		m.followed[subject{f.Place.Name, f.Hazard}] = f
	}
	return m, nil
}
