package nomadtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// agent is one Nomad process.
type agent struct {
	program, config, log, mark string
	process                    *os.Process // nil while it does not run
	ended                      chan struct{}
}

// Run starts an agent, as after it was killed.
func (c *Cluster) Run(t testing.TB, name string) {
	t.Helper()
	a := c.agents[name]
	started := make(chan error)
	a.ended = make(chan struct{})
	go a.run(started)
	if err := <-started; err != nil {
		t.Fatalf("start Nomad %s: %v", name, err)
	}
}

// run starts the process and waits for its end. It dies with the thread that started it, and so with the test.
func (a *agent) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(a.ended)
	log, err := os.OpenFile(a.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		started <- err
		return
	}
	defer log.Close()
	cmd := exec.Command(a.program, "agent", "-config", a.config)
	cmd.Stdout, cmd.Stderr, cmd.Env = log, log, append(os.Environ(), a.mark)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		started <- err
		return
	}
	a.process = cmd.Process
	started <- nil
	_ = cmd.Wait()
}

// Kill ends an agent as a power cut does; what it started lives on.
func (c *Cluster) Kill(t testing.TB, name string) {
	t.Helper()
	if err := c.agents[name].stop(syscall.SIGKILL); err != nil {
		t.Fatalf("kill Nomad %s: %v", name, err)
	}
}

// stop sends a signal and waits for the end.
func (a *agent) stop(signal syscall.Signal) error {
	if a.process == nil {
		return nil
	}
	if err := a.process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-a.ended:
		a.process = nil
		return nil
	case <-time.After(10 * time.Second):
		return fmt.Errorf("process %d does not end on %v", a.process.Pid, signal)
	}
}
