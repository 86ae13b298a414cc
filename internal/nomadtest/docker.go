package nomadtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Docker is a docker daemon, or why there is none.
type Docker struct {
	Endpoint string
	lacking  error
}

// StartDocker runs a daemon of its own until the test ends, without networks. Where none is installed or can run, the
// test is skipped, but fails under CI=true.
func StartDocker(t testing.TB) *Docker {
	t.Helper()
	d := TryDocker(t)
	d.Need(t)
	return d
}

// Need skips a test where the daemon could not be run; under CI=true it fails.
func (d *Docker) Need(t testing.TB) {
	t.Helper()
	if d.lacking != nil {
		notHere(t, "no docker daemon: %v", d.lacking)
	}
}

// TryDocker is StartDocker for tests that can do something without.
func TryDocker(t testing.TB) *Docker {
	t.Helper()
	path, err := exec.LookPath("dockerd")
	if err != nil {
		return &Docker{lacking: fmt.Errorf("install docker.io: %w", err)}
	}
	dir, err := os.MkdirTemp("", "docker-")
	if err != nil {
		t.Fatal(err)
	}
	d := &Docker{Endpoint: "unix://" + filepath.Join(dir, "docker.sock")}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	daemon := exec.Command(path, "--data-root", filepath.Join(dir, "data"), "--exec-root", filepath.Join(dir, "exec"),
		"--pidfile", filepath.Join(dir, "docker.pid"), "--host", d.Endpoint, "--bridge", "none", "--iptables=false", "--ip-forward=false")
	daemon.Stdout, daemon.Stderr = log, log
	if err := daemon.Start(); err != nil {
		return &Docker{lacking: err}
	}
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	t.Cleanup(func() { stopDocker(t, daemon.Process, ended, dir) })
	if err := d.await(ended); err != nil {
		said, _ := os.ReadFile(log.Name())
		d.lacking = fmt.Errorf("%w:\n%s", err, said[max(0, len(said)-1000):])
	}
	return d
}

// notHere skips a test for which this machine lacks something; under CI=true it fails.
func notHere(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Import makes an image of a folder whose program is started with some environment.
func (d *Docker) Import(t testing.TB, image, root, program, environment string) {
	t.Helper()
	d.shell(t, fmt.Sprintf("tar -C %q -c . | docker -H %s import --change 'ENTRYPOINT [%q]' --change 'ENV %s' - %s", root, d.Endpoint, program, environment, image))
}

// Load takes an image out of a file, as `make image` writes it.
func (d *Docker) Load(t testing.TB, file string) {
	t.Helper()
	d.Do(t, "load", "--input", file)
}

// Do runs docker with some arguments, and gives what it prints.
func (d *Docker) Do(t testing.TB, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("docker", append([]string{"-H", d.Endpoint}, args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("docker %v: %v: %s", args, err, said.Bytes())
	}
	return out
}

func (d *Docker) shell(t testing.TB, command string) {
	t.Helper()
	if out, err := exec.Command("bash", "-o", "pipefail", "-c", command).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", command, err, out)
	}
}

// await returns when the daemon answers, or has given up.
func (d *Docker) await(ended chan error) error {
	for give := time.Now().Add(patience); time.Now().Before(give); time.Sleep(100 * time.Millisecond) {
		if exec.Command("docker", "-H", d.Endpoint, "version").Run() == nil {
			return nil
		}
		select {
		case err := <-ended:
			ended <- err
			return fmt.Errorf("it ended with %w", err)
		default:
		}
	}
	return errors.New("it does not answer")
}

// stopDocker ends the daemon, and with it all containers, and removes what it kept.
func stopDocker(t testing.TB, daemon *os.Process, ended chan error, dir string) {
	_ = daemon.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Error("the docker daemon does not end", daemon.Kill())
	}
	unmount(t, dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Error(err)
	}
}

// config is the client's plugin. Nomad would otherwise remove the image, which cannot be pulled again, when it has not
// been used for a while.
func (d *Docker) config() string {
	if d == nil || d.Endpoint == "" {
		return ""
	}
	return fmt.Sprintf(`
plugin "docker" {
  config {
    endpoint = %q
    gc {
      image = false
      dangling_containers {
        enabled = false
      }
    }
  }
}
`, d.Endpoint)
}
