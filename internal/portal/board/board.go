package board

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
)

// How much is remembered. The loop is an hour of data; lists are what a person reads before asking the CLI.
const (
	loopLength   = time.Hour
	keepScans    = 12 // intervals that tell a radar's cadence
	keepLoads    = 240
	keepNotices  = 60
	keepDecided  = 500
	showDecided  = 40
	keepDead     = 20
	keepAnalyses = 120 // areas of past issues
)

// Change is a part of the state that is new, under the name by which the page knows it.
type Change struct {
	Kind  string
	Value any
}

// Board keeps how things stand. It is not safe for concurrent use.
type Board struct {
	clock     Clock
	domains   []Domain
	legend    []LegendStep
	radars    map[string]*site
	loops     map[string]Loop        // by domain and product
	mosaics   map[string]*event.Grid // the newest of each domain
	areas     map[string]*polygons
	regimes   map[string]Regime
	triggers  map[string]Trigger
	chains    map[string]*Chain
	own       map[string]event.Place      // made over HTTP
	standing  map[string]event.PlaceState // of all places that alerts watches
	notices   []event.Notice
	decisions []*event.Decision
	lines     map[string]Line
	dead      Dead
	spending  *event.Spending
}

// New gives a board on which nothing is known but where.
func New(domains []grid.Domain, legend []LegendStep) *Board {
	b := &Board{
		domains: []Domain{}, legend: append([]LegendStep{}, legend...), regimes: map[string]Regime{}, triggers: map[string]Trigger{},
		chains: map[string]*Chain{}, own: map[string]event.Place{}, standing: map[string]event.PlaceState{},
		lines: map[string]Line{},
	}
	for _, d := range domains {
		b.domains = append(b.domains, Domain{Name: d.Name, North: d.NorthDeg, South: d.SouthDeg(), West: d.WestDeg, East: d.EastDeg()})
	}
	b.forget()
	return b
}

// forget drops what belongs to the time in the data, for when that begins anew.
func (b *Board) forget() {
	b.clock, b.radars, b.loops, b.areas = Clock{}, map[string]*site{}, map[string]Loop{}, map[string]*polygons{}
	b.mosaics = map[string]*event.Grid{}
}

// State gives all of it, sharing nothing that changes later.
func (b *Board) State() State {
	s := State{
		Clock: b.clock, Domains: b.domains, Legend: b.legend, Radars: []Radar{}, Chains: []Chain{}, Areas: []AreasIssue{},
		Loops: byName(b.loops), Regimes: byName(b.regimes), Triggers: byName(b.triggers), Places: b.Places(),
		Notices: newestFirst(b.notices, keepNotices), Decisions: newestFirst(b.readable(), showDecided), Dead: b.dead,
		Lines: b.Lines(), Spending: b.spending,
	}
	for _, name := range slices.Sorted(maps.Keys(b.radars)) {
		s.Radars = append(s.Radars, b.radars[name].view())
	}
	for _, name := range slices.Sorted(maps.Keys(b.chains)) {
		s.Chains = append(s.Chains, b.chains[name].view())
	}
	for _, domain := range slices.Sorted(maps.Keys(b.areas)) {
		s.Areas = append(s.Areas, b.areas[domain].newest.AreasIssue)
	}
	return s
}

// Decisions gives the latest decisions of a kind, or of every kind, newest first.
func (b *Board) Decisions(kind string, limit int) []*event.Decision {
	if kind == "" {
		return newestFirst(b.decisions, limit)
	}
	of := slices.DeleteFunc(slices.Clone(b.decisions), func(d *event.Decision) bool { return d.Kind != kind })
	return newestFirst(of, limit)
}

// readable gives the decisions that the page lists: those about episodes it shows as notices.
func (b *Board) readable() []*event.Decision {
	return slices.DeleteFunc(slices.Clone(b.decisions), func(d *event.Decision) bool { return d.Kind == event.EpisodeChange })
}

// Lines gives how the lines to the servers of sources stand, by the sources' names.
func (b *Board) Lines() []Line { return byName(b.lines) }

// DataTime gives the newest time in the data.
func (b *Board) DataTime() time.Time { return b.clock.DataTime }

// Spend takes in what workers have cost.
func (b *Board) Spend(s *event.Spending) []Change {
	b.spending = s
	return []Change{{"spending", s}}
}

// Bury counts what was set aside.
func (b *Board) Bury(m *event.Dead) Change {
	letter := DeadLetter{ID: m.ID, Stage: m.Stage, Name: m.Name, Reason: m.Reason, Time: m.Time}
	b.dead = Dead{Count: b.dead.Count + 1, Latest: append([]DeadLetter{letter}, b.dead.Latest[:min(len(b.dead.Latest), keepDead-1)]...)}
	return Change{"dead", b.dead}
}

// byName gives a map's values in the order of its keys, never nil.
func byName[V any](m map[string]V) []V {
	list := make([]V, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[name])
	}
	return list
}

// newestFirst gives the last of a list that is oldest first, never nil.
func newestFirst[V any](list []V, limit int) []V {
	latest := append([]V{}, list[max(len(list)-limit, 0):]...)
	slices.Reverse(latest)
	return latest
}

// appendBounded appends and drops the oldest beyond a limit.
func appendBounded[V any](list []V, v V, limit int) []V {
	return append(list[max(len(list)-limit+1, 0):], v)
}

// median gives the middle value, 0 of none.
func median[V cmp.Ordered](values []V) (middle V) {
	if len(values) > 0 {
		sorted := slices.Sorted(slices.Values(values))
		middle = sorted[len(sorted)/2]
	}
	return middle
}
