package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bowecho/internal/mistake"
)

type rules struct {
	Rules []struct {
		Name string `yaml:"name"`
		When string `yaml:"when"`
	} `yaml:"rules"`
	Scaling struct {
		Max int `yaml:"max"`
	} `yaml:"scaling"`
}

func load(t *testing.T, text string, into any, checks ...func() error) (path string, err error) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path, Load(path, into, checks...)
}

// TestPlaceInAValue finds the word "wrong" in a value, however it is written.
func TestPlaceInAValue(t *testing.T) {
	for name, text := range map[string]string{
		"plain":            "rules:\n  - name: a\n    when: one && wrong > 1\n",
		"plain, long":      "rules:\n  - name: a\n    when: one &&\n      two &&\n        wrong > 1\n",
		"single quotes":    "rules:\n  - {name: a, when: 'one == ''x'' && wrong > 1'}\n",
		"double quotes":    "rules:\n  - {name: a, when: \"one == \\\"x\\\" && wrong > 1\"}\n",
		"quotes, 2 lines":  "rules:\n  - {name: a, when: \"one == \\\"x\\\" &&\n     wrong > 1\"}\n",
		"block":            "rules:\n  - name: a\n    when: |\n      one &&\n        wrong > 1\n",
		"block, kept":      "rules:\n  - name: a\n    when: |+ # as it stands\n\n      one &&\n\n        wrong > 1\n\n",
		"folded":           "rules:\n  - name: a\n    when: >-\n      one &&\n      two && wrong > 1\n",
		"folded, indented": "rules:\n  - name: a\n    when: >\n      one &&\n\n        two && wrong > 1\n",
		"letters beyond":   "rules:\n  - {name: a, when: 'one == \"Zürich\" && wrong > 1'}\n",
		"an anchor":        "rules:\n  - name: a\n    when: &w one && wrong > 1\n",
		"the last word":    "rules:\n  - name: a\n    when: one && wrong\n",
	} {
		var into rules
		path, err := load(t, text, &into, func() error {
			line, column := placeOf(into.Rules[0].When, "wrong")
			return &mistake.Mistake{Path: "rules[0].when", Line: line, Column: column, Text: "no such name"}
		})
		line, column := placeOf(text, "wrong")
		f := Faults(err)
		if len(f) != 1 || f[0].File != path || f[0].Line != line || f[0].Column != column || f[0].Err.Error() != "no such name" {
			t.Errorf("%s: %v, want line %d, column %d", name, err, line, column)
		}
	}
}

// placeOf gives the line and column of a word, from 1.
func placeOf(text, word string) (line, column int) {
	before, _, _ := strings.Cut(text, word)
	last := before[strings.LastIndex(before, "\n")+1:]
	return 1 + strings.Count(before, "\n"), 1 + len([]rune(last))
}

func TestPlaceOfAKey(t *testing.T) {
	text := "scaling: {max: 0}\nrules:\n  - name: storm\n    when: x\n  - name: hail\n    when:\n      x\n"
	for path, want := range map[string]string{
		"scaling.max is 0, want 1":        ":1:16: scaling.max is 0",
		"scaling.cooldown is 0s":          ":1:1: scaling.cooldown", // which is not in the file
		"rules.hail: when is x, want y":   ":7:7: rules.hail",
		"rules[1]: name is hail, not hay": ":5:11: rules[1]",
		"portal.listen is :80":            ".yaml: portal.listen",
		"there is no weather":             ".yaml: there is no weather",
	} {
		var into rules
		_, err := load(t, text, &into, func() error { return errors.New(path) })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want it to hold %q", path, err, want)
		}
	}
}

func TestAllFaultsInTheOrderOfTheFile(t *testing.T) {
	_, err := load(t, "rules:\n  - nam: storm\n    wen: x\nscalin: {}\n", &rules{})
	want := []string{
		`:2:5: unknown field "nam"; did you mean "name"?`, `:3:5: unknown field "wen"; did you mean "when"?`,
		`:4:1: unknown field "scalin"; did you mean "scaling"?`,
	}
	got := Faults(err)
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", err, want)
	}
	for i, f := range got {
		if !strings.HasSuffix(f.Error(), want[i]) {
			t.Errorf("got %v, want %s", f, want[i])
		}
	}
	_, err = load(t, "scaling: {most: 1}\n", &rules{})
	if err == nil || !strings.Contains(err.Error(), "want one of max") {
		t.Errorf("got %v, want it to list the keys that there are", err)
	}
}
