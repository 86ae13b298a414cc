package clouds

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bowecho/dispatcher/fleet"
	"bowecho/dispatcher/fleet/fleettest"

	"github.com/google/go-cmp/cmp"
)

// quiet is a cloud that is never full by its own words.
type quiet struct{ *fleettest.Memory }

func (quiet) Full(string) string { return "" }

// pair is a cheap and a dear cloud in one fleet.
type pair struct {
	*Fleet
	cheap, dear *fleettest.Memory
}

func newPair(cheapIsQuiet bool) pair {
	p := pair{cheap: &fleettest.Memory{}, dear: &fleettest.Memory{}}
	var cheap Cloud = p.cheap
	if cheapIsQuiet {
		cheap = quiet{p.cheap}
	}
	p.Fleet = New([]Member{
		{Config{Name: "dear", PricePerHour: 0.09}, p.dear}, {Config{Name: "cheap", PricePerHour: 0.02, Limit: 20}, cheap},
	}, slog.New(slog.DiscardHandler))
	return p
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
	})
}

func TestASlowCloudSpills(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(true)
		p.run(t)
		p.cheap.Narrow(4)
		p.scale(t, 7)
		p.after(t, usualReady-2*time.Second, 4, 0)
		p.after(t, 4*time.Second, 4, 3)
		p.cheap.Narrow(-1)
		p.after(t, 3*time.Second, 7, 0)
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
		"name": {Name: "Cloud A"}, "price_per_hour": {Name: "a", PricePerHour: -1}, "limit": {Name: "a", Limit: -1}, "ready": {Name: "a", Ready: -1},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%+v: %v, want a word on %s", c, err, word)
		}
	}
}
