package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bowecho/internal/event"
)

// webhook is a real receiver of notices.
type webhook struct {
	*httptest.Server
	mu      sync.Mutex
	notices []event.Notice
	latest  time.Time
}

func newWebhook(t *testing.T) *webhook {
	w := &webhook{}
	w.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var n event.Notice
		if err == nil {
			err = json.Unmarshal(body, &n)
		}
		if err != nil {
			t.Errorf("webhook: %v", err)
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.notices, w.latest = append(w.notices, n), time.Now()
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *webhook) received() []event.Notice {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]event.Notice(nil), w.notices...)
}

// quiet is how long no notice has come.
func (w *webhook) quiet() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Since(w.latest)
}

func (w *webhook) config() string {
	return fmt.Sprintf(`alerts:
  channels: [{name: ops, kind: webhook, url: %q}]
  places:
    - {name: Middle, at: [-97, 32.65], within_km: 60, hazards: [{product: reflectivity, at_least: 30, units: dBZ}]}
    - {name: West, at: [-97.4, 32.65], within_km: 30, hazards: [{product: reflectivity, at_least: 45, units: dBZ}]}
`, w.URL)
}

// waitFor polls until something holds.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	give := time.Now().Add(2 * time.Minute)
	for !holds() {
		if time.Now().After(give) {
			t.Fatalf("%s: not after 2 minutes", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// workers gives the process ids of a program's children.
func workers(t *testing.T, parent int) (ids []int) {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		text, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended meanwhile
		}
		for word := range strings.FieldsSeq(string(text)) {
			if id, err := strconv.Atoi(word); err == nil {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// TestKilledWorkersLoseNothing kills every worker that can be found, again and again, while the storm is processed.
func TestKilledWorkersLoseNothing(t *testing.T) {
	files := t.TempDir()
	scans := simulatedFiles(t, files, 10)
	hook := newWebhook(t)
	report := filepath.Join(t.TempDir(), "report.json")
	p := start(t, "run", "--quiet", "-c", smallConfig(t, hook.config()), "--source", "folder:"+files, "--until-idle", "--report", report)
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	killed := 0
	for killed < 6 {
		select {
		case err := <-ended:
			t.Fatalf("ended after %d kills: %v\n%s", killed, err, tail(p.stderr.Bytes()))
		case <-time.After(150 * time.Millisecond):
		}
		for _, id := range workers(t, p.cmd.Process.Pid) {
			if killed < 6 && syscall.Kill(id, syscall.SIGKILL) == nil {
				killed++
			}
		}
	}
	if err := <-ended; err != nil {
		t.Fatalf("%v\n%s", err, tail(p.stderr.Bytes()))
	}
	r := readReport(t, report)
	c := r.Counts
	if c.Scans != scans || c.Dead != 0 || c.Dropped != 0 || c.Nowcasts != c.Mosaics || c.Areas != c.Nowcasts || c.Mosaics < 9 {
		t.Errorf("%d scans of %d, then %+v; want every one carried to its areas", c.Scans, scans, c)
	}
	checkNotices(t, hook.received())
}

// TestKilledProgramLosesNothing kills the whole program in the middle of the storm and starts it again.
func TestKilledProgramLosesNothing(t *testing.T) {
	files, data := t.TempDir(), t.TempDir()
	scans := simulatedFiles(t, files, 10)
	hook := newWebhook(t)
	report := filepath.Join(t.TempDir(), "report.json")
	args := []string{"run", "--quiet", "-c", smallConfig(t, hook.config()), "--data", data,
		"--source", "folder:" + files, "--until-idle", "--report", report}
	for round := 1; round <= 3; round++ {
		p := start(t, args...)
		want := len(hook.received()) + 1
		ended := make(chan error, 1)
		go func() { ended <- p.cmd.Wait() }()
		done := false
		waitFor(t, "a notice or the end", func() bool {
			select {
			case <-ended:
				done = true
			default:
			}
			return done || len(hook.received()) >= want
		})
		if done {
			break
		}
		// Not in the instant between the receiver's answer to any notice and our note of it: there it comes again, under its id.
		waitFor(t, "a second without a notice", func() bool { return hook.quiet() > time.Second })
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-ended
	}
	run(t, args...)
	r := readReport(t, report)
	c := r.Counts
	if c.Scans != scans || c.Dead != 0 || c.Dropped != 0 || c.Nowcasts != c.Mosaics || c.Areas != c.Nowcasts || c.Mosaics < 9 {
		t.Errorf("%d scans of %d, then %+v; want every one carried to its areas", c.Scans, scans, c)
	}
	checkNotices(t, hook.received())
}

// checkNotices holds that no notice came twice, and that each episode starts once, first, and ends at most once, last.
func checkNotices(t *testing.T, notices []event.Notice) {
	t.Helper()
	if len(notices) == 0 {
		t.Error("no notice at all")
	}
	ids, states := map[string]bool{}, map[string][]string{}
	for _, n := range notices {
		if ids[n.ID] {
			t.Errorf("notice %s (%s, %s) came twice", n.ID, n.Place, n.State)
		}
		ids[n.ID] = true
		states[n.Episode] = append(states[n.Episode], n.State)
	}
	for episode, s := range states {
		for i, state := range s {
			if (state == event.Start) != (i == 0) || state == event.End && i != len(s)-1 {
				t.Errorf("episode %s went %v", episode, s)
				break
			}
		}
	}
}
