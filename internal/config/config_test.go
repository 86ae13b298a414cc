package config

import (
	"strings"
	"testing"
	"time"
)

type sample struct {
	Name   string        `yaml:"name"`
	Wait   time.Duration `yaml:"wait"`
	Levels []float64     `yaml:"levels"`
	Chains map[string]struct {
		Every time.Duration `yaml:"every"`
	} `yaml:"chains"`
}

func TestParseKeepsDefaults(t *testing.T) {
	got := sample{Name: "dfw", Wait: time.Minute, Levels: []float64{30, 45}}
	if err := Parse([]byte("wait: 90s\nchains: {mosaic: {every: 1m}}\n"), &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "dfw" || got.Wait != 90*time.Second || len(got.Levels) != 2 || got.Chains["mosaic"].Every != time.Minute {
		t.Errorf("got %+v", got)
	}
	if err := Parse([]byte("# only a comment\n"), &got); err != nil {
		t.Errorf("empty file: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, c := range map[string]struct{ yaml, want string }{
		"unknown key":    {"name: x\nlevls: [30]\n", `:2:1: unknown field "levls"; did you mean "levels"?`},
		"unknown inside": {"chains:\n  mosaic:\n    evry: 1m\n", `did you mean "every"?`},
		"doubled key":    {"name: x\nname: y\n", "already defined"},
		"wrong type":     {"levels: soon\n", ":1:9:"},
		"wrong duration": {"name: x\nwait: 5 parsecs\n", "line 2: "},
		"tab":            {"name: x\n\twait: 1s\n", ":2:"},
		"aliases":        {"levels: &a [1]\nx: [" + strings.Repeat("*a, ", 2000) + "*a]\n", "aliases"},
		"too large":      {"name: " + strings.Repeat("x", maxBytes), "bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			var into sample
			err := Parse([]byte(c.yaml), &into)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want it to hold %q", err, c.want)
			}
		})
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	if err := Load("no-such-file.yaml", &sample{}); err == nil || !strings.Contains(err.Error(), "no-such-file.yaml") {
		t.Errorf("got %v", err)
	}
}
