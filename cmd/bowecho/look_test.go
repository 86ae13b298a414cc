package main

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/explain"
	"bowecho/internal/portal/board"

	"golang.org/x/sys/unix"
)

// TestLooksFromOutside asks a system that runs, without a portal of its own, and then the same one after it has ended.
func TestLooksFromOutside(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	config := writeFile(t, t.TempDir(), "c.yaml", []byte(`
domains: [{name: dfw, center: [-96.9942, 32.6487], rows: 141, cols: 141, cell_size_m: 2000}]
clouds: [{name: here, price_per_hour: 36, local: {}}]
dispatcher: {budget: {limit: 0.05, period: month}}
`))
	p := start(t, "run", "-c", config, "--data", data, "--source", "simulated", "--listen", "none", "--quiet")
	spending := func() (s event.Spending) {
		out, code, _ := output(t, "budget", "-c", config, "--data", data, "--json")
		if code == 0 {
			decode(t, out, &s)
		}
		return s
	}
	await(t, "the budget is spent", func() bool { return len(spending().Refused) == 2 })
	for _, c := range []struct{ args, want string }{
		{"budget", "BUDGET SPENT: nothing is ordered of picture, probability"},
		{"top --once", "nothing is ordered of picture, probability"},
		{"explain", "only essential chains are ordered"},
		{"explain budget all", "What led to it"},
		{"explain trigger storm", "regime  "},
		{"explain scaling mosaic", "Chain mosaic shall have"},
		{"explain order mosaic", "from file"},
	} {
		out, code, stderr := output(t, append(strings.Fields(c.args), "-c", config, "--data", data)...)
		if code != 0 || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: exit code %d, %s%s; want it to hold %q", c.args, code, out, stderr, c.want)
		}
	}
	pressQ(t, "top", "-c", config, "--data", data)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, tail(p.stderr.Bytes()))
	}

	var order *event.Decision
	out, _, _ := output(t, "explain", "-c", config, "--data", data, "--kind", "order", "--json")
	var list []*event.Decision
	decode(t, out, &list)
	for _, d := range list {
		if d.Subj == "contour" {
			order = d
		}
	}
	if order == nil {
		t.Fatal("no areas were ordered")
	}
	out, _, _ = output(t, "explain", "order", order.Value[:10], "-c", config, "--data", data, "--json")
	var x explain.Explanation
	decode(t, out, &x)
	if x.State != explain.Done || !strings.Contains(x.Text(), ".netcdf") {
		t.Errorf("of an order of areas: %s, want it done, and the files that it goes back to", x.Text())
	}
	out, _, _ = output(t, "top", "-c", config, "--data", data, "--json")
	var state board.State
	decode(t, out, &state)
	if state.Spending == nil || len(state.Spending.Rows) == 0 {
		t.Fatalf("the state knows of no spending: %s", out)
	}
	for _, row := range state.Spending.Rows {
		if row.Workers != 0 {
			t.Errorf("after the end %d workers of %s are told of", row.Workers, row.Chain)
		}
	}
}

func decode(t *testing.T, data []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
}

func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	give := time.After(4 * time.Minute)
	for !holds() {
		select {
		case <-tick.C:
		case <-give:
			t.Fatalf("not after 4 minutes: %s", what)
		}
	}
}

func TestNobodyToAsk(t *testing.T) {
	nowhere := writeFile(t, t.TempDir(), "c.yaml", []byte("data: /nowhere/at/all\nportal: {listen: 127.0.0.1:1}"))
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"top -c " + nowhere, exitFailed, "start bowecho, or say where it is"},
		{"budget --portal http://127.0.0.1:1", exitFailed, "ask bowecho"},
		{"budget --data /nowhere/at/all", exitUsage, "no such file"},
		{"budget --data x --portal http://127.0.0.1:1", exitUsage, "want one"},
		{"explain a b c", exitUsage, "at most 2"},
	} {
		_, code, stderr := output(t, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit code %d, %q; want %d and %q", c.args, code, stderr, c.code, c.want)
		}
	}
}

// pressQ runs a command in a terminal, waits until it has drawn, and presses q.
func pressQ(t *testing.T, args ...string) {
	t.Helper()
	terminal, tty := pseudoTerminal(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = programEnv(t), tty, tty, tty
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = tty.Close()
	var shown strings.Builder
	buffer := make([]byte, 1<<16)
	for pressed := false; ; {
		n, err := terminal.Read(buffer)
		shown.Write(buffer[:n])
		if err != nil {
			break // the other side has ended
		}
		if !pressed && strings.Contains(shown.String(), "DECISIONS") {
			pressed = true
			if _, err := io.WriteString(terminal, "q"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v: %v\n%s", args, err, shown.String())
	}
	if text := shown.String(); !strings.HasPrefix(text, enter) || !strings.HasSuffix(text, leave) || !strings.Contains(text, "\x1b[1mWEATHER") {
		t.Errorf("the terminal was shown %q, want a screen of its own with the weather, and the old one again", text)
	}
}

// pseudoTerminal gives both sides of one.
func pseudoTerminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ours.Close() })
	fd := int(ours.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 120}); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err = os.OpenFile(filepath.Join("/dev/pts", strconv.Itoa(number)), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}
