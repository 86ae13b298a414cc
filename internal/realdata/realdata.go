// Package realdata finds the real radar data and reference results that tests use where a machine has them.
package realdata

import (
	"os"
	"path/filepath"
	"testing"
)

// Path gives the path of a file or folder of the data, "data/…" or "tools/…". Where the machine does not have it the
// test is skipped; under CI=true it fails instead.
func Path(t testing.TB, elements ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{Repository(t), "..", "shared"}, elements...)...)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI needs the real data: %v", err)
		}
		t.Skipf("no real data on this machine: %v", err)
	}
	return path
}

// Repository gives the folder that holds go.mod.
func Repository(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = up
	}
}
