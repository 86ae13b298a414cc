package ingest_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"bowecho/ingest"
)

// TestRecordedWarnings reads lists of a feed in the wrong order of names, of which the later has one warning no longer.
func TestRecordedWarnings(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nws")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"2.json": listing(0, "a", "b").Data, "1.json": listing(5, "b", "c").Data, "3.json": listing(9, "b", "c").Data, "torn.json": listing(7, "d").Data[:200],
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r, err := ingest.Recorded(t.Context(), filepath.Dir(dir), func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range r.Warnings {
		if err := w.Validate(); err != nil || w.Feed != "nws" {
			t.Errorf("warning %s of feed %q: %v", w.ID, w.Feed, err)
		}
		sign := "+"
		if !w.Ended.IsZero() {
			sign = "-"
		}
		got = append(got, sign+w.ID)
	}
	if want := []string{"+a", "+b", "+c", "-a"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(r.Not) != 1 || filepath.Base(r.Not[0].File) != "torn.json" || len(r.Scans) != 0 {
		t.Errorf("not read: %+v, %d scans; want the torn file only", r.Not, len(r.Scans))
	}
}
