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

// binary gives the agent's path, and builds it at the first use. Where that fails, or the user may not run workers as
// others, the test is skipped; under CI=true it fails.
func binary(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err == nil && os.Geteuid() == 0 {
		return path
	}
	give := t.Skipf
	if os.Getenv("CI") == "true" {
		give = t.Fatalf
	}
	if err != nil {
		give("no Nomad agent: deploy/nomad/build.sh: %v", err)
	}
	give("the exec driver needs root, and this is user %d", os.Geteuid())
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
