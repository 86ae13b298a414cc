package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bowecho/internal/config"
	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/google/go-cmp/cmp"
)

// TestEveryWayInIsShown holds that deploy/config/sources.yaml has each kind, and that what it calls defaults are.
func TestEveryWayInIsShown(t *testing.T) {
	shown := defaultConfig()
	if err := config.Load("../../deploy/config/sources.yaml", &shown); err != nil {
		t.Fatal(err)
	}
	if err := shown.validate(); err != nil {
		t.Error(err)
	}
	kinds := map[string]SourceConfig{}
	for _, s := range shown.Ingest.Sources {
		kinds[s.Name] = s
	}
	for text, name := range map[string]string{"push:": "senders", "index:https://radar.example.org/data/": "casa", "bucket:noaa-chunks/kfws": "noaa", "poll:https://api.weather.gov/alerts/active?status=actual&area=TX,OK": "nws", "subject:files.dfw": "other-site"} {
		short, err := parseSource(text, 0)
		if err != nil {
			t.Error(err)
		}
		got, want := kinds[name], short
		got.Name, want.Name = "", ""
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: the example (+) is not the default (-):\n%s", name, diff)
		}
	}
	if b := kinds["archive"].Bucket; b.LookBack != time.Hour || b.Poll != 10*time.Second {
		t.Errorf("archive: %+v", b)
	}
}

func TestSourceMistakesAreNamed(t *testing.T) {
	for name, c := range map[string]struct{ yaml, want string }{
		"no kind":         {"ingest: {sources: [{name: x}]}", "0 kinds"},
		"two kinds":       {"ingest: {sources: [{name: x, push: {}, subject: {subject: files.x}}]}", "2 kinds"},
		"two of one name": {"ingest: {sources: [{name: x, push: {}}, {name: x, push: {}}]}", `two named "x"`},
		"misspelt":        {"ingest: {sources: [{name: x, index: {url: 'http://h/', depht: 1}}]}", `did you mean "depth"`},
		"bad pattern":     {"ingest: {sources: [{name: x, patterns: ['[a'], push: {}}]}", "[a"},
	} {
		t.Run(name, func(t *testing.T) {
			_, code, stderr := output(t, "run", "-c", writeFile(t, t.TempDir(), "c.yaml", []byte(c.yaml)))
			if code != exitUsage || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, %q; want %d and %q", code, stderr, exitUsage, c.want)
			}
		})
	}
	for name, args := range map[string][]string{
		"unknown kind": {"run", "--source", "ftp:x"}, "two ways": {"run", "--source", "simulated", "--live", "KFWS"},
		"no subject": {"send", "x", "--to", "dfw"}, "bad site": {"run", "--live", "K/FWS"}, "no scheme": {"run", "--source", "index:host/data"},
	} {
		if _, code, stderr := output(t, args...); code != exitUsage {
			t.Errorf("%s: exit code %d, %q", name, code, stderr)
		}
	}
}

func TestWhatIsWanted(t *testing.T) {
	configured := defaultConfig()
	configured.Ingest.Sources = []SourceConfig{{Name: "mine", Simulated: &SimulatedConfig{}}}
	for name, c := range map[string]struct {
		flags runFlags
		cfg   Config
		want  string
	}{
		"nothing said": {runFlags{}, defaultConfig(), "simulated"}, "the config's": {runFlags{}, configured, "mine"},
		"a source": {runFlags{from: "push:"}, configured, "push:"}, "live": {runFlags{live: []string{"kfws", "KTLX"}}, configured, "live kfws, KTLX"},
	} {
		got, err := c.flags.wanted(c.cfg)
		if err != nil || len(got) != 1 || got[0].Name != c.want {
			t.Errorf("%s: got %+v, %v; want %s", name, got, err, c.want)
			continue
		}
		if b := got[0].Bucket; name == "live" && (b.Preset != "noaa-chunks" || !cmp.Equal(b.Sites, []string{"KFWS", "KTLX"})) {
			t.Errorf("live: %+v", b)
		}
	}
}

// TestSendReachesARun sends a file from one data directory's outside to the bowecho that runs on it.
func TestSendReachesARun(t *testing.T) {
	data, files := t.TempDir(), t.TempDir()
	run(t, "simulate", "--out", files, "--minutes", "1")
	names, err := filepath.Glob(filepath.Join(files, "*"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	server := start(t, "run", "--data", data, "--source", "subject:files.test", "--listen", "none")
	deadline := time.Now().Add(30 * time.Second)
	for {
		if _, err := os.Stat(filepath.Join(data, "nats.url")); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("bowecho has not started within 30 s")
		}
		time.Sleep(50 * time.Millisecond)
	}
	run(t, "send", names[0], "--to", "files.test", "--data", data)
	cfg := defaultConfig()
	cfg.Data = data
	c, err := openAny(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for found := ""; found != filepath.Base(names[0]); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline.Add(30 * time.Second)) {
			t.Fatalf("%s was not announced within a minute", names[0])
		}
		err := c.client.Each(t.Context(), stream.Scans, "", time.Time{}, func(m stream.Message) error {
			scan, err := event.Decode[event.Scan](m.Data)
			if err == nil {
				found = scan.File
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := server.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := server.cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, tail(server.stderr.Bytes()))
	}
}
