package dispatcher

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"bowecho/dispatcher/fleet/fleettest"
	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/turn"
	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"

	"pgregory.net/rapid"
)

// eachScan is a chain that is ordered for each scan, two of a radar at once, and one that may take its time, three at once.
func eachScan() Config {
	calm := Chain{On: event.ScanNews, Worker: "mosaic", Retries: 4, Concurrency: turn.Limit{Most: 3}}
	busy := Chain{On: event.ScanNews, Worker: "burn", Deadline: 40 * time.Second, Retries: 4, Concurrency: turn.Limit{Most: 2, Per: turn.PerRadar}}
	cfg := DefaultConfig()
	cfg.Chains = Chains{"busy": busy, "calm": calm}
	cfg.Triggers = []trigger.Rule{{Name: "always", When: "true", Opens: []string{"busy", "calm"}}}
	return cfg
}

// station is a dispatcher and its workers, in virtual time, that break and go on.
type station struct {
	t       *rapid.T
	memory  *memory
	d       *Dispatcher
	scans   []*event.Scan
	heard   int               // how many of the scans have been acknowledged
	claimed map[uint64]bool   // orders that a worker has
	untold  []*event.Decision // ends of which the dispatcher has not heard
}

// start begins with what is stored, as after a crash.
func (s *station) start() {
	d, err := New(eachScan(), []grid.Domain{dfw}, s.memory.client(), &fleettest.Memory{}, slog.New(slog.DiscardHandler))
	if err == nil {
		err = d.restore(s.t.Context())
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.d = d
}

// scan lets a radar measure.
func (s *station) scan() {
	time.Sleep(time.Millisecond) // one at the same time is the same
	now := time.Now()
	m := scanAt(rapid.SampledFrom([]string{"addison", "cleburne"}).Draw(s.t, "radar"), now)
	m.Pace, m.Trail = 1, event.Trail{File: now, Scan: now}
	s.scans = append(s.scans, m)
}

// hear hands the next scan over, perhaps again. What is not acknowledged comes again.
func (s *station) hear() {
	if s.heard == len(s.scans) {
		return
	}
	m := s.scans[s.heard]
	if s.d.decide(s.t.Context(), func() { s.d.hearScan(m, time.Now()) }) == nil && !rapid.Bool().Draw(s.t, "acknowledgement lost") {
		s.heard++
	}
}

// tick is what the dispatcher does by the clock.
func (s *station) tick() {
	gone, err := s.d.left(s.t.Context(), time.Now())
	if err == nil {
		_ = s.d.look(s.t.Context(), time.Time{}, gone)
	}
}

// claim gives a worker the order that has waited longest in the queue.
func (s *station) claim() {
	for _, sequence := range slices.Sorted(maps.Keys(s.memory.queue)) {
		if !s.claimed[sequence] {
			s.claimed[sequence] = true
			return
		}
	}
}

// finish lets a worker end an order: it tells, and acknowledges unless it dies in between. Then another gets the order.
func (s *station) finish() {
	if len(s.claimed) == 0 {
		return
	}
	sequence := slices.Min(slices.Collect(maps.Keys(s.claimed)))
	o := s.memory.queue[sequence]
	end := o.Ended(event.WorkDone, "done", "", map[string]any{"seconds": 1.0}, time.Now())
	if !o.Deadline.IsZero() && time.Now().After(o.Deadline) {
		end = o.Ended(event.OrderDropped, o.ID, "late", nil, time.Now())
	}
	data, err := json.Marshal(end)
	if err == nil {
		_, err = s.memory.publish(data)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.untold = append(s.untold, end)
	delete(s.claimed, sequence)
	if !rapid.Bool().Draw(s.t, "died before it acknowledged") {
		delete(s.memory.queue, sequence)
	}
}

// tell lets the dispatcher hear of an end: once, twice or never.
func (s *station) tell() {
	if len(s.untold) == 0 {
		return
	}
	end := s.untold[0]
	s.untold = s.untold[1:]
	if end.Kind != event.WorkDone {
		return
	}
	data, err := json.Marshal(end)
	if err != nil {
		s.t.Fatal(err)
	}
	for range rapid.IntRange(0, 2).Draw(s.t, "told") {
		if err := s.d.worked(s.t.Context(), stream.Message{Data: data}); err != nil {
			s.t.Fatal(err)
		}
	}
}

// check holds that nowhere more is in hand than may be, and that no order has more than one end.
func (s *station) check() {
	n := map[string]int{}
	for _, o := range s.memory.queue {
		key := o.Chain
		if o.Chain == "busy" {
			key += " " + o.Inputs[len(o.Inputs)-1].Radar
		}
		n[key]++
	}
	if n["busy addison"] > 2 || n["busy cleburne"] > 2 || n["calm"] > 3 {
		s.t.Fatalf("in hand: %v; want no more than 2 of a radar, and 3", n)
	}
	for id, kinds := range s.memory.told {
		ends := slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return kind != event.WorkDone && kind != event.OrderDropped })
		if len(ends) > 1 {
			s.t.Fatalf("order %s ended as %v", id, ends)
		}
	}
}

// drain lets all come to its end, without anything that breaks.
func (s *station) drain() {
	s.memory.breakIn = 0
	for range 100 * (len(s.scans) + 1) {
		time.Sleep(200 * time.Millisecond)
		s.hearSurely()
		s.tick()
		for _, sequence := range slices.Sorted(maps.Keys(s.memory.queue)) {
			delete(s.claimed, sequence)
		}
		s.claim()
		s.finish()
		s.check()
		if s.heard == len(s.scans) && len(s.memory.queue) == 0 && !s.d.Waiting() {
			return
		}
	}
	s.t.Fatalf("not at an end: %d of %d scans heard, %d orders in the queue, waiting: %v", s.heard, len(s.scans), len(s.memory.queue), s.d.Waiting())
}

func (s *station) hearSurely() {
	for s.heard < len(s.scans) {
		m := s.scans[s.heard]
		if err := s.d.decide(s.t.Context(), func() { s.d.hearScan(m, time.Now()) }); err != nil {
			s.t.Fatal(err)
		}
		s.heard++
	}
}

// TestNoOrderIsLostOrDoneTwice lets scans, workers, crashes and lost or doubled news come in any order. Never may more of a
// key be in hand than is allowed; each scan is ordered once in each chain, and each order ends once: done, or dropped where it
// had a deadline.
func TestNoOrderIsLostOrDoneTwice(t *testing.T) {
	calculations(t, map[string]event.Calculation{"burn": {Takes: []string{event.ScanNews}}})
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(struct{ testing.TB }{t}, func(t *rapid.T) { // in a bubble a test may not be asked for its deadline
			s := &station{t: t, memory: newMemory(), claimed: map[uint64]bool{}}
			s.start()
			actions := []func(){
				s.scan, s.hear, s.hear, s.tick, s.tick, s.claim, s.claim, s.finish, s.finish, s.tell, s.start,
				func() { time.Sleep(time.Duration(rapid.IntRange(100, 15_000).Draw(t, "passes ms")) * time.Millisecond) },
				func() {
					s.memory.breakIn, s.memory.after = rapid.IntRange(1, 8).Draw(t, "breaks in"), rapid.Bool().Draw(t, "after it was written")
				},
			}
			for range rapid.IntRange(20, 150).Draw(t, "steps") {
				actions[rapid.IntRange(0, len(actions)-1).Draw(t, "what")]()
				s.check()
			}
			s.drain()
			s.all()
		})
	})
}

// all holds that every scan has been ordered in each chain, and that every order has come to its end.
func (s *station) all() {
	orders := map[string]int{}
	for id, kinds := range s.memory.told {
		if !slices.Contains(kinds, event.OrderMade) {
			continue // of the weather
		}
		done, dropped := slices.Contains(kinds, event.WorkDone), slices.Contains(kinds, event.OrderDropped)
		o := s.memory.made[id]
		switch {
		case done == dropped:
			s.t.Fatalf("of order %s is told %v, want that it was done or that it was dropped", id, kinds)
		case dropped && o != nil && o.Deadline.IsZero():
			s.t.Fatalf("order %s was dropped, and has no deadline", id)
		}
		orders[cmp.Or(chainOf(o), "dropped while it waited")]++
	}
	if n := orders["calm"]; n != len(s.scans) || orders["busy"]+orders["dropped while it waited"] != n {
		s.t.Fatalf("%d scans, orders %v; want one of each chain for each scan", len(s.scans), orders)
	}
}

func chainOf(o *event.Order) string {
	if o == nil {
		return ""
	}
	return o.Chain
}
