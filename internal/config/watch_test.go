package config

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWatch changes a file in the ways in which editors and platforms do.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "c.yaml"), filepath.Join(dir, "other.yaml")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(path, "0")
	w, err := NewWatcher(path)
	if err != nil {
		t.Fatal(err)
	}
	told, ended := make(chan string), make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	go func() { ended <- w.Run(ctx, func() { told <- string(w.before) }) }()
	for _, c := range []struct {
		want   string
		change func()
	}{
		{"1", func() { write(path, "0"); write(path, "1") }},
		{"2", func() { write(other, "x"); write(path, "1"); write(path, "2") }}, // another file, and the same content
		{"3", func() {
			write(other, "3")
			if err := os.Rename(other, path); err != nil {
				t.Error(err)
			}
		}},
		{"4", func() {
			_ = os.Remove(path)
			write(path, "4")
		}},
	} {
		c.change()
		if got := <-told; got != c.want {
			t.Errorf("told of %q, want %q", got, c.want)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := NewWatcher(filepath.Join(dir, "none")); err == nil {
		t.Error("a file that is not there is watched")
	}
}

// TestWatchThroughALink swaps the link to a folder, as Kubernetes does with config maps.
func TestWatchThroughALink(t *testing.T) {
	dir := t.TempDir()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, version := range []string{"a", "b"} {
		check(os.Mkdir(filepath.Join(dir, version), 0o755))
		check(os.WriteFile(filepath.Join(dir, version, "c.yaml"), []byte(version), 0o644))
	}
	check(os.Symlink("a", filepath.Join(dir, "..data")))
	check(os.Symlink("..data/c.yaml", filepath.Join(dir, "c.yaml")))
	w, err := NewWatcher(filepath.Join(dir, "c.yaml"))
	check(err)
	defer w.Close()
	check(os.Symlink("b", filepath.Join(dir, "..new")))
	check(os.Rename(filepath.Join(dir, "..new"), filepath.Join(dir, "..data")))
	check(w.next())
	data, err := os.ReadFile(filepath.Join(dir, "c.yaml"))
	check(err)
	if string(data) != "b" {
		t.Errorf("read %q, want that of the new folder", data)
	}
}

func TestChanges(t *testing.T) {
	type element struct {
		Name string `yaml:"name"`
		When string `yaml:"when"`
	}
	type Inner struct {
		Max int `yaml:"max"`
	}
	type all struct {
		Inner    `yaml:",inline"`
		Triggers []element        `yaml:"triggers"`
		Chains   map[string]Inner `yaml:"chains"`
		Levels   []float64        `yaml:"levels"`
		Floor    *int             `yaml:"floor"`
		Scaling  Inner            `yaml:"scaling"`
	}
	before := all{Triggers: []element{{"a", "x"}, {"b", "y"}}, Chains: map[string]Inner{"m": {1}, "n": {2}}, Levels: []float64{1}}
	after := all{Triggers: []element{{"c", "z"}, {"b", "z"}}, Chains: map[string]Inner{"m": {3}, "o": {2}}, Levels: []float64{1, 2},
		Floor: new(2), Scaling: Inner{5}}
	want := []string{"chains.m.max", "chains.n", "chains.o", "floor", "levels", "scaling.max", "triggers.a", "triggers.b.when", "triggers.c"}
	if diff := cmp.Diff(want, Changes(before, after)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	swapped := all{Triggers: []element{{"b", "y"}, {"a", "x"}}}
	if got := Changes(all{Triggers: before.Triggers}, swapped); len(got) != 1 || got[0] != "triggers" {
		t.Errorf("another order: %v, want triggers", got)
	}
	if got := Changes(before, before); len(got) != 0 {
		t.Errorf("nothing changed, and yet %v", got)
	}
}
