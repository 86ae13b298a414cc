// Package nomadtest runs real Nomad in tests: a server and its clients, each on a loopback address of its own.
package nomadtest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"bowecho/internal/realdata"
)

// binary gives the agent's path, and builds it at the first use. A user who may not run workers as others skips the
// test; where the agent cannot be built it is skipped, too, but fails under CI=true.
func binary(t testing.TB) string {
	t.Helper()
	if user := os.Geteuid(); user != 0 {
		t.Skipf("the exec driver needs root, and this is user %d", user)
	}
	cmd := exec.Command(filepath.Join(realdata.Repository(t), "deploy", "nomad", "build.sh")) // no time, where it lies already
	cmd.Stderr = os.Stderr
	path, err := cmd.Output()
	if err != nil {
		notHere(t, "no Nomad agent: deploy/nomad/build.sh: %v", err)
	}
	return string(bytes.TrimSpace(path))
}

// Closure makes a folder of a program and the libraries that it is linked with: what the exec driver shows a worker
// instead of the machine's own files. The program lies at its base name.
func Closure(t testing.TB, program string) (root string) {
	t.Helper()
	root = filepath.Join(t.TempDir(), "root")
	if out, err := exec.Command(filepath.Join(realdata.Repository(t), "deploy", "image", "root.sh"), program, root).CombinedOutput(); err != nil {
		t.Fatalf("make a root of %s: %v: %s", program, err, out)
	}
	return root
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
