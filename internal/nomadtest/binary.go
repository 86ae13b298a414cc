// Package nomadtest runs real Nomad in tests: a server and its clients, each on a loopback address of its own.
package nomadtest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// build is asked once in each test binary; where the agent lies already, that takes no time.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for !exists(filepath.Join(dir, "deploy", "nomad", "build.sh")) && dir != "/" {
		dir = filepath.Dir(dir)
	}
	cmd := exec.Command(filepath.Join(dir, "deploy", "nomad", "build.sh"))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	return string(bytes.TrimSpace(out)), err
})

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// binary gives the agent's path, and builds it at the first use. A user who may not run workers as others skips the
// test; where the agent cannot be built it is skipped, too, but fails under CI=true.
func binary(t testing.TB) string {
	t.Helper()
	if user := os.Geteuid(); user != 0 {
		t.Skipf("the exec driver needs root, and this is user %d", user)
	}
	path, err := build()
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") == "true":
		t.Fatalf("no Nomad agent: deploy/nomad/build.sh: %v", err)
	default:
		t.Skipf("no Nomad agent: deploy/nomad/build.sh: %v", err)
	}
	return ""
}

// Closure copies a program and the libraries that it is linked with to a folder of its own, at the paths where it looks
// for them: what the exec driver shows a worker instead of the machine's own files. The program lies at its base name.
func Closure(t testing.TB, program string) (root string) {
	t.Helper()
	root = filepath.Join(t.TempDir(), "root")
	out, err := exec.Command("ldd", program).Output()
	if err != nil {
		t.Fatalf("list the libraries of %s: %v", program, err)
	}
	copyFile(t, program, filepath.Join(root, filepath.Base(program)))
	for word := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(word, "/") {
			copyFile(t, word, filepath.Join(root, word))
		}
	}
	writeFile(t, filepath.Join(root, "etc", "passwd"), "root:x:0:0::/:\nnobody:x:65534:65534::/:\n")
	writeFile(t, filepath.Join(root, "etc", "group"), "root:x:0:\nnogroup:x:65534:\n")
	return root
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	if out, err := exec.Command("install", "-D", "-m", "755", from, to).CombinedOutput(); err != nil {
		t.Fatalf("copy %s: %v: %s", from, err, out)
	}
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
