package dispatcher

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/dispatcher/fleet/fleettest"
	"bowecho/dispatcher/trigger"
	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/streamtest"
)

// TestReloadWhileScansCome reads the config again and again while the storm is ordered: no minute is ordered twice or
// forgotten, and the trigger, whose rule changes, stays open.
func TestReloadWhileScansCome(t *testing.T) {
	client := streamtest.Connect(t)
	var f fleettest.Memory
	d, stop := run(t, DefaultConfig(), client, &f)
	reloaded := make(chan error, 1)
	go func() {
		for i := range 20 {
			cfg := DefaultConfig()
			cfg.Triggers[0].KeepFor += time.Duration(i) * time.Second
			cfg.Scaling.Max = 1 + i%3
			if err := d.Reload(t.Context(), cfg, nil); err != nil {
				reloaded <- err
				return
			}
		}
		reloaded <- nil
	}()
	publish(t, client, storm(12)...)
	sourceDone(t, client)
	if err := <-reloaded; err != nil {
		t.Error(err)
	}
	await(t, "everything has been heard", func() bool { return heardAll(t, client) && !d.Waiting() })
	stop()
	if opened := d.state.Domains["dfw"].Triggers["storm"]; !opened.Open || d.cfg.Triggers[0].KeepFor != 5*time.Minute+19*time.Second {
		t.Errorf("the trigger is %+v, by %+v", opened, d.cfg.Triggers[0])
	}
	onceEachMinute(t, waiting(t, client, "mosaic"), 11)
}

func TestABadConfigChangesNothing(t *testing.T) {
	d := bare(t, DefaultConfig())
	bad := DefaultConfig()
	bad.Triggers[0].When = "regim == 'clear'"
	if err := d.Reload(t.Context(), bad, nil); err == nil || !strings.Contains(err.Error(), `did you mean "regime"?`) {
		t.Errorf("got %v, want the mistake", err)
	}
	if d.cfg.Triggers[0].When != DefaultConfig().Triggers[0].When || d.triggers[0].When != d.cfg.Triggers[0].When || len(d.state.Outbox) > 0 {
		t.Error("the bad config is taken")
	}
}

// TestWhatIsTakenAwayIsClosed takes away an open trigger, and a chain of which an order is held.
func TestWhatIsTakenAwayIsClosed(t *testing.T) {
	client := streamtest.Connect(t)
	cfg := DefaultConfig()
	cfg.Triggers = append(cfg.Triggers, trigger.Rule{Name: "second", When: "true", Opens: []string{"mosaic", "nowcast"}})
	d, stop := run(t, cfg, client, &fleettest.Memory{})
	publish(t, client, scanAt("addison", at("10:08")))
	await(t, "both are open", func() bool { return len(standing(d, "storm"))+len(standing(d, "second")) == 2 })
	cfg = DefaultConfig()
	cfg.Triggers[0].Name, cfg.Triggers[0].Opens = "renamed", []string{"mosaic", "nowcast"}
	delete(cfg.Chains, "picture")
	d.mu.Lock()
	d.state.Domains["dfw"].Held["picture"] = held{Slot: at("10:00")}
	d.mu.Unlock()
	if err := d.Reload(t.Context(), cfg, []string{"alerts.keep_for"}); err != nil {
		t.Fatal(err)
	}
	if got := [][]string{standing(d, "storm"), standing(d, "second"), standing(d, "renamed")}; len(got[0]) != 0 || len(got[1]) != 0 || !slices.Equal(got[2], []string{"open"}) {
		t.Errorf("open are %v, want the renamed alone", got)
	}
	if d.Waiting() || d.open("picture") || d.open("contour") || !d.open("nowcast") {
		t.Error("what was taken away is still there")
	}
	if err := d.Refuse(t.Context(), errors.New("c.yaml:3:7: no such name")); err != nil {
		t.Fatal(err)
	}
	stop()
	var closed, reloads []string
	for _, m := range eventsOf(t, client, event.TriggerChange) {
		if m.Value == "closed" {
			closed = append(closed, m.Subj+": "+m.Reason)
		}
	}
	for _, m := range eventsOf(t, client, event.ConfigChange) {
		reloads = append(reloads, m.Value+": "+m.Reason)
	}
	if want := []string{"second: it is no longer in the config", "storm: it is no longer in the config"}; !slices.Equal(closed, want) {
		t.Errorf("closed %q, want %q", closed, want)
	}
	want := []string{
		"accepted: changed: chains.picture, triggers.renamed, triggers.second, triggers.storm; counts after a restart only: alerts.keep_for",
		"refused: the config before it still counts: c.yaml:3:7: no such name",
	}
	if !slices.Equal(reloads, want) {
		t.Errorf("told %q, want %q", reloads, want)
	}
}

// standing gives how a trigger stands in the domain; nothing where it is not known.
func standing(d *Dispatcher, name string) (states []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.state.Domains["dfw"]; s != nil && s.Triggers[name] != nil {
		states = append(states, s.Triggers[name].Value())
	}
	return states
}

// eventsOf reads all decisions of a kind that were published.
func eventsOf(t *testing.T, client *stream.Client, kind string) (list []*event.Decision) {
	t.Helper()
	err := client.Each(t.Context(), stream.Events, "event."+kind+".>", time.Time{}, func(m stream.Message) error {
		d, err := event.Decode[event.Decision](m.Data)
		list = append(list, d)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
