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
	"bowecho/internal/report"
	"bowecho/internal/stream"
	"bowecho/internal/stream/embedded"

	"github.com/hashicorp/nomad/api"
)

// outside is bowecho with its workers in two clouds of a real Nomad: the cheap east, where they are isolated, and west.
type outside struct {
	*nomadtest.Cluster
	t       *testing.T
	client  *stream.Client
	args    []string
	program *program
	storm   []string // files that have not been fed
	folder  string
	fed     int // minutes of the storm
}

const (
	rules = `namespace "default" { capabilities = ["list-jobs", "read-job", "submit-job", "scale-job"] }`
	// The weather calls for work until 19:00, by the data's clock, which stands still between files.
	outsideConfig = `
nats: {url: %q}
portal: {listen: 127.0.0.1:0}
dispatcher:
  triggers: [{name: storm, when: hour < 19, opens: [mosaic, nowcast, contour, picture]}]
  scaling: {cooldown: 3s}
clouds:
  - name: west
    price_per_hour: 0.09
    nomad: {address: %[2]q, token_file: %[3]q, datacenters: [west], node_pool: cloud-b, job: ../../deploy/nomad/worker.raw_exec.nomad.hcl,
      variables: {program: %[4]q, cpu: "100", memory: "300"}}
  - name: east
    price_per_hour: 0.02
    limit: 20
    nomad: {address: %[2]q, token_file: %[3]q, datacenters: ["ea*"], node_pool: cloud-a, job: ../../deploy/nomad/worker.exec.nomad.hcl,
      variables: {program: %[5]q, cpu: "100", memory: "300"}}
`
)

// startOutside starts Nomad, a NATS server of its own, and bowecho, with no weather yet.
func startOutside(t *testing.T) *outside {
	t.Helper()
	t.Setenv(asProgram, "1")
	files := t.TempDir()
	simulatedFiles(t, files, 20)
	run(t, "simulate", "--out", files, "--minutes", "2", "--start", "2026-05-01T19:00:00Z")
	o := &outside{t: t, folder: t.TempDir()}
	t.Cleanup(func() {
		if t.Failed() && o.program != nil {
			t.Logf("bowecho said\n%s", tail(o.program.stderr.Bytes()))
		}
	})
	var err error
	if o.storm, err = filepath.Glob(filepath.Join(files, "*.netcdf*")); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(o.storm, func(a, b string) int { return strings.Compare(clockOf(a), clockOf(b)) })
	o.Cluster = nomadtest.Start(t,
		nomadtest.Client{Datacenter: "east", Pool: "cloud-a", CPU: 1000, Root: nomadtest.Closure(t, os.Args[0])},
		nomadtest.Client{Datacenter: "west", Pool: "cloud-b", CPU: 1000})
	server, err := embedded.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	settings := stream.DefaultConfig()
	settings.URL = server.URL()
	if o.client, err = stream.Connect(t.Context(), settings); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.client.Close)
	token := writeFile(t, t.TempDir(), "token", []byte(o.Token(t, rules)))
	config := smallConfig(t, fmt.Sprintf(outsideConfig, server.URL(), o.Address, token, os.Args[0], "/"+filepath.Base(os.Args[0])))
	o.args = []string{"run", "-c", config, "--data", t.TempDir(), "--source", "folder:" + o.folder}
	o.program = start(t, o.args...)
	return o
}

// clockOf gives the time in a file's name.
func clockOf(path string) string {
	return filepath.Base(path)[strings.LastIndex(filepath.Base(path), "-"):]
}

// feed moves the files of some minutes to where they are watched for.
func (o *outside) feed(minutes int) {
	o.t.Helper()
	for ; minutes > 0 && len(o.storm) > 0; minutes-- {
		minute := clockOf(o.storm[0])[:5]
		for len(o.storm) > 0 && strings.HasPrefix(clockOf(o.storm[0]), minute) {
			if err := os.Rename(o.storm[0], filepath.Join(o.folder, filepath.Base(o.storm[0]))); err != nil {
				o.t.Fatal(err)
			}
			o.storm = o.storm[1:]
		}
		if minute < "-1900" {
			o.fed++
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
	err := o.client.Each(o.t.Context(), stream.Events, "event."+event.WorkDone+".>", time.Time{}, func(m stream.Message) error {
		d, err := event.Decode[event.Decision](m.Data)
		if err == nil && d.Inputs["attempt"] != 1.0 {
			n++
		}
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

// restart kills bowecho and starts it anew, which is to find the workers that it had.
func (o *outside) restart() {
	o.t.Helper()
	if err := o.program.cmd.Process.Kill(); err != nil {
		o.t.Fatal(err)
	}
	_ = o.program.cmd.Wait()
	o.program = start(o.t, o.args...)
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
	err := o.client.Each(o.t.Context(), stream.Grids, "", time.Time{}, func(m stream.Message) error {
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
	if err != nil {
		o.t.Fatal(err)
	}
}
