package dispatcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/turn"
	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// state is all that ordering remembers. It is stored before a message is acknowledged, so that a restart continues.
type state struct {
	Radars  map[string]*weather.Radar `json:"radars"`
	Domains map[string]*domainState   `json:"domains"`
	Costs   map[string]*demand.Cost   `json:"costs"` // of each chain
	Clock   clock                     `json:"clock"`
	Ended   time.Time                 `json:"ended,omitzero"` // by the wall clock: when the source of the scans said that it has no more
	Outbox  []letter                  `json:"outbox,omitempty"`
	Feeds   map[string]time.Time      `json:"feeds,omitempty"` // when each feed of warnings was last heard, by the wall clock
	Turns   map[string]*turn.Book     `json:"turns,omitempty"` // of each chain whose concurrency is bounded
}

// domainState is what is remembered of one domain.
type domainState struct {
	Domain    grid.Domain                `json:"domain"`
	Sky       weather.Sky                `json:"sky"`
	Triggers  map[string]*trigger.State  `json:"triggers"`
	OpenUntil map[string]time.Time       `json:"openUntil"` // of each chain: when it was last open, by the data's clock
	OpenSince map[string]time.Time       `json:"openSince"` // of each chain: since when it has been open without a break
	Warnings  weather.Warnings           `json:"warnings,omitempty"`
	Radars    []string                   `json:"radars"`   // that see the domain
	Scans     []heard                    `json:"scans"`    // of the last minutes, oldest first
	Grids     map[string][]event.Input   `json:"grids"`    // of each product, oldest first
	Products  map[string]trigger.Product `json:"products"` // the newest grid of each product
	Ordered   map[string][]time.Time     `json:"ordered"`  // of each chain: the slots of the last minutes that were ordered
	Held      map[string]held            `json:"held"`     // of each chain: an order that waits for other radars
	Counted   map[string]int             `json:"counted"`  // of each chain that is ordered on some of its news only: how many came since the last
}

// heard is a scan that a mosaic may use.
type heard struct {
	event.Input
	Elevations []float64     `json:"elevations"`
	RangeM     float64       `json:"rangeM"`
	Summary    event.Summary `json:"summary"`
	Trail      event.Trail   `json:"trail"`
}

// held is an order that waits for radars which are due.
type held struct {
	Slot  time.Time `json:"slot"`
	Until time.Time `json:"until"` // by the data's clock
	For   []string  `json:"for"`   // the radars
}

func newState() *state {
	return &state{Radars: map[string]*weather.Radar{}, Domains: map[string]*domainState{}, Costs: map[string]*demand.Cost{}, Turns: map[string]*turn.Book{}}
}

// domain gives what is remembered of a domain.
func (s *state) domain(d grid.Domain) *domainState {
	if s.Domains[d.Name] == nil {
		s.Domains[d.Name] = &domainState{
			Domain: d, Triggers: map[string]*trigger.State{}, OpenUntil: map[string]time.Time{}, OpenSince: map[string]time.Time{},
			Grids: map[string][]event.Input{}, Products: map[string]trigger.Product{}, Ordered: map[string][]time.Time{}, Held: map[string]held{},
		}
	}
	if s.Domains[d.Name].Warnings == nil {
		s.Domains[d.Name].Warnings = weather.Warnings{}
	}
	return s.Domains[d.Name]
}

func (s *state) radar(name string) *weather.Radar {
	if s.Radars[name] == nil {
		s.Radars[name] = &weather.Radar{}
	}
	return s.Radars[name]
}

func (s *state) cost(chain string) *demand.Cost {
	if s.Costs[chain] == nil {
		s.Costs[chain] = &demand.Cost{}
	}
	return s.Costs[chain]
}

// held tells whether any order waits.
func (s *state) held() bool {
	for _, d := range s.Domains {
		if len(d.Held) > 0 {
			return true
		}
	}
	return false
}

// keepScan remembers a scan and forgets those that are older than any chain may use. It tells whether the scan is news.
func (s *domainState) keepScan(m *event.Scan, window time.Duration) (news bool) {
	news = !slices.ContainsFunc(s.Scans, func(h heard) bool { return h.Key == m.Key })
	s.Scans = slices.DeleteFunc(s.Scans, func(h heard) bool { return h.Key == m.Key || h.Time.Before(m.Time.Add(-window)) })
	s.Scans = append(s.Scans, heard{event.Input{Kind: event.ScanNews, Key: m.Key, Radar: m.Radar, Time: m.Time}, m.Elevations, m.RangeM, m.Summary, m.Trail})
	slices.SortStableFunc(s.Scans, func(a, b heard) int { return a.Time.Compare(b.Time) })
	if !slices.Contains(s.Radars, m.Radar) {
		s.Radars = append(s.Radars, m.Radar)
	}
	return news
}

// keepGrid remembers a grid, unless it is known, and forgets those that are older than any chain may use.
func (s *domainState) keepGrid(m *event.Grid, history time.Duration) (news bool) {
	list := s.Grids[m.Product]
	if slices.ContainsFunc(list, func(in event.Input) bool { return in.Key == m.Key && in.Time.Equal(m.IssueTime) }) {
		return false
	}
	if len(list) == 0 || m.IssueTime.After(list[len(list)-1].Time) {
		s.Products[m.Product] = trigger.Product{Summary: m.Summary, Time: m.IssueTime, LeadMinutes: m.LeadMinutes, Leads: m.Leads, Largest: m.Largest}
	}
	list = slices.DeleteFunc(list, func(in event.Input) bool {
		return in.Time.Equal(m.IssueTime) || in.Time.Before(m.IssueTime.Add(-history))
	})
	list = append(list, event.Input{Kind: m.Product, Key: m.Key, Time: m.IssueTime})
	slices.SortStableFunc(list, func(a, b event.Input) int { return a.Time.Compare(b.Time) })
	s.Grids[m.Product] = list
	return true
}

const stateKey = "ordering"

// restore reads what the last run stored.
func (d *Dispatcher) restore(ctx context.Context) error {
	if err := d.restoreState(ctx); err != nil {
		return err
	}
	return d.spender.restore(ctx, d.store)
}

// restoreState reads the state of ordering. What belongs to a domain that is no longer so is forgotten.
func (d *Dispatcher) restoreState(ctx context.Context) error {
	var err error
	if d.store, err = d.client.KeyValue(ctx, event.DispatcherBucket); err != nil {
		return err
	}
	entry, err := d.store.Get(ctx, stateKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the stored state: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state = newState()
	if err := json.Unmarshal(entry.Value(), d.state); err != nil {
		return fmt.Errorf("read the stored state: %w", err)
	}
	for name, s := range d.state.Domains {
		if !slices.Contains(d.domains, s.Domain) {
			delete(d.state.Domains, name)
		}
	}
	d.state.Clock.Wall = time.Now() // while nobody listened, the data did not go on
	return nil
}

// Costs gives what a dispatcher has learnt of what orders of each chain take, from what it stored.
func Costs(ctx context.Context, client *stream.Client) (map[string]*demand.Cost, error) {
	d := &Dispatcher{client: client, state: newState()}
	if err := d.restoreState(ctx); err != nil {
		return nil, err
	}
	return d.state.Costs, nil
}

// save stores the state.
func (d *Dispatcher) save(ctx context.Context) error {
	data, err := json.Marshal(d.state)
	if err != nil {
		return fmt.Errorf("store the state: %w", err)
	}
	if _, err := d.store.Put(ctx, stateKey, data); err != nil {
		return fmt.Errorf("store the state: %w", err)
	}
	return nil
}
