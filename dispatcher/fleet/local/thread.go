package local

import (
	"os/exec"
	"runtime"
)

// onOneThread starts a child and waits for it on one thread: its death signal is sent when the thread that started it
// ends, not the process.
func onOneThread(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Wait()
}
