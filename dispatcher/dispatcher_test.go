package dispatcher

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

var (
	begin = time.Date(2017, 3, 29, 7, 10, 0, 0, time.UTC)
	dfw   = grid.Centred("dfw", 32.65, -97, 100, 100, 2500)
)

// fakeFleet does what it is told.
type fakeFleet struct {
	mu     sync.Mutex
	counts map[string]int
	most   map[string]int
}

func (f *fakeFleet) Scale(_ context.Context, chain string, count int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[chain] = count
	f.most[chain] = max(f.most[chain], count)
	return nil
}

func (f *fakeFleet) Count(context.Context) (map[string]int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return map[string]int{"mosaic": f.counts["mosaic"]}, nil
}

// dispatch runs a dispatcher until it has read all there is, and gives its fleet.
func dispatch(t *testing.T, client *stream.Client) *fakeFleet {
	t.Helper()
	fleet := &fakeFleet{counts: map[string]int{}, most: map[string]int{}}
	d, err := New(DefaultConfig(), []grid.Domain{dfw}, client, fleet, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	give := time.Now().Add(30 * time.Second)
	for calm := 0; calm < 3; {
		waiting, _, err := client.Backlog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		delete(waiting, stream.Work) // nobody serves the orders here
		if calm++; len(waiting) > 0 {
			calm = 0
		}
		if time.Now().After(give) {
			t.Fatalf("still waiting after 30 s: %v", waiting)
		}
		time.Sleep(50 * time.Millisecond)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	return fleet
}

// scan announces what a radar saw: km² at or above 20 and 40 dBZ.
func scan(t *testing.T, client *stream.Client, radarName string, at time.Duration, km220, km240 float64) {
	t.Helper()
	id := fmt.Sprintf("%s%v", radarName, at)
	m := &event.Scan{
		V: event.Version, ID: id, Key: id, Radar: radarName, Time: begin.Add(at), LatitudeDeg: 32.98, LongitudeDeg: -96.84, RangeM: 60_000,
		Elevations: []float64{2}, Trail: event.Trail{File: begin.Add(at)},
		Summary: event.Summary{MaxDBZ: 46, Above: []event.Above{{DBZ: 20, KM2: km220}, {DBZ: 40, KM2: km240}}},
	}
	if _, err := client.Publish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func sourceDone(t *testing.T, client *stream.Client) {
	t.Helper()
	m := &event.Decision{V: event.Version, ID: "done", Kind: event.SourceDone, Subj: "test", Time: begin}
	if _, err := client.Publish(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// orders gives all that wait. A work queue is not read without taking from it, but message by message.
func orders(t *testing.T, client *stream.Client) (list []*event.Order) {
	t.Helper()
	work, err := client.JS.Stream(t.Context(), stream.Work)
	if err != nil {
		t.Fatal(err)
	}
	for seq := uint64(1); seq <= work.CachedInfo().State.LastSeq; seq++ {
		m, err := work.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		o, err := event.Decode[event.Order](m.Data)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, o)
	}
	return list
}

// storm announces the pace of the real files of 2017-03-29: Addison every 59 s and Cleburne every 2 min.
func storm(t *testing.T, client *stream.Client, minutes int) {
	t.Helper()
	for i := range minutes {
		if i%2 == 0 {
			scan(t, client, "cleburne.tx", time.Duration(i)*time.Minute+5*time.Second, 213, 0)
		}
		scan(t, client, "addison.tx", time.Duration(i)*59*time.Second+10*time.Second, 60, 6)
	}
}

func TestOneOrderInEachMinute(t *testing.T) {
	client := streamtest.Connect(t)
	storm(t, client, 12)
	sourceDone(t, client)
	fleet := dispatch(t, client)
	slots, both := map[time.Time]bool{}, 0
	for _, o := range orders(t, client) {
		slot := o.ValidTime.Truncate(time.Minute)
		if o.Chain != "mosaic" || slots[slot] || o.Domain != dfw || !o.Deadline.IsZero() {
			t.Errorf("order %+v, want one mosaic a minute without a deadline", o)
		}
		slots[slot] = true
		if len(o.Inputs) == 2 {
			both++
		}
		if !slices.IsSortedFunc(o.Inputs, func(a, b event.Input) int { return a.Time.Compare(b.Time) }) {
			t.Errorf("inputs out of order: %+v", o.Inputs)
		}
	}
	if len(slots) != 11 || both < 10 { // twelve scans of Addison, 59 s apart, fall into eleven minutes
		t.Errorf("%d minutes with an order, %d of them with both radars; want 11 and 10 or more", len(slots), both)
	}
	if fleet.most["mosaic"] < 1 || fleet.most["nowcast"] < 1 {
		t.Errorf("workers at most %v, want some for every chain that is open", fleet.most)
	}
}

func TestRestartOrdersNothingTwice(t *testing.T) {
	client := streamtest.Connect(t)
	storm(t, client, 5)
	dispatch(t, client)
	before := len(orders(t, client))
	storm(t, client, 8) // of which the first five are known to the stream
	sourceDone(t, client)
	dispatch(t, client)
	slots := map[time.Time]bool{}
	for _, o := range orders(t, client) {
		slot := o.ValidTime.Truncate(time.Minute)
		if slots[slot] {
			t.Errorf("two orders for %v", slot)
		}
		slots[slot] = true
	}
	if before < 4 || len(slots) != 8 {
		t.Errorf("%d orders before the restart and %d minutes in all, want 4 or more, and 8", before, len(slots))
	}
}

func TestClearAirOrdersNothing(t *testing.T) {
	client := streamtest.Connect(t)
	for i := range 5 {
		scan(t, client, "addison.tx", time.Duration(i)*time.Minute, 3, 0.2)
	}
	sourceDone(t, client)
	if fleet := dispatch(t, client); len(orders(t, client)) != 0 || fleet.most["mosaic"] != 0 {
		t.Errorf("%d orders and at most %v workers on a clear day, want none", len(orders(t, client)), fleet.most)
	}
}

func TestARadarFarAwayIsNoneOfTheDomains(t *testing.T) {
	m := &event.Scan{LatitudeDeg: 40, LongitudeDeg: -97, RangeM: 60_000}
	if sees(m, dfw) {
		t.Error("a radar 600 km away is taken to see the domain")
	}
	m.LatitudeDeg = dfw.NorthDeg + 0.4
	if !sees(m, dfw) {
		t.Error("a radar 45 km beyond the edge that sees 60 km is taken not to see the domain")
	}
}

func TestGridsAreOrderedWithTheirHistory(t *testing.T) {
	client := streamtest.Connect(t)
	storm(t, client, 4)
	dispatch(t, client)
	for i := range 4 {
		m := &event.Grid{
			V: event.Version, ID: fmt.Sprint("g", i), Product: "mosaic", Domain: dfw, Key: fmt.Sprint("k", i),
			IssueTime: begin.Add(time.Duration(i)*time.Minute + 10*time.Second - time.Duration(i)*time.Second),
		}
		if _, err := client.Publish(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	sourceDone(t, client)
	dispatch(t, client)
	longest := 0
	for _, o := range orders(t, client) {
		if o.Chain == "nowcast" {
			longest = max(longest, len(o.Inputs))
			if last := o.Inputs[len(o.Inputs)-1]; !last.Time.Equal(o.ValidTime) || last.Kind != "mosaic" {
				t.Errorf("the newest input is %+v of an order for %v", last, o.ValidTime)
			}
		}
	}
	if longest < 2 {
		t.Errorf("at most %d mosaics in a nowcast's order, want the history", longest)
	}
}

func TestConfig(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Config){
		"on nothing": func(c *Config) { c.Chains["x"] = Chain{On: "sundays", Worker: "mosaic"} },
		"no worker":  func(c *Config) { c.Chains["x"] = Chain{On: "grid.mosaic"} },
		"impatient":  func(c *Config) { c.Chains["x"] = Chain{On: "scan", Worker: "mosaic", Every: 1, Window: 1, Patience: 2} },
		"no scaling": func(c *Config) { c.Scaling.Max = 0 },
	} {
		c := DefaultConfig()
		spoil(&c)
		if c.Validate() == nil {
			t.Errorf("%s: taken as valid", name)
		}
	}
}
