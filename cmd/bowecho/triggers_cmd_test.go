package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bowecho/internal/racing"
	"bowecho/internal/realdata"
)

func TestTriggersCheck(t *testing.T) {
	dir := t.TempDir()
	stdout, code, stderr := output(t, "triggers", "check", "-c", "../../deploy/config/bowecho.yaml")
	if want := "storm    regime  mosaic, nowcast, contour, picture"; code != 0 || !strings.Contains(string(stdout), want) {
		t.Errorf("exit code %d, %q, %s; want 0 and %q", code, stdout, stderr, want)
	}
	bad := writeFile(t, dir, "bad.yaml", []byte(`dispatcher:
  scaling: {max: 0}
  triggers:
    - name: storm
      when: |
        regime == "convectiv" ||
          queue.mosaik > 3
      opens: [mosaic, nowcats]
`))
	for name, c := range map[string]struct {
		yaml string
		want []string
	}{
		"values": {bad, []string{
			bad + `:2:18: dispatcher.scaling.max is 0`,
			bad + `:7:17: trigger storm: when: undeclared reference to 'queue.mosaik'; did you mean "queue.mosaic"?`,
			bad + `:8:23: trigger storm: opens "nowcats", which is no chain; did you mean "nowcast"?`,
		}},
		"keys": {writeFile(t, dir, "keys.yaml", []byte("dispatcher:\n  trigers: []\n  scaling: {maxx: 3}\n")), []string{
			`keys.yaml:2:3: unknown field "trigers"; did you mean "triggers"?`, `keys.yaml:3:13: unknown field "maxx"; did you mean "max"?`,
		}},
	} {
		_, code, stderr := output(t, "triggers", "check", "-c", c.yaml)
		for _, want := range c.want {
			if code != exitUsage || !strings.Contains(stderr, want) {
				t.Errorf("%s: exit code %d, %q; want %d and %q", name, code, stderr, exitUsage, want)
			}
		}
	}
	stdout, code, _ = output(t, "triggers", "check", "--json", "-c", bad)
	var told checked
	if err := json.Unmarshal(stdout, &told); err != nil || code != exitUsage || told.OK || len(told.Faults) != 3 || told.Faults[1].Line != 7 {
		t.Errorf("exit code %d, %v, %+v; want three faults, the second in line 7", code, err, told)
	}
}

// TestExampleTestsHold holds the example of tests to the default config.
func TestExampleTestsHold(t *testing.T) {
	stdout, code, stderr := output(t, "triggers", "test", "../../deploy/config/triggers_test.yaml")
	if code != 0 || string(stdout) != "ok: 2 tests\n" {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
}

func TestTriggersTestTellsWhatDiffers(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "c.yaml", []byte(`dispatcher:
  triggers:
    - {name: hail, when: products.nowcast.lead(15).km2_55 > 2 && products.nowcast.lead(15).largest > 60, opens: [mosaic, nowcast], for: 2m}
    - {name: busy, when: queue.mosaic > 3 && queue_age_s.mosaic > 20, opens: [mosaic]}
    - {name: tornado, when: 'warnings.exists(w, w.event == "Tornado Warning" && w.severity == "Extreme")', opens: [mosaic]}
`))
	tests := writeFile(t, dir, "t.yaml", []byte(`config: c.yaml
tests:
  - name: hail ahead
    start: 2026-05-01T18:00:00Z
    products:
      - {product: nowcast, from: 1m, to: 9m, every: 1m, leads: {15: {km2_55: 3, largest: 61}}}
    queues:
      - {chain: mosaic, from: 5m, waiting: 4, age: 30s}
    warnings:
      - {feed: nws, from: 7m, to: 9m, event: Tornado Warning, severity: Extreme}
    expect:
      - {at: 2m, triggers: {hail: closed, busy: closed}}
      - {at: 3m, triggers: {hail: open}}
      - {at: 5m, triggers: {busy: open}, open: [nowcast, mosaic]}
      - {at: 6m, regime: clear, triggers: {busy: closed, tornado: closed}, open: []}
      - {at: 8m, triggers: {tornado: open}}
      - {at: 10m, triggers: {tornado: closed}}
`))
	stdout, code, stderr := output(t, "triggers", "test", tests)
	want := `FAIL hail ahead, at 18:06:00: the regime is unknown, want clear
FAIL hail ahead, at 18:06:00: trigger busy is open, want closed
FAIL hail ahead, at 18:06:00: open is [mosaic, nowcast], want []
`
	if code != exitFailed || string(stdout) != want {
		t.Errorf("exit code %d, %q, %q; want %d and %q", code, stdout, stderr, exitFailed, want)
	}
	wrong := writeFile(t, dir, "w.yaml", []byte(`config: c.yaml
tests:
  - name: misspelt
    start: 2026-05-01T18:00:00Z
    expect: [{at: 1m, triggers: {hial: opened}}]
`))
	_, code, stderr = output(t, "triggers", "test", wrong)
	for _, want := range []string{`w.yaml:5:40: there is no trigger hial; did you mean "hail"?`, `a trigger is never "opened"`} {
		if code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("exit code %d, %q; want %d and %q", code, stderr, exitUsage, want)
		}
	}
}

// TestTriggersReplayOnTheRealStorm holds when the trigger opens on the squall line of 2017-03-29: Cleburne's first scan, which
// ends at 07:10:25, holds 213 km² of rain; Addison's second, of 07:11:07, cores.
func TestTriggersReplayOnTheRealStorm(t *testing.T) {
	racing.Skip(t, "files are read and triggers played in others, too")
	t.Parallel()
	files := realdata.Path(t, "data", "casa-20170329")
	dir := t.TempDir()
	later := writeFile(t, dir, "later.yaml", []byte(`dispatcher:
  triggers:
    - {name: storm, when: regime == "convective" && summary.km2_45 > 10, for: 2m, opens: [mosaic, nowcast]}
clouds: [{name: here, price_per_hour: 0.36, local: {}}]
`))
	stdout, code, stderr := output(t, "triggers", "replay", files, "--against", later, "--json")
	var got []replayed
	if err := json.Unmarshal(stdout, &got); err != nil || code != 0 || len(got) != 2 {
		t.Fatalf("exit code %d, %v: %s", code, err, stderr)
	}
	first, second := got[0], got[1]
	for _, want := range []string{"07:10:25 regime stratiform", "07:10:25 trigger storm open", "07:11:07 regime convective"} {
		if !strings.Contains(turned(first), want) {
			t.Errorf("turns %s, want %s among them", turned(first), want)
		}
	}
	if first.Scans != 66 || first.Orders["mosaic"] < 39 || first.Orders["picture"] != first.Orders["mosaic"] || first.WorkerSeconds["mosaic"] < 2000 || first.Cost != nil {
		t.Errorf("%d scans, orders %v, worker-seconds %v", first.Scans, first.Orders, first.WorkerSeconds)
	}
	if second.Orders["mosaic"] >= first.Orders["mosaic"] || second.Orders["mosaic"] == 0 || second.Orders["picture"] != 0 || second.Cost == nil || *second.Cost <= 0 {
		t.Errorf("with %s: orders %v, cost %v; want fewer, no pictures, and some cost", filepath.Base(later), second.Orders, second.Cost)
	}
	if !strings.Contains(turned(second), "07:18:00 trigger storm open, 07:44:28 trigger storm closed") { // more than 10 km² from 07:16:00 on
		t.Errorf("with %s: %s", filepath.Base(later), turned(second))
	}
	t.Logf("opens at %s; orders %v against %v", turned(second), first.Orders, second.Orders)
	text, _, _ := output(t, "triggers", "replay", files, "--against", later)
	for _, want := range []string{"66 scans", "- 07:10:25 dfw trigger storm open", "+ 07:18:00 dfw trigger storm open", "notices: not told", "chain picture orders -"} {
		if spaces := regexp.MustCompile(` +`); !strings.Contains(spaces.ReplaceAllString(string(text), " "), want) {
			t.Errorf("%s\nwant it to hold %q", text, want)
		}
	}
}

func turned(r replayed) string {
	var list []string
	for _, m := range r.Turns {
		list = append(list, m.DataTime.Format("15:04:05 ")+turning(m)+" "+m.Value)
	}
	return strings.Join(list, ", ")
}

// TestTriggersReplayOfWhatWasAnnounced replays what a run has left on its streams, with the grids that it made and what its
// orders took; and the whole run again on its files.
func TestTriggersReplayOfWhatWasAnnounced(t *testing.T) {
	files, data := t.TempDir(), t.TempDir()
	scans := simulatedFiles(t, files, 4)
	config := smallConfig(t)
	run(t, "run", "--quiet", "-c", config, "--source", "folder:"+files, "--until-idle", "--data", data)
	stdout, code, stderr := output(t, "triggers", "replay", "-c", config, "--data", data, "--json", "--from", "2026-05-01T18:00:00Z", "--to", "2026-05-01T19:00:00Z")
	var got []replayed
	if err := json.Unmarshal(stdout, &got); err != nil || code != 0 || len(got) != 1 {
		t.Fatalf("exit code %d, %v: %s", code, err, stderr)
	}
	if one := got[0]; one.Scans != scans || one.Orders["nowcast"] < 3 || one.Costs != "learnt from what orders took" || one.WorkSeconds["nowcast"] == 2*float64(one.Orders["nowcast"]) {
		t.Errorf("%d scans of %d, orders %v, work %v, %s; want all, and what the run's orders took", one.Scans, scans, one.Orders, one.WorkSeconds, one.Costs)
	}
	stdout, code, stderr = output(t, "triggers", "replay", files, "-c", config, "--json", "--full")
	got = nil
	if err := json.Unmarshal(stdout, &got); err != nil || code != 0 || len(got) != 1 {
		t.Fatalf("exit code %d, %v: %s", code, err, stderr)
	}
	if one := got[0]; one.Report == nil || one.Report.Counts.Mosaics != one.Orders["mosaic"] || one.Report.Counts.Scans != scans {
		t.Errorf("the whole run made %+v, and what is played %v; want as many mosaics", one.Report, one.Orders)
	}
	for name, args := range map[string][]string{
		"neither":   {"triggers", "replay"},
		"both":      {"triggers", "replay", files, "--from", "x"},
		"no time":   {"triggers", "replay", "--from", "today", "--to", "now", "--data", data},
		"no folder": {"triggers", "replay", "--full", "--from", "x", "--to", "y"},
	} {
		if _, code, stderr := output(t, args...); code != exitUsage {
			t.Errorf("%s: exit code %d, %s; want %d", name, code, stderr, exitUsage)
		}
	}
}
