package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"
	"bowecho/internal/stream/embedded"
)

// decisions reads all of a kind that the system has told.
func decisions(t *testing.T, client *stream.Client, kind string) (list []event.Decision) {
	t.Helper()
	err := client.Each(t.Context(), stream.Events, "event."+kind+".>", time.Time{}, func(m stream.Message) error {
		d, err := event.Decode[event.Decision](m.Data)
		if err == nil {
			list = append(list, *d)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// reloading is a running system whose config file is edited.
type reloading struct {
	*testing.T
	client         *stream.Client
	config, folder string
	storm          []string // files that have not been fed
	base           string
}

func startReloading(t *testing.T) *reloading {
	files := t.TempDir()
	simulatedFiles(t, files, 12)
	r := &reloading{T: t, folder: t.TempDir()}
	r.storm, _ = filepath.Glob(filepath.Join(files, "*.netcdf*"))
	slices.SortFunc(r.storm, func(a, b string) int { return strings.Compare(clockOf(a), clockOf(b)) })
	server, err := embedded.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	settings := stream.DefaultConfig()
	settings.URL = server.URL()
	if r.client, err = stream.Connect(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.client.Close)
	r.base = fmt.Sprintf("nats: {url: %q}\n", server.URL())
	r.config = smallConfig(t, r.base, "dispatcher: {triggers: [{name: never, when: 'false', opens: [mosaic]}]}\n")
	p := start(t, "run", "--quiet", "-c", r.config, "--data", t.TempDir(), "--listen", "none", "--source", "folder:"+r.folder)
	t.Cleanup(func() {
		_ = p.cmd.Wait() // it was asked to stop when the test ended
		if t.Failed() {
			t.Logf("bowecho said\n%s", tail(p.stderr.Bytes()))
		}
	})
	return r
}

// edit writes the config beside the file and renames it, as editors do.
func (r *reloading) edit(dispatcher string) {
	r.Helper()
	text, err := os.ReadFile(smallConfig(r.T, r.base, dispatcher))
	if err == nil {
		err = os.WriteFile(r.config+"~", text, 0o644)
	}
	if err == nil {
		err = os.Rename(r.config+"~", r.config)
	}
	if err != nil {
		r.Fatal(err)
	}
}

// told waits for the next decision on the config.
func (r *reloading) told(number int, value, reason string) {
	r.Helper()
	waitFor(r.T, "a decision on the config", func() bool { return len(decisions(r.T, r.client, event.ConfigChange)) >= number })
	got := decisions(r.T, r.client, event.ConfigChange)[number-1]
	if got.Value != value || !strings.Contains(got.Reason, reason) {
		r.Fatalf("%s: %s; want %s: %s", got.Value, got.Reason, value, reason)
	}
}

// feed moves files to where they are watched for, and waits until so many mosaics have been ordered in all, or any number.
func (r *reloading) feed(files, orders int) {
	r.Helper()
	for _, path := range r.storm[:files] {
		if err := os.Rename(path, filepath.Join(r.folder, filepath.Base(path))); err != nil {
			r.Fatal(err)
		}
	}
	r.storm = r.storm[files:]
	waitFor(r.T, fmt.Sprintf("%d mosaics", orders), func() bool { return r.orders("mosaic") >= orders })
}

func (r *reloading) orders(chain string) (n int) {
	for _, d := range decisions(r.T, r.client, event.OrderMade) {
		if d.Subj == chain {
			n++
		}
	}
	return n
}

func (r *reloading) scans() (n int) {
	if err := r.client.Each(r.Context(), stream.Scans, "", time.Time{}, func(stream.Message) error { n++; return nil }); err != nil {
		r.Fatal(err)
	}
	return n
}

// TestTheConfigIsTakenWithoutARestart edits the config of a running system: a trigger opens, a mistake changes nothing, and
// what is taken away goes.
func TestTheConfigIsTakenWithoutARestart(t *testing.T) {
	t.Parallel()
	r := startReloading(t)
	r.feed(6, 0)
	waitFor(t, "six scans", func() bool { return r.scans() == 6 })
	if n := r.orders("mosaic"); n != 0 {
		t.Fatalf("%d mosaics ordered, want none while no trigger is open", n)
	}
	storm := "dispatcher: {triggers: [{name: storm, when: summary.km2_20 > 1, opens: [mosaic, nowcast]}], scaling: {cooldown: 2s}}\n"
	r.edit(storm)
	r.told(1, event.Accepted, "changed: scaling.cooldown, triggers.never, triggers.storm")
	r.feed(6, 2)
	r.edit("dispatcher: {triggers: [{name: storm, when: sumary.km2_20 > 1, opens: [mosaic]}]}\n")
	r.told(2, event.Refused, `bowecho.yaml:4:45: trigger storm: when: undeclared reference to 'sumary'; did you mean "summary"?`)
	r.edit("")
	before := r.orders("mosaic")
	r.told(3, event.Accepted, "triggers.storm")
	r.feed(6, before+1) // the default's storm is the same for these
	r.edit("dispatcher: {triggers: []}\nalerts: {keep_for: 3m}\n")
	r.told(4, event.Accepted, "counts after a restart only: alerts.keep_for")
	waitFor(t, "the trigger is closed", func() bool {
		turns := decisions(t, r.client, event.TriggerChange)
		last := turns[len(turns)-1]
		return last.Subj == "storm" && last.Value == "closed" && last.Reason == "it is no longer in the config"
	})
	waitFor(t, "no workers", func() bool {
		workers := map[string]string{}
		for _, d := range decisions(t, r.client, event.Scaling) {
			workers[d.Subj] = d.Value
		}
		return workers["mosaic"] == "0" && workers["nowcast"] == "0"
	})
	orders, scans := r.orders("mosaic"), r.scans()
	r.feed(4, 0)
	waitFor(t, "four scans more", func() bool { return r.scans() == scans+4 })
	if n := r.orders("mosaic"); n != orders {
		t.Errorf("%d mosaics ordered after the trigger was taken away", n-orders)
	}
}
