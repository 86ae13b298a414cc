package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"bowecho/ingest"
	"bowecho/internal/report"
)

// asProgram makes the test binary be the program itself, so that tests drive real processes and real workers.
const asProgram = "BOWECHO_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	addBurn()
	if os.Getenv(asProgram) != "" || len(os.Args) > 1 && os.Args[1] == ingest.DecodeHDF5 {
		main()
		os.Exit(0)
	}
	if err := os.Setenv(asProgram, "1"); err != nil { // for whatever tests start, and what Nomad starts for them
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(storedStorm.dir)
	os.Exit(code)
}

// program is a run of bowecho.
type program struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer
}

func start(t *testing.T, args ...string) *program {
	t.Helper()
	return startFile(t, os.Args[0], args...)
}

// startFile starts a program that need not be the test's own.
func startFile(t *testing.T, path string, args ...string) *program {
	t.Helper()
	p := &program{cmd: exec.CommandContext(t.Context(), path, args...)}
	p.cmd.Env = programEnv(t)
	p.cmd.Stderr = &p.stderr
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 20 * time.Second
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// run gives the output of a run that must succeed.
func run(t *testing.T, args ...string) {
	t.Helper()
	p := start(t, args...)
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("bowecho %v: %v\n%s", args, err, tail(p.stderr.Bytes()))
	}
}

// output gives what a run prints, its exit code and what it says on stderr.
func output(t *testing.T, args ...string) (stdout []byte, code int, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute) // only for what hangs: the race detector makes it slow
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = programEnv(t)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	stdout, err := cmd.Output()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return stdout, cmd.ProcessState.ExitCode(), errs.String()
}

func tail(b []byte) []byte { return b[max(0, len(b)-4000):] }

func readReport(t *testing.T, path string) *report.Report {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r report.Report
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return &r
}

// writeFile writes a file below a directory and gives its path.
func writeFile(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
