package turn

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var seven = time.Date(2017, 3, 29, 7, 0, 0, 0, time.UTC)

func order(id, domain string, minute int, inTime bool) Order {
	o := Order{ID: id, Domain: domain, Valid: seven.Add(time.Duration(minute) * time.Minute), Body: []byte(`{}`)}
	if inTime {
		o.Deadline = o.Valid.Add(90 * time.Second)
	}
	return o
}

func ids(orders []Order) (list []string) {
	for _, o := range orders {
		list = append(list, o.ID)
	}
	return list
}

func TestWhoseTurnItIs(t *testing.T) {
	for name, c := range map[string]struct {
		limit      Limit
		orders     []Order
		leave      []string
		hand, turn []string
	}{
		"no bound":             {Limit{}, []Order{order("a", "x", 1, true), order("b", "x", 2, true)}, nil, []string{"a", "b"}, nil},
		"one of the chain":     {Limit{Most: 1}, []Order{order("a", "x", 1, true), order("b", "y", 2, true)}, nil, []string{"a"}, nil},
		"one of each":          {Limit{1, PerDomain}, []Order{order("a", "x", 1, true), order("b", "y", 2, true), order("c", "x", 3, true)}, nil, []string{"a", "b"}, nil},
		"newest first":         {Limit{Most: 1}, []Order{order("a", "x", 1, true), order("b", "x", 2, true), order("c", "x", 3, true)}, []string{"a"}, []string{"a"}, []string{"c"}},
		"without a deadline":   {Limit{Most: 1}, []Order{order("a", "x", 1, false), order("b", "x", 2, false), order("c", "x", 3, false)}, []string{"a"}, []string{"a"}, []string{"b"}},
		"what must be in time": {Limit{Most: 1}, []Order{order("a", "x", 1, false), order("b", "x", 3, false), order("c", "x", 2, true)}, []string{"a"}, []string{"a"}, []string{"c"}},
		"only where there is room": {Limit{1, PerDomain}, []Order{order("a", "x", 1, true), order("b", "y", 1, true), order("c", "x", 2, true), order("d", "y", 3, true)},
			[]string{"a"}, []string{"a", "b"}, []string{"c"}},
	} {
		t.Run(name, func(t *testing.T) {
			var b Book
			var hand, turns []string
			for _, o := range c.orders {
				if b.Take(o, c.limit) {
					hand = append(hand, o.ID)
				}
			}
			for _, id := range c.leave {
				b.Left(id)
			}
			for o, found := b.Next(c.limit); found; o, found = b.Next(c.limit) {
				turns = append(turns, o.ID)
			}
			if diff := cmp.Diff([][]string{c.hand, c.turn}, [][]string{hand, turns}); diff != "" {
				t.Errorf("in hand at once, and when some had left (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLateOnesAreTakenAway(t *testing.T) {
	var b Book
	for i, id := range []string{"a", "b", "c", "d"} {
		b.Take(order(id, "x", i, i != 2), Limit{Most: 1})
	}
	late := b.Late(seven.Add(3 * time.Minute))
	if diff := cmp.Diff([]string{"b"}, ids(late)); diff != "" {
		t.Errorf("late (-want +got):\n%s", diff)
	}
	if oldest, found := b.Oldest(); !found || oldest.ID != "d" || b.Bytes() != 2 {
		t.Errorf("the oldest that must be in time is %q, and %d bytes are left; want d, and 2 of the one that need not", oldest.ID, b.Bytes())
	}
	if _, found := b.Oldest(); found {
		t.Error("one that need not be in time was given as such")
	}
}

func TestLimitsAreChecked(t *testing.T) {
	for l, good := range map[Limit]bool{{}: true, {3, PerRadar}: true, {-1, ""}: false, {mostOrders + 1, ""}: false, {1, "county"}: false} {
		if err := l.Validate(); (err == nil) != good {
			t.Errorf("%+v: %v", l, err)
		}
	}
}

// TestAnyBook holds, whatever comes and goes: never more of a key in hand than may be, also when the limit changes; each
// order is in hand, waits, or was taken away, once; and none waits where there is room.
func TestAnyBook(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Book
		limit := Limit{rapid.IntRange(1, 3).Draw(t, "most"), rapid.SampledFrom([]string{"", PerDomain, PerRadar}).Draw(t, "per")}
		known := map[string]bool{}
		now, made := seven, 0
		inHand := func() map[string]int {
			n := map[string]int{}
			for _, o := range b.Hand {
				n[limit.key(o)]++
			}
			return n
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			before := inHand()
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0, 1:
				made++
				o := order(fmt.Sprint(made), rapid.SampledFrom([]string{"x", "y"}).Draw(t, "domain"), made, rapid.Bool().Draw(t, "in time"))
				o.Radar = rapid.SampledFrom([]string{"r", "s"}).Draw(t, "radar")
				known[o.ID] = true
				b.Take(o, limit)
			case 2:
				if len(b.Hand) > 0 {
					i := rapid.IntRange(0, len(b.Hand)-1).Draw(t, "leaves")
					delete(known, b.Hand[i].ID)
					b.Left(b.Hand[i].ID)
				}
			case 3:
				now = now.Add(time.Minute)
				for _, o := range b.Late(now) {
					delete(known, o.ID)
				}
			case 4:
				limit.Most = rapid.IntRange(1, 3).Draw(t, "new most")
				for _, found := b.Next(limit); found; _, found = b.Next(limit) {
				}
				for _, o := range b.Wait {
					if b.room(limit, limit.key(o)) {
						t.Fatalf("%s waits, and there is room", o.ID)
					}
				}
			}
			for key, n := range inHand() {
				if n > limit.Most && n > before[key] {
					t.Fatalf("%d of %q in hand, at most %d may be", n, key, limit.Most)
				}
			}
			all := append(ids(b.Hand), ids(b.Wait)...)
			slices.Sort(all)
			if len(all) != len(known) || len(slices.Compact(all)) != len(known) {
				t.Fatalf("orders %v, want %v", all, known)
			}
		}
	})
}
