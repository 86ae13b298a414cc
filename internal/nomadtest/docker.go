package nomadtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Docker is a docker daemon, and the image of what workers run.
type Docker struct{ Endpoint, Image string }

// StartDocker runs a daemon of its own until the test ends, without networks, and makes an image of a folder whose
// program is started with some environment. Where no daemon is installed or can run, the test is skipped.
func StartDocker(t testing.TB, root, program, environment string) *Docker {
	t.Helper()
	path, err := exec.LookPath("dockerd")
	if err != nil {
		t.Skip("no docker daemon on this machine: ", err)
	}
	dir, err := os.MkdirTemp("", "docker-")
	if err != nil {
		t.Fatal(err)
	}
	d := &Docker{"unix://" + filepath.Join(dir, "docker.sock"), "bowecho:test"}
	daemon := exec.Command(path, "--data-root", filepath.Join(dir, "data"), "--exec-root", filepath.Join(dir, "exec"),
		"--pidfile", filepath.Join(dir, "docker.pid"), "--host", d.Endpoint, "--bridge", "none", "--iptables=false", "--ip-forward=false")
	if err := daemon.Start(); err != nil {
		t.Skip("the docker daemon cannot run here: ", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	t.Cleanup(func() { stopDocker(t, daemon.Process, ended, dir) })
	if err := d.await(ended); err != nil {
		t.Skip("the docker daemon cannot run here: ", err)
	}
	command := fmt.Sprintf("tar -C %q -c . | docker -H %s import --change 'ENTRYPOINT [%q]' --change 'ENV %s' - %s", root, d.Endpoint, program, environment, d.Image)
	if out, err := exec.Command("bash", "-o", "pipefail", "-c", command).CombinedOutput(); err != nil {
		t.Fatalf("make an image of %s: %v: %s", root, err, out)
	}
	return d
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
	if d == nil {
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
