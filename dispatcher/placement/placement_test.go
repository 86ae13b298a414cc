package placement

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var (
	own    = Cloud{Name: "own", PricePerHour: 0, Limit: 4}
	cheap  = Cloud{Name: "cheap", PricePerHour: 0.02}
	dear   = Cloud{Name: "dear", PricePerHour: 0.09}
	picked = Cloud{Name: "picked", PricePerHour: 1, Prefer: 1, Chains: []string{"picture"}}
)

func one(g Group) Standing { return Standing{Groups: map[string]Group{"mosaic": g}} }

func TestWhereOneChainRuns(t *testing.T) {
	for name, c := range map[string]struct {
		wanted  int
		clouds  []Cloud
		now     map[string]Standing
		ask     map[string]int
		lacking int
	}{
		"none":                      {0, []Cloud{dear, cheap}, nil, map[string]int{"dear": 0, "cheap": 0}, 0},
		"the cheapest":              {7, []Cloud{dear, cheap}, nil, map[string]int{"dear": 0, "cheap": 7}, 0},
		"beyond a limit":            {7, []Cloud{dear, cheap, own}, nil, map[string]int{"dear": 0, "cheap": 3, "own": 4}, 0},
		"not what may not run":      {2, []Cloud{dear, picked}, nil, map[string]int{"dear": 2, "picked": 0}, 0},
		"beyond all limits":         {7, []Cloud{own}, nil, map[string]int{"own": 4}, 3},
		"no cloud":                  {1, nil, nil, nil, 1},
		"one that is coming":        {7, []Cloud{dear, cheap}, map[string]Standing{"cheap": one(Group{7, 1, false})}, map[string]int{"dear": 0, "cheap": 7}, 0},
		"full: the rest elsewhere":  {7, []Cloud{dear, cheap}, map[string]Standing{"cheap": one(Group{7, 4, true})}, map[string]int{"dear": 3, "cheap": 7}, 0},
		"both full":                 {7, []Cloud{dear, cheap}, map[string]Standing{"cheap": one(Group{7, 4, true}), "dear": one(Group{3, 1, true})}, map[string]int{"dear": 3, "cheap": 7}, 2},
		"half back: none too few":   {7, []Cloud{dear, cheap}, map[string]Standing{"cheap": one(Group{7, 5, false}), "dear": one(Group{3, 3, false})}, map[string]int{"dear": 2, "cheap": 7}, 0},
		"back":                      {7, []Cloud{dear, cheap}, map[string]Standing{"cheap": one(Group{7, 7, false}), "dear": one(Group{3, 3, false})}, map[string]int{"dear": 0, "cheap": 7}, 0},
		"fewer: the dear ones go":   {4, []Cloud{dear, cheap}, map[string]Standing{"cheap": one(Group{7, 4, true}), "dear": one(Group{3, 3, false})}, map[string]int{"dear": 0, "cheap": 4}, 0},
		"who goes already is gone":  {2, []Cloud{dear, cheap}, map[string]Standing{"cheap": one(Group{0, 0, false}), "dear": one(Group{0, 2, false})}, map[string]int{"dear": 0, "cheap": 2}, 0},
		"gone: all elsewhere":       {7, []Cloud{dear, cheap}, map[string]Standing{"cheap": {Gone, one(Group{7, 7, false}).Groups}}, map[string]int{"dear": 7}, 0},
		"held: what it has counts":  {7, []Cloud{dear, cheap}, map[string]Standing{"cheap": {Held, one(Group{7, 5, false}).Groups}}, map[string]int{"dear": 2}, 0},
		"held with more than wants": {3, []Cloud{dear, cheap}, map[string]Standing{"cheap": {Held, one(Group{7, 5, false}).Groups}}, map[string]int{"dear": 0}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			plan := Place(map[string]int{"mosaic": c.wanted}, nil, c.clouds, c.now)
			got := map[string]int{}
			for cloud, chains := range plan.Ask {
				got[cloud] = chains["mosaic"]
			}
			if len(got) == 0 {
				got = nil
			}
			if diff := cmp.Diff(c.ask, got); diff != "" || plan.Lacking["mosaic"] != c.lacking {
				t.Errorf("asked (-want +got):\n%s%d lacking, want %d", diff, plan.Lacking["mosaic"], c.lacking)
			}
		})
	}
}

func TestChainsShareALimit(t *testing.T) {
	plan := Place(map[string]int{"contour": 9, "mosaic": 1, "picture": 2}, nil, []Cloud{own}, nil)
	if diff := cmp.Diff(map[string]int{"contour": 2, "mosaic": 1, "picture": 1}, plan.Ask["own"]); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"contour": 7, "picture": 1}, plan.Lacking); diff != "" {
		t.Errorf("lacking (-want +got):\n%s", diff)
	}
}

func TestPreferenceGoesBeforePrice(t *testing.T) {
	plan := Place(map[string]int{"picture": 2}, nil, []Cloud{cheap, picked}, nil)
	if plan.Ask["picked"]["picture"] != 2 || plan.Ask["cheap"]["picture"] != 0 {
		t.Errorf("asked %v, want both of the preferred", plan.Ask)
	}
}

// TestAnyPlan holds, whatever happens: no limit is passed by what is new; nobody is asked who cannot hear; what is
// wanted is alive or comes, or is told as lacking; and nothing new runs where it is dearer than need be.
func TestAnyPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wanted, priority, clouds, now := drawn(t)
		plan := Place(wanted, priority, clouds, now)
		for _, c := range clouds {
			s, total, kept := now[c.Name], 0, 0
			if _, asked := plan.Ask[c.Name]; asked != (s.State == Up) {
				t.Fatalf("%s is asked: %v, its state is %v", c.Name, asked, s.State)
			}
			for chain, n := range plan.Ask[c.Name] {
				if n > 0 && len(c.Chains) > 0 && !slices.Contains(c.Chains, chain) && n > s.Groups[chain].Asked {
					t.Fatalf("%s is asked for %s", c.Name, chain)
				}
				total, kept = total+n, kept+min(s.Groups[chain].Asked, s.Groups[chain].Alive)
			}
			if c.Limit > 0 && total > c.Limit+kept {
				t.Fatalf("%s is asked for %d, its limit is %d, and %d are there", c.Name, total, c.Limit, kept)
			}
		}
		for chain, want := range wanted {
			coming := plan.Lacking[chain]
			for _, c := range clouds {
				g, ask := now[c.Name].Groups[chain], plan.Ask[c.Name][chain]
				switch {
				case now[c.Name].State == Held:
					coming += min(g.Asked, g.Alive)
				case g.Short:
					coming += min(g.Alive, ask)
				default:
					coming += ask
				}
			}
			if coming < want {
				t.Fatalf("%d workers of %s are wanted, %d come or are told as lacking: %v", want, chain, coming, plan)
			}
		}
		for _, chain := range chainNames {
			for _, less := range chainNames {
				if plan.Lacking[chain] > 0 && priority[less] < priority[chain] {
					yields(t, plan, chain, less, clouds, now)
				}
			}
		}
		if again := Place(wanted, priority, clouds, now); !cmp.Equal(plan, again) {
			t.Fatal("the same again gives another plan")
		}
	})
}

// yields holds that where a chain lacks workers, one of a lower priority is asked for nothing new that it could have.
func yields(t *rapid.T, plan Plan, chain, less string, clouds []Cloud, now map[string]Standing) {
	for _, c := range clouds {
		allowed := (len(c.Chains) == 0 || slices.Contains(c.Chains, chain)) && !now[c.Name].Groups[chain].Short
		was := now[c.Name].Groups[less]
		if n := plan.Ask[c.Name][less]; c.Limit > 0 && allowed && n > min(was.Asked, was.Alive) {
			t.Fatalf("%s is asked for %d of %s, while %d of %s lack a place", c.Name, n, less, plan.Lacking[chain], chain)
		}
	}
}

// TestAlertsGoBeforePictures is a storm on a machine with room for four workers, of which chains want nine: those that
// lead to alerts get the places, each its first before any its second, and pictures what they leave.
func TestAlertsGoBeforePictures(t *testing.T) {
	priority := map[string]int{"mosaic": 80, "nowcast": 80, "contour": 80, "probability": 40, "picture": 30}
	for name, c := range map[string]struct{ wanted, ask, lacking map[string]int }{
		"all want more than there is": {
			map[string]int{"mosaic": 2, "nowcast": 2, "contour": 2, "picture": 3},
			map[string]int{"mosaic": 1, "nowcast": 1, "contour": 2, "picture": 0}, map[string]int{"mosaic": 1, "nowcast": 1, "picture": 3},
		},
		"one place is left": {
			map[string]int{"mosaic": 1, "nowcast": 1, "contour": 1, "picture": 3},
			map[string]int{"mosaic": 1, "nowcast": 1, "contour": 1, "picture": 1}, map[string]int{"picture": 2},
		},
		"the next in rank gets it": {
			map[string]int{"mosaic": 1, "nowcast": 1, "contour": 1, "probability": 1, "picture": 1},
			map[string]int{"mosaic": 1, "nowcast": 1, "contour": 1, "probability": 1, "picture": 0}, map[string]int{"picture": 1},
		},
	} {
		plan := Place(c.wanted, priority, []Cloud{own}, nil)
		if diff := cmp.Diff(c.ask, plan.Ask["own"]); diff != "" {
			t.Errorf("%s: asked (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(c.lacking, plan.Lacking); diff != "" {
			t.Errorf("%s: lacking (-want +got):\n%s", name, diff)
		}
	}
}

// TestAllComesToRest holds that clouds which give what they are asked for, up to their room, come to a plan that no
// longer changes, with all that is wanted and has room alive.
func TestAllComesToRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wanted, priority, clouds, now := drawn(t)
		room := map[string]int{}
		for _, c := range clouds {
			now[c.Name] = Standing{Groups: now[c.Name].Groups}
			room[c.Name] = rapid.IntRange(0, 20).Draw(t, "room")
		}
		var plan Plan
		for range 20 {
			last := plan
			plan = Place(wanted, priority, clouds, now)
			if cmp.Equal(plan, last) {
				return
			}
			for name, chains := range plan.Ask {
				now[name] = Standing{Groups: given(chains, now[name].Groups, room[name])}
			}
		}
		t.Fatalf("still changing after twenty rounds: %v", plan)
	})
}

// given is what a cloud with some room has after it was asked: who is there stays while it is asked for.
func given(asked map[string]int, was map[string]Group, room int) map[string]Group {
	groups := map[string]Group{}
	for _, chain := range chainNames {
		alive := min(asked[chain], was[chain].Alive, room)
		room -= alive
		groups[chain] = Group{asked[chain], alive, false}
	}
	for _, chain := range chainNames {
		g := groups[chain]
		come := min(asked[chain]-g.Alive, room)
		room -= come
		groups[chain] = Group{g.Asked, g.Alive + come, g.Alive+come < g.Asked}
	}
	return groups
}

var chainNames = []string{"contour", "mosaic", "picture"}

func drawn(t *rapid.T) (wanted, priority map[string]int, clouds []Cloud, now map[string]Standing) {
	wanted, priority, now = map[string]int{}, map[string]int{}, map[string]Standing{}
	for _, chain := range chainNames {
		wanted[chain] = rapid.IntRange(0, 12).Draw(t, "wanted")
		priority[chain] = rapid.IntRange(0, 2).Draw(t, "priority")
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "clouds") {
		c := Cloud{
			Name: fmt.Sprintf("c%d", i), PricePerHour: float64(rapid.IntRange(0, 3).Draw(t, "price")), Prefer: rapid.IntRange(0, 1).Draw(t, "prefer"),
			Limit: rapid.IntRange(0, 15).Draw(t, "limit"), Chains: rapid.SampledFrom([][]string{nil, {"mosaic"}}).Draw(t, "chains"),
		}
		s := Standing{State: rapid.SampledFrom([]State{Up, Held, Gone}).Draw(t, "state"), Groups: map[string]Group{}}
		for _, chain := range chainNames {
			s.Groups[chain] = Group{rapid.IntRange(0, 9).Draw(t, "asked"), rapid.IntRange(0, 9).Draw(t, "alive"), rapid.Bool().Draw(t, "short")}
		}
		clouds, now[c.Name] = append(clouds, c), s
	}
	return wanted, priority, clouds, now
}

// BenchmarkPlace is a continent in a bad hour: 20 chains with 500 workers each over ten clouds, of which half are full.
func BenchmarkPlace(b *testing.B) {
	const chains, each = 20, 500
	wanted, priority, now, clouds := map[string]int{}, map[string]int{}, map[string]Standing{}, []Cloud{}
	for i := range chains {
		wanted[fmt.Sprintf("chain%d", i)], priority[fmt.Sprintf("chain%d", i)] = each, i%3
	}
	for i := range 10 {
		c := Cloud{Name: fmt.Sprintf("c%d", i), PricePerHour: float64(i), Limit: 5000}
		groups := map[string]Group{}
		for chain := range wanted {
			groups[chain] = Group{Asked: 100, Alive: 50, Short: i%2 == 0}
		}
		clouds, now[c.Name] = append(clouds, c), Standing{Groups: groups}
	}
	b.ReportAllocs()
	for b.Loop() {
		Place(wanted, priority, clouds, now)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*chains*each), "ns/worker")
}
