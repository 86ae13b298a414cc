package dispatcher

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
)

// state is all that ordering remembers. It is stored before a message is acknowledged, so that a restart continues.
type state struct {
	Radars  map[string]*weather.Radar `json:"radars"`
	Domains map[string]*domainState   `json:"domains"`
	Costs   map[string]*demand.Cost   `json:"costs"` // of each chain
	Clock   clock                     `json:"clock"`
}

// domainState is what is remembered of one domain.
type domainState struct {
	Sky       weather.Sky               `json:"sky"`
	Triggers  map[string]*trigger.State `json:"triggers"`
	OpenUntil map[string]time.Time      `json:"openUntil"` // of each chain: when it was last open, by the data's clock
	Scans     []heard                   `json:"scans"`     // of the last minutes, oldest first
	Grids     map[string][]event.Input  `json:"grids"`     // of each product, oldest first
	Trails    map[string]event.Trail    `json:"trails"`    // of each of those scans' keys
	Ordered   map[string]time.Time      `json:"ordered"`   // of each chain: the slot that was ordered last
	Held      map[string]held           `json:"held"`      // of each chain: an order that waits for other radars
}

// heard is a scan that a mosaic may use.
type heard struct {
	event.Input
	Elevations []float64 `json:"elevations"`
}

// held is an order that waits for radars which are due.
type held struct {
	Slot  time.Time `json:"slot"`
	Until time.Time `json:"until"` // by the data's clock
	For   string    `json:"for"`   // the radars
}

// clock tells the time of the data: the newest scan's, going on at the pace at which scans come.
type clock struct {
	Data time.Time `json:"data"`
	Wall time.Time `json:"wall"`
	Pace float64   `json:"pace"`
}

func (c *clock) hear(data, wall time.Time, pace float64) {
	if data.After(c.now(wall)) || pace != c.Pace {
		c.Data, c.Wall, c.Pace = data, wall, pace
	}
}

func (c *clock) now(wall time.Time) time.Time {
	return c.Data.Add(time.Duration(c.Pace * float64(wall.Sub(c.Wall))))
}

func newState() *state {
	return &state{Radars: map[string]*weather.Radar{}, Domains: map[string]*domainState{}, Costs: map[string]*demand.Cost{}}
}

func readState(data []byte) (*state, error) {
	s := newState()
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("read the stored state: %w", err)
	}
	return s, nil
}

func (s *state) domain(name string) *domainState {
	d := s.Domains[name]
	if d == nil {
		d = &domainState{
			Triggers: map[string]*trigger.State{}, OpenUntil: map[string]time.Time{}, Grids: map[string][]event.Input{},
			Trails: map[string]event.Trail{}, Ordered: map[string]time.Time{}, Held: map[string]held{},
		}
		s.Domains[name] = d
	}
	return d
}

func (s *state) cost(chain string) *demand.Cost {
	if s.Costs[chain] == nil {
		s.Costs[chain] = &demand.Cost{}
	}
	return s.Costs[chain]
}

// keepScan remembers a scan and forgets those that are older than any chain may use.
func (d *domainState) keepScan(m *event.Scan, window time.Duration) {
	d.Scans = slices.DeleteFunc(d.Scans, func(h heard) bool { return h.Key == m.Key || h.Time.Before(m.Time.Add(-window)) })
	d.Scans = append(d.Scans, heard{event.Input{Kind: "scan", Key: m.Key, Radar: m.Radar, Time: m.Time}, m.Elevations})
	slices.SortStableFunc(d.Scans, func(a, b heard) int { return a.Time.Compare(b.Time) })
	d.Trails[m.Key] = m.Trail
	maps.DeleteFunc(d.Trails, func(key string, _ event.Trail) bool {
		return !slices.ContainsFunc(d.Scans, func(h heard) bool { return h.Key == key })
	})
}

// keepGrid remembers a grid and forgets those that are older than any chain may use.
func (d *domainState) keepGrid(m *event.Grid, history time.Duration) {
	list := slices.DeleteFunc(d.Grids[m.Product], func(in event.Input) bool {
		return in.Key == m.Key && in.Time.Equal(m.IssueTime) || in.Time.Before(m.IssueTime.Add(-history))
	})
	list = append(list, event.Input{Kind: m.Product, Key: m.Key, Time: m.IssueTime})
	slices.SortStableFunc(list, func(a, b event.Input) int { return a.Time.Compare(b.Time) })
	d.Grids[m.Product] = list
}
