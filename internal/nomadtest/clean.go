package nomadtest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/nomad/api"
)

// mark is in the environment of all that the agents start.
func (c *Cluster) mark() string { return "NOMADTEST_DIR=" + c.dir }

// clean stops all workers and agents, ends what they left by its process id, and removes their mounts and files.
func (c *Cluster) clean(t testing.TB) {
	if t.Failed() {
		c.showLogs(t)
	}
	if c.API != nil && c.agents[Server].process != nil {
		c.stopJobs(t)
	}
	for name, a := range c.agents {
		if err := a.stop(syscall.SIGTERM); err != nil {
			t.Error(name, err, a.stop(syscall.SIGKILL))
		}
	}
	for _, id := range c.left(t) {
		_ = syscall.Kill(id, syscall.SIGKILL)
	}
	unmount(t, c.dir)
	removeGroups(t)
	if err := os.RemoveAll(c.dir); err != nil {
		t.Error(err)
	}
}

func (c *Cluster) showLogs(t testing.TB) {
	for name, a := range c.agents {
		if text, err := os.ReadFile(a.log); err == nil {
			t.Logf("Nomad %s:\n%s", name, text[max(0, len(text)-3000):])
		}
	}
}

// stopJobs stops all jobs, waits a little for their workers, and lets the clients forget them, with their mounts.
func (c *Cluster) stopJobs(t testing.TB) {
	regions, err := c.API.Regions().List()
	if err != nil {
		t.Log(err)
	}
	for _, region := range regions {
		jobs, _, err := c.API.Jobs().List(&api.QueryOptions{Region: region})
		if err != nil {
			t.Log(err)
		}
		for _, job := range jobs {
			if _, _, err := c.API.Jobs().Deregister(job.ID, true, &api.WriteOptions{Region: region}); err != nil {
				t.Log(err)
			}
		}
	}
	for give := time.Now().Add(5 * time.Second); time.Now().Before(give) && len(c.having(t, c.mark(), "NOMAD_TASK_NAME=work")) > 0; {
		time.Sleep(100 * time.Millisecond)
	}
	for _, region := range regions {
		c.collect(t, region)
	}
}

// collect lets the clients of a region that run forget all workers that have ended.
func (c *Cluster) collect(t testing.TB, region string) {
	nodes, _, err := c.API.Nodes().List(&api.QueryOptions{Region: region})
	if err != nil {
		t.Log(err)
	}
	for _, n := range nodes {
		if n.Status != api.NodeStatusReady {
			continue
		}
		if err := c.API.Nodes().GC(n.ID, &api.QueryOptions{Region: region}); err != nil && !errors.Is(err, io.EOF) { // the answer is empty
			t.Log(err)
		}
	}
}

// left gives the process ids of all that the agents started and that still runs, without the agents.
func (c *Cluster) left(t testing.TB) []int { return c.having(t, c.mark()) }

// Workers gives the process ids of the workers in a datacenter that still run, also of those whose client does not.
func (c *Cluster) Workers(t testing.TB, datacenter string) []int {
	return c.having(t, c.mark(), "NOMAD_DC="+datacenter)
}

// having gives the process ids of those whose environment has all of some variables.
func (c *Cluster) having(t testing.TB, variables ...string) (ids []int) {
	entries, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Error(err)
	}
	for _, path := range entries {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		environ := strings.Split(string(text), "\x00")
		lacks := func(v string) bool { return !slices.Contains(environ, v) }
		if id, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && !slices.ContainsFunc(variables, lacks) && !c.isAgent(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (c *Cluster) isAgent(id int) bool {
	for _, a := range c.agents {
		if a.process != nil && a.process.Pid == id {
			return true
		}
	}
	return false
}

// unmount lets go of what is mounted below a folder, the innermost first.
func unmount(t testing.TB, dir string) {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Error(err)
	}
	var ours []string
	for line := range strings.Lines(string(mounts)) {
		if path := strings.Fields(line)[1]; strings.HasPrefix(path, dir+"/") {
			ours = append(ours, path)
		}
	}
	slices.Sort(ours)
	for _, path := range slices.Backward(ours) {
		if err := syscall.Unmount(path, syscall.MNT_DETACH); err != nil {
			t.Error(fmt.Errorf("unmount %s: %w", path, err))
		}
	}
}

// removeGroups removes the control groups that the clients made for their processors, the innermost first.
func removeGroups(t testing.TB) {
	for _, pattern := range []string{"/sys/fs/cgroup/cpuset%s/*", "/sys/fs/cgroup/cpuset%s"} {
		paths, err := filepath.Glob(fmt.Sprintf(pattern, controlGroup()))
		if err != nil {
			t.Error(err)
		}
		for _, path := range paths {
			_ = os.Remove(path) // what is a file in it goes with it
		}
	}
}
