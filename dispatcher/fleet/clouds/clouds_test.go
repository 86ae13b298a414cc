package clouds

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bowecho/dispatcher/fleet"
	"bowecho/dispatcher/fleet/fleettest"
	"bowecho/internal/event"

	"github.com/google/go-cmp/cmp"
)

// quiet is a cloud that is never full by its own words.
type quiet struct{ *fleettest.Memory }

func (quiet) Full(string) string { return "" }

// pair is a cheap and a dear cloud in one fleet, and what it tells of them.
type pair struct {
	*Fleet
	cheap, dear *fleettest.Memory
	told        *[]*event.Decision
}

func newPair(cheapIsQuiet bool) pair {
	p := pair{cheap: &fleettest.Memory{}, dear: &fleettest.Memory{}, told: &[]*event.Decision{}}
	var cheap Cloud = p.cheap
	if cheapIsQuiet {
		cheap = quiet{p.cheap}
	}
	p.Fleet = New([]Member{
		{Config{Name: "dear", PricePerHour: 0.09}, p.dear}, {Config{Name: "cheap", PricePerHour: 0.02, Limit: 20}, cheap},
	}, func(_ context.Context, d *event.Decision) error {
		*p.told = append(*p.told, d)
		return d.Validate()
	}, slog.New(slog.DiscardHandler))
	return p
}

// holdTold holds what was told of the cheap cloud.
func (p pair) holdTold(t *testing.T, want ...string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var got []string
	for _, d := range *p.told {
		if d.Subj == "cheap" {
			got = append(got, d.Value)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("told of the cheap cloud (-want +got):\n%s", diff)
	}
}

// run lets the fleet look by itself until the test ends.
func (p pair) run(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func (p pair) scale(t *testing.T, count int) {
	t.Helper()
	if err := p.Scale(t.Context(), "mosaic", count, "a storm"); err != nil {
		t.Fatal(err)
	}
}

// after lets time pass, and holds how the workers are spread then.
func (p pair) after(t *testing.T, d time.Duration, cheap, dear int) {
	t.Helper()
	time.Sleep(d)
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	got := map[string]int{"cheap": 0, "dear": 0}
	for _, m := range p.members {
		if g := m.groups["mosaic"]; g != nil {
			got[m.Name] = g.alive
		}
	}
	if diff := cmp.Diff(map[string]int{"cheap": cheap, "dear": dear}, got); diff != "" {
		t.Errorf("after %v (-want +got):\n%s", d, diff)
	}
}

func TestConforms(t *testing.T) {
	fleettest.Conform(t, func(t *testing.T) fleet.Fleet {
		p := newPair(false)
		p.run(t)
		return p
	})
}

func TestAFullCloudSpillsAndGetsItsWorkersBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(false)
		p.run(t)
		p.cheap.Narrow(4)
		p.scale(t, 7)
		p.after(t, 3*time.Second, 4, 3)
		p.cheap.Narrow(-1)
		p.after(t, 3*time.Second, 7, 0)
		if last := p.dear.Reasons()[0]; !strings.Contains(last, "mosaic 3: a storm; 3 of 7 here; cheap has of mosaic 4 of 7, full: room for 4") {
			t.Errorf("the dear cloud was asked because of %q", last)
		}
		p.holdTold(t, event.CloudUp, event.CloudFull, event.CloudRoom)
	})
}

func TestASlowCloudSpills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(true)
		p.run(t)
		p.cheap.Narrow(4)
		p.scale(t, 7)
		p.after(t, leastReady-2*time.Second, 4, 0) // the four came at once
		p.after(t, 4*time.Second, 4, 3)
		p.cheap.Narrow(-1)
		p.after(t, 3*time.Second, 7, 0)
		p.holdTold(t, event.CloudUp, event.CloudSlow, event.CloudRoom)
	})
}

func TestHowLongWorkersTakeIsLearnt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(true)
		p.run(t)
		if ready := p.Shares("mosaic")["cheap"].ReadySeconds; ready != 0 {
			t.Errorf("ready after %g s, though none has come", ready)
		}
		p.cheap.Narrow(0)
		p.scale(t, 1)
		p.after(t, 20*time.Second, 0, 0) // one that waits for an image
		p.cheap.Narrow(-1)
		p.after(t, 2*time.Second, 1, 0)
		if ready := p.Shares("mosaic")["cheap"].ReadySeconds; ready < 19 || ready > 23 {
			t.Errorf("ready after %g s, want 20 or a little more", ready)
		}
		p.cheap.Narrow(1)
		p.scale(t, 2)
		p.after(t, 50*time.Second, 1, 0) // slow only after thrice as long
		p.after(t, 15*time.Second, 1, 1)
		want := fleet.Share{State: event.CloudSlow, Asked: 2, Alive: 1, Full: "slow", PricePerHour: 0.02}
		got := p.Shares("mosaic")["cheap"]
		got.ReadySeconds = 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the cheap cloud's share (-want +got):\n%s", diff)
		}
	})
}

func TestAGoneCloudIsReplacedAndTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(false)
		p.run(t)
		p.scale(t, 5)
		p.after(t, 2*time.Second, 5, 0)
		p.cheap.Break(errors.New("no route to the cloud"))
		p.scale(t, 7)
		p.after(t, goneAfter-2*time.Second, 5, 2) // its workers go on
		p.after(t, 4*time.Second, 5, 7)           // and are no longer counted on
		if counts, err := p.Count(t.Context()); err != nil || counts["mosaic"] != 7 {
			t.Errorf("%v, %v; want 7 workers", counts, err)
		}
		p.cheap.Break(nil)
		p.after(t, 3*time.Second, 7, 0)
		p.holdTold(t, event.CloudUp, event.CloudHeld, event.CloudGone, event.CloudUp)
	})
}

func TestAllCloudsAwayIsHeldAndResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(false)
		p.run(t)
		p.scale(t, 5)
		gone := errors.New("no route to the cloud")
		p.cheap.Break(gone)
		p.dear.Break(gone)
		if err := p.Scale(t.Context(), "mosaic", 2, "less"); !errors.Is(err, gone) {
			t.Errorf("scaled with %v, want %v", err, gone)
		}
		if _, err := p.Count(t.Context()); !errors.Is(err, gone) {
			t.Errorf("counted with %v, want %v", err, gone)
		}
		p.cheap.Break(nil)
		p.dear.Break(nil)
		p.after(t, 3*time.Second, 5, 0)
	})
}

func TestWorkersThatWereThereStayUntilSomebodySays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(false)
		if err := p.dear.Scale(t.Context(), "mosaic", 3, "long ago"); err != nil {
			t.Fatal(err)
		}
		p.run(t)
		p.after(t, 3*time.Second, 0, 3)
		p.scale(t, 3)
		p.after(t, 3*time.Second, 3, 0)
	})
}

func TestWhatSomebodyElseDoesIsUndone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(false)
		p.run(t)
		p.scale(t, 3)
		p.after(t, usualReady, 3, 0)
		for cloud, count := range map[*fleettest.Memory]int{p.cheap: 1, p.dear: 5} {
			if err := cloud.Scale(t.Context(), "mosaic", count, "by hand"); err != nil {
				t.Fatal(err)
			}
		}
		p.after(t, 3*time.Second, 3, 0)
	})
}

func TestConfigMistakesAreNamed(t *testing.T) {
	for word, c := range map[string]Config{
		"name": {Name: "Cloud A"}, "price_per_hour": {Name: "a", PricePerHour: -1}, "transfer_price_per_gb": {Name: "a", Transfer: -1}, "limit": {Name: "a", Limit: -1}, "ready": {Name: "a", Ready: -1},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%+v: %v, want a word on %s", c, err, word)
		}
	}
}

func TestWhatIsTransferredCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(false)
		p.members[1].Transfer = 0.01 // of the cheap one: from 7 GB an hour on it is the dearer
		p.run(t)
		p.scale(t, 2)
		p.after(t, 2*time.Second, 2, 0)
		p.Moved("mosaic", 1e9, 600) // 6 GB an hour
		p.after(t, 3*time.Second, 2, 0)
		for range 30 {
			p.Moved("mosaic", 1e9, 300) // 12
		}
		p.after(t, 3*time.Second, 0, 2)
		p.Moved("mosaic", math.NaN(), 0)
		for range 3 {
			p.Moved("mosaic", 1e9, 400)
		}
		p.after(t, 3*time.Second, 0, 2) // a little less is no reason to move
	})
}
