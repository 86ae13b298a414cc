package alerts

import (
	"maps"
	"time"

	"bowecho/alerts/episode"
)

// memory is what is known of all places. It is stored as one, so that it is never half of one moment and half of
// another.
type memory struct {
	Tracks map[string]episode.Track `json:"tracks"` // of each hazard of each place
	Issued map[string]time.Time     `json:"issued"` // of each product and domain: the newest areas taken in
}

// tracksKey is where the memory lies in its bucket.
const tracksKey = "tracks"

func newMemory() *memory {
	return &memory{Tracks: map[string]episode.Track{}, Issued: map[string]time.Time{}}
}

// clone gives a memory that can be changed without changing this one. Tracks are values.
func (m *memory) clone() *memory {
	return &memory{maps.Clone(m.Tracks), maps.Clone(m.Issued)}
}

func (m *memory) track(key string) episode.Track {
	if t, known := m.Tracks[key]; known {
		return t
	}
	return episode.New()
}

// newest gives the time of the newest areas of any product.
func (m *memory) newest() (newest time.Time) {
	for _, t := range m.Issued {
		if t.After(newest) {
			newest = t
		}
	}
	return newest
}
