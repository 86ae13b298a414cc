package main

import (
	"encoding/json"
	"strings"
	"testing"

	"bowecho/internal/event"

	"github.com/google/go-cmp/cmp"
)

func TestFleetChainsCommand(t *testing.T) {
	tree, code, stderr := output(t, "fleet", "chains")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	lines := strings.Split(string(tree), "\n")
	for i, want := range []string{"CHAIN ", "mosaic ", "├─ nowcast ", "│  ├─ contour ", "│  └─ picture ", "└─ probability "} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d of\n%s\nwant it to begin with %q", i+1, tree, want)
		}
	}
	for _, want := range []string{"scan, one each 1m", "areas.reflectivity", "1m30s", "20 a domain", "storm", "no trigger"} {
		if !strings.Contains(string(tree), want) {
			t.Errorf("%q is missing in\n%s", want, tree)
		}
	}
	text, code, _ := output(t, "fleet", "chains", "--json")
	var steps []event.Step
	if err := json.Unmarshal(text, &steps); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v: %s", code, err, text)
	}
	if diff := cmp.Diff(defaultConfig().Dispatcher.Steps(), steps); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	dot, code, _ := output(t, "fleet", "chains", "--dot")
	for _, want := range []string{`"scan" -> "chain mosaic"`, `"chain mosaic" -> "chain nowcast" [label="grid.mosaic"]`, `"chain contour" -> "areas.reflectivity"`} {
		if code != 0 || !strings.Contains(string(dot), want) {
			t.Errorf("exit code %d, %q is missing in\n%s", code, want, dot)
		}
	}
	if _, code, _ := output(t, "fleet", "chains", "--dot", "--json"); code != exitUsage {
		t.Errorf("both forms at once: exit code %d, want %d", code, exitUsage)
	}
}
