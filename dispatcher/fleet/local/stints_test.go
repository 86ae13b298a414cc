package local

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"bowecho/dispatcher/fleet/fleettest"
)

func TestStintsConform(t *testing.T) {
	f := newFleet("steady", t.TempDir())
	start(t, f)
	fleettest.ConformStints(t, f)
}

// TestStintsAreTheProcessesOwnTimes compares with what the kernel says of their start.
func TestStintsAreTheProcessesOwnTimes(t *testing.T) {
	notes := t.TempDir()
	f := newFleet("steady", notes)
	start(t, f)
	scale(t, f, "nowcast", 3)
	eventually(t, "three workers have noted themselves", func() bool { return len(noted(t, notes)) == 3 })
	began := map[int]time.Time{}
	for _, id := range noted(t, notes) {
		began[id] = startOf(t, id)
	}
	list, err := f.Stints(t.Context())
	if err != nil || len(list) != 3 {
		t.Fatalf("stints %+v, %v; want three", list, err)
	}
	for _, s := range list {
		pid, _, _ := strings.Cut(s.Worker, "-")
		id, err := strconv.Atoi(pid)
		if err != nil {
			t.Fatal(err)
		}
		if off := s.Started.Sub(began[id]).Seconds(); math.Abs(off) > 0.05 {
			t.Errorf("process %d began %.3f s before its stint", id, off)
		}
	}
}

// startOf gives when a process began, from /proc: in ticks since the machine's start, to a hundredth of a second.
func startOf(t *testing.T, id int) time.Time {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := bytes.Cut(stat, []byte(") "))
	ticks, err := strconv.ParseInt(strings.Fields(string(after))[19], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	perSecond, err := exec.Command("getconf", "CLK_TCK").Output()
	if err != nil {
		t.Fatal(err)
	}
	hz, err := strconv.ParseInt(strings.TrimSpace(string(perSecond)), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	uptime, err := os.ReadFile("/proc/uptime")
	if err != nil {
		t.Fatal(err)
	}
	up, err := strconv.ParseFloat(strings.Fields(string(uptime))[0], 64)
	if err != nil {
		t.Fatal(err)
	}
	since := up - float64(ticks)/float64(hz)
	return time.Now().Add(-time.Duration(since * float64(time.Second)))
}
