package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// programEnv makes the test binary be the program, and its race detector, where there is one, write what it finds to
// files, so that the races of its workers are seen, too.
func programEnv(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() {
		files, err := filepath.Glob(filepath.Join(dir, "race.*"))
		if err != nil {
			t.Error(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Error(err)
			}
			judgeRaces(t, string(text))
		}
	})
	return append(os.Environ(), "GORACE=exitcode=0 log_path="+filepath.Join(dir, "race"))
}

func judgeRaces(t *testing.T, text string) {
	t.Helper()
	for report := range strings.SplitSeq(text, "WARNING: DATA RACE") {
		switch {
		case strings.TrimSpace(strings.Trim(report, "=\n")) == "":
		case oursAreIn(report):
			t.Errorf("data race:%s", report)
		default:
			t.Logf("data race in a library alone:%s", report)
		}
	}
}

// oursAreIn tells whether code of this module is in one of the two accesses of a race. That it once made a goroutine,
// or allocated while the garbage collector made one, does not make it part of the race: the embedded server hands
// buffers on when the collector has found them, an order that the detector does not see.
func oursAreIn(report string) bool {
	for stack := range strings.SplitSeq(report, "\n\n") {
		what, frames, _ := strings.Cut(strings.TrimSpace(stack), "\n")
		access := strings.Contains(what, "ead at 0x") || strings.Contains(what, "rite at 0x")
		if access && strings.Contains(frames, "bowecho/") {
			return true
		}
	}
	return false
}

// TestRacesAreJudgedByTheirAccesses holds that a race of ours is never taken for one of a library.
func TestRacesAreJudgedByTheirAccesses(t *testing.T) {
	const made = "\n\nGoroutine 7 (running) created at:\n  bowecho/dispatcher.New()\n      /x.go:1 +0x1\n"
	for report, want := range map[string]bool{
		"\nRead at 0x00c0 by goroutine 7:\n  other/lib.Read()\n      /x.go:1 +0x1\n\nPrevious write at 0x00c0 by main goroutine:\n  bowecho/dispatcher.New()\n      /x.go:1 +0x1" + made:            true,
		"\nWrite at 0x00c0 by goroutine 7:\n  bowecho/ingest.(*Service).Run()\n      /x.go:1 +0x1\n\nPrevious atomic read at 0x00c0 by goroutine 9:\n  other/lib.Read()\n      /x.go:1 +0x1" + made: true,
		"\nRead at 0x00c0 by goroutine 7:\n  other/lib.Read()\n      /x.go:1 +0x1\n\nPrevious write at 0x00c0 by goroutine 8:\n  other/lib.Write()\n      /x.go:1 +0x1" + made:                      false,
	} {
		if got := oursAreIn(report); got != want {
			t.Errorf("got %v for%s", got, report)
		}
	}
}
