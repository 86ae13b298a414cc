package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/nomadtest"
	"bowecho/internal/radar"
	"bowecho/internal/report"
	"bowecho/internal/stream"

	"github.com/hashicorp/nomad/api"
)

func last[T any](list []T) (v T) {
	if len(list) > 0 {
		v = list[len(list)-1]
	}
	return v
}

// outside is bowecho with its workers in clouds: the cheap east, where they are isolated, and west.
type outside struct {
	*nomadClouds
	t       *testing.T
	client  *stream.Client
	args    []string
	program *program
	files   []string // of the storm, that have not been fed
	folder  string
	fed     int // minutes of the storm
}

const outsideConfig = `
nats: {url: %q}
portal: {listen: 127.0.0.1:0}
dispatcher:
  scaling: {max: 1, cooldown: 3s}
clouds:
  - name: west
    price_per_hour: 0.09
    nomad: {address: %[2]q, token_file: %[3]q, datacenters: [west], node_pool: cloud-b, job: ../../deploy/nomad/worker.raw_exec.nomad.hcl,
      variables: {program: %[4]q, cpu: "100", memory: "300"}}
  - name: east
    price_per_hour: 0.02
    limit: 20
    nomad: {address: %[2]q, token_file: %[3]q, datacenters: ["ea*"], node_pool: cloud-a, job: ../../deploy/nomad/worker.exec.nomad.hcl,
      variables: {cpu: "100", memory: "300"}}
`

// outside starts bowecho with a NATS server of its own, and no weather yet.
func (n *nomadClouds) outside(t *testing.T) *outside {
	t.Helper()
	o := &outside{nomadClouds: n, t: t, files: realFiles(t), folder: filepath.Join(t.TempDir(), "in")}
	if err := os.Mkdir(o.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() && o.program != nil {
			t.Logf("bowecho said\n%s", tail(o.program.stderr.Bytes()))
		}
	})
	var url string
	url, o.client = connect(t)
	config := smallConfig(t, fmt.Sprintf(outsideConfig, url, n.Address, n.token, n.program))
	o.args = []string{"run", "-c", config, "--data", t.TempDir(), "--source", "folder:" + o.folder}
	o.begin()
	return o
}

func (o *outside) begin() {
	o.t.Helper()
	o.program = startFile(o.t, o.nomadClouds.program, o.args...)
}

// feed gives the files of some minutes to where they are watched for.
func (o *outside) feed(minutes int) {
	o.t.Helper()
	for ; minutes > 0 && len(o.files) > 0; minutes-- {
		minute := clockOf(o.files[0])[:len("20170329-0710")]
		for len(o.files) > 0 && strings.HasPrefix(clockOf(o.files[0]), minute) {
			data, err := os.ReadFile(o.files[0])
			if err != nil {
				o.t.Fatal(err)
			}
			putFile(o.t, o.folder, filepath.Base(o.files[0]), data)
			o.files = o.files[1:]
		}
		o.fed++
	}
}

// clear feeds some minutes of clear air after the storm, as the radars that saw most of it would have seen it.
func (o *outside) clear(minutes int) {
	o.t.Helper()
	end, seen := time.Date(2017, 3, 29, 7, 50, 0, 0, time.UTC), map[string]*radar.Scan{}
	for _, file := range realFiles(o.t) {
		if name, _, _ := strings.Cut(filepath.Base(file), "-"); seen[name] == nil && name != "denton.tx" {
			seen[name] = realScan(o.t, file)
		}
	}
	for minute := range minutes {
		for name, scan := range seen {
			sweepFile(o.t, o.folder, scan, name, end.Add(time.Duration(minute)*time.Minute), true)
		}
	}
}

// workers waits until a cloud's workers that run and are to stay are as many as is said.
func (o *outside) workers(cloud, what string, holds func(n int) bool) {
	o.t.Helper()
	began := time.Now()
	nomadtest.Await(o.t, cloud+" has "+what, func() error {
		allocations, _, err := o.API.Allocations().List(nil)
		if err != nil {
			return err
		}
		n := 0
		for _, a := range allocations {
			if a.ClientStatus == api.AllocClientStatusRunning && a.DesiredStatus == api.AllocDesiredStatusRun && strings.HasPrefix(a.JobID, "bowecho-"+cloud+"-") {
				n++
			}
		}
		if !holds(n) {
			return fmt.Errorf("%d workers", n)
		}
		return nil
	})
	o.t.Logf("%s has %s workers after %v", cloud, what, time.Since(began).Round(10*time.Millisecond))
}

// served waits until all minutes but the newest, which may wait for other radars, have come out as areas.
func (o *outside) served(what string) report.Counts {
	o.t.Helper()
	began := time.Now()
	var c report.Counts
	nomadtest.Await(o.t, what, func() error {
		r, err := report.Build(o.t.Context(), o.client)
		if err != nil {
			return err
		}
		left, _, err := o.client.Backlog(o.t.Context())
		if c = r.Counts; err != nil || len(left) > 0 || c.Areas < o.fed-1 {
			return fmt.Errorf("%d areas of %d minutes, waiting %v, %v", c.Areas, o.fed, left, err)
		}
		return nil
	})
	o.t.Logf("%s: served after %v", what, time.Since(began).Round(10*time.Millisecond))
	return c
}

// ballast fills the east up to two workers, or gives its room back.
func (o *outside) ballast(count int) {
	o.t.Helper()
	job := api.NewServiceJob("ballast", "ballast", "global", 50)
	pool, cpu, memory := "cloud-a", 750, 16
	job.Datacenters, job.NodePool = []string{"east"}, &pool
	task := api.NewTask("sleep", "raw_exec").SetConfig("command", "/bin/sleep").SetConfig("args", []string{"600"})
	task.Resources = &api.Resources{CPU: &cpu, MemoryMB: &memory}
	job.AddTaskGroup(api.NewTaskGroup("sleep", count).AddTask(task))
	if _, _, err := o.API.Jobs().Register(job, nil); err != nil {
		o.t.Fatal(err)
	}
	nomadtest.Await(o.t, fmt.Sprintf("%d of ballast", count), func() error {
		list, _, err := o.API.Jobs().Allocations("ballast", false, nil)
		running := 0
		for _, a := range list {
			if a.ClientStatus == api.AllocClientStatusRunning {
				running++
			}
		}
		if err == nil && running != count {
			err = fmt.Errorf("%d run", running)
		}
		return err
	})
}

// killEast kills the client in the east, and all its workers but that of contours, which must stop by itself. That of
// pictures has an order in hand.
func (o *outside) killEast() {
	o.t.Helper()
	nomadtest.Await(o.t, "a picture is in the making", func() error {
		if queue, err := o.client.Queue(o.t.Context(), "picture"); err != nil || queue.Running == 0 {
			return fmt.Errorf("%d are, %w", queue.Running, err)
		}
		return nil
	})
	o.Kill(o.t, "east")
	killed := 0
	for _, id := range o.Workers(o.t, "east") {
		args, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", id))
		if err == nil && !strings.Contains(string(args), "\x00contour\x00") {
			err = syscall.Kill(id, syscall.SIGKILL)
			killed++
		}
		if err != nil {
			o.t.Error(err)
		}
	}
	if killed == 0 {
		o.t.Error("no worker was there to be killed")
	}
	began := time.Now()
	nomadtest.Await(o.t, "the worker that outlived its client stops", func() error {
		if left := o.Workers(o.t, "east"); len(left) > 0 {
			return fmt.Errorf("processes %v", left)
		}
		return nil
	})
	o.t.Logf("the worker that outlived its client stopped after %v", time.Since(began).Round(10*time.Millisecond))
}

// redone gives how many orders were served at a second attempt or later.
func (o *outside) redone() (n int) {
	o.t.Helper()
	for _, d := range o.decisions(event.WorkDone, "") {
		if d.Inputs["attempt"] != 1.0 {
			n++
		}
	}
	return n
}

// kill ends bowecho as a power cut does.
func (o *outside) kill() {
	o.t.Helper()
	if err := o.program.cmd.Process.Kill(); err != nil {
		o.t.Fatal(err)
	}
	_ = o.program.cmd.Wait()
}

// abandoned waits until the workers that there are have stopped by themselves, which they are to do within a lease, but
// for an order in hand.
func (o *outside) abandoned(within time.Duration) {
	o.t.Helper()
	before, began := o.Workers(o.t, "east"), time.Now()
	if len(before) == 0 {
		o.t.Error("no worker is there to be abandoned")
	}
	nomadtest.Await(o.t, "workers that nobody speaks for stop", func() error {
		now := o.Workers(o.t, "east") // Nomad starts them again, but they wait to be named
		if slices.ContainsFunc(before, func(id int) bool { return slices.Contains(now, id) }) {
			return fmt.Errorf("processes %v, of %v before", now, before)
		}
		return nil
	})
	after := time.Since(began)
	o.t.Logf("workers that nobody spoke for stopped within %v", after.Round(10*time.Millisecond))
	if after > within+10*time.Second {
		o.t.Errorf("it took them %v, want not much more than %v", after, within)
	}
}

// withoutServer takes Nomad's server away for a while. Workers go on, and nobody's number changes.
func (o *outside) withoutServer(length time.Duration) {
	o.t.Helper()
	workers, scalings := o.Workers(o.t, "east"), o.count(event.Scaling)
	o.Kill(o.t, nomadtest.Server)
	minute := time.NewTicker(length / 12)
	defer minute.Stop()
	for killed := time.Now(); time.Since(killed) < length; <-minute.C {
		o.feed(1)
		o.served("a minute without Nomad's server")
	}
	came := func(now int) bool { return !slices.Contains(workers, now) } // who was asked to stop before may have gone
	if now := o.Workers(o.t, "east"); len(now) != 4 || slices.ContainsFunc(now, came) {
		o.t.Errorf("workers %v became %v without Nomad's server", workers, now)
	}
	if n := o.count(event.Scaling); n != scalings {
		o.t.Errorf("%d scalings without Nomad's server, want none", n-scalings)
	}
	o.told("east", event.CloudHeld)
	o.Run(o.t, nomadtest.Server)
	o.told("east", event.CloudUp)
}

// count gives how many decisions of a kind there are.
func (o *outside) count(kind string) int {
	o.t.Helper()
	return len(o.decisions(kind, ""))
}

// decisions gives those of a kind so far, of any subject or one.
func (o *outside) decisions(kind, subject string) (list []*event.Decision) {
	o.t.Helper()
	readAll(o.t, o.client, stream.Events, func(m stream.Message) error {
		if !strings.HasPrefix(m.Subject, "event."+kind+".") {
			return nil
		}
		d, err := event.Decode[event.Decision](m.Data)
		if err == nil && (subject == "" || d.Subj == subject) {
			list = append(list, d)
		}
		return err
	})
	return list
}

// told waits until it is told that a cloud stands so.
func (o *outside) told(cloud, value string) {
	o.t.Helper()
	nomadtest.Await(o.t, fmt.Sprintf("it is told that %s is %s", cloud, value), func() error {
		all := o.decisions(event.CloudChange, cloud)
		if len(all) == 0 || all[len(all)-1].Value != value {
			return fmt.Errorf("told was %d times, the last %+v", len(all), last(all))
		}
		return nil
	})
}

// firstServing gives how long after the first trigger opened the first order was taken in hand.
func (o *outside) firstServing() time.Duration {
	o.t.Helper()
	opened := o.decisions(event.TriggerChange, "")[0].Time
	var first time.Time
	for _, d := range o.decisions(event.WorkDone, "") {
		seconds, _ := d.Inputs["seconds"].(float64)
		if taken := d.Time.Add(-time.Duration(seconds * float64(time.Second))); first.IsZero() || taken.Before(first) {
			first = taken
		}
	}
	after := first.Sub(opened)
	o.t.Logf("the first order was in hand %v after the trigger opened", after.Round(10*time.Millisecond))
	return after
}

func (o *outside) stop() {
	o.t.Helper()
	if err := o.program.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		o.t.Fatal(err)
	}
	if err := o.program.cmd.Wait(); err != nil {
		o.t.Errorf("bowecho ended with %v\n%s", err, tail(o.program.stderr.Bytes()))
	}
}

// onceEach holds that no product was announced twice for one time.
func (o *outside) onceEach() {
	o.t.Helper()
	seen := map[string]bool{}
	readAll(o.t, o.client, stream.Grids, func(m stream.Message) error {
		if strings.HasPrefix(m.Subject, "grid.picture.") {
			return nil // a set of pictures a nowcast, counted above
		}
		g, err := event.Decode[event.Grid](m.Data)
		if err == nil && seen[g.Product+g.IssueTime.String()] {
			o.t.Errorf("%s of %v came twice", g.Product, g.IssueTime)
		}
		if err == nil {
			seen[g.Product+g.IssueTime.String()] = true
		}
		return err
	})
}
