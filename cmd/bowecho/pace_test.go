package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/nomadtest"
	"bowecho/internal/radar"
	"bowecho/internal/stream"

	"github.com/hashicorp/nomad/api"
)

// paceMinutes names the variable that says for how many minutes the storm is fed at its true pace: 40 are the whole.
const paceMinutes = "BOWECHO_STORM_MINUTES"

// network is the radars of the test, which send 17 sweeps a minute together, as CASA's do: each sends again, under its own
// name, what one of three real radars saw in that minute.
var network = []struct{ name, sees string }{
	{"addison.tx", "addison"}, {"cleburne.tx", "cleburne"}, {"denton.tx", "denton"}, {"arlington.tx", "addison"},
	{"granbury.tx", "cleburne"}, {"hillsboro.tx", "cleburne"}, {"ftworth.tx", "addison"}, {"decatur.tx", "denton"},
	{"grandview.tx", "cleburne"}, {"mesquite.tx", "addison"}, {"cleburne.tx", "cleburne"}, {"granbury.tx", "cleburne"},
	{"midlothian.tx", "addison"}, {"sanger.tx", "denton"}, {"hillsboro.tx", "cleburne"}, {"mckinney.tx", "addison"},
	{"grandview.tx", "cleburne"},
}

// lowMinute is one in which Denton, which changes its elevation, looked low: a higher sweep without echo does not tell that
// the storm has gone.
const lowMinute = 1

const paceConfig = `
nats: {url: %q}
portal: {listen: 127.0.0.1:0}
dispatcher:
  weather: {keep_for: 10s}
  triggers: [{name: storm, when: 'regime in ["stratiform", "convective"]', keep_for: 10s, opens: [burn]}]
  chains:
    burn: {on: scan, worker: burn, every: 0s, patience: 0s, window: 0s, deadline: 60s}
  scaling: {max: 4}
clouds:
  - name: west
    price_per_hour: 0.09
    nomad: {address: %[2]q, token_file: %[3]q, datacenters: [west], node_pool: cloud-b, job: ../../deploy/nomad/worker.raw_exec.nomad.hcl,
      variables: {program: %[4]q, cpu: "200", memory: "300"}}
  - name: east
    price_per_hour: 0.02
    limit: 2
    nomad: {address: %[2]q, token_file: %[3]q, datacenters: [east], node_pool: cloud-a, job: ../../deploy/nomad/worker.raw_exec.nomad.hcl,
      variables: {program: %[4]q, cpu: "200", memory: "300"}}
`

// pace feeds calm weather, the storm, at 17 sweeps a minute, and calm weather again to bowecho and a chain that burns seconds
// of a processor for each sweep.
func (n *nomadClouds) pace(t *testing.T) {
	o := &outside{nomadClouds: n, t: t, folder: filepath.Join(t.TempDir(), "in")}
	if err := os.Mkdir(o.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	var url string
	url, o.client = connect(t)
	config := smallConfig(t, fmt.Sprintf(paceConfig, url, n.Address, n.token, os.Args[0]))
	o.program = start(t, "run", "-c", config, "--data", t.TempDir(), "--source", "folder:"+o.folder)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("bowecho said\n%s", tail(o.program.stderr.Bytes()))
		}
	})
	minutes, err := strconv.Atoi(cmp.Or(os.Getenv(paceMinutes), "1"))
	if err != nil {
		t.Fatalf("%s: %v", paceMinutes, err)
	}
	first := min(4, 40-minutes) // 07:14 is the first minute of what the calculation calls a storm

	const calm = 20 // once round all radars, and a few again
	o.send(lowMinute, calm, time.Second, true)
	o.heard(calm)
	if scalings := o.count(event.Scaling); scalings != 0 || o.count(event.OrderMade) != 0 {
		t.Errorf("%d scalings and %d orders in calm weather, want none", scalings, o.count(event.OrderMade))
	}
	t.Logf("calm: %d sweeps, no order, no worker", calm)

	began, idleBefore := time.Now(), idle(t)
	stormy := minutes * len(network)
	wanted := o.send(first, stormy, time.Minute/time.Duration(len(network)), false)
	o.heard(calm + stormy)
	nomadtest.Await(t, "all orders are served", func() error {
		if left, _, err := o.client.Backlog(t.Context()); err != nil || len(left) > 0 {
			return fmt.Errorf("waiting %v, %v", left, err)
		}
		return nil
	})
	took := time.Since(began)
	o.inTime(stormy, wanted, took, took*time.Duration(runtime.NumCPU())-(idle(t)-idleBefore))

	o.send(lowMinute, calm, time.Second, true)
	o.heard(calm + stormy + calm)
	o.workers("east", "none", none)
	o.workers("west", "none", none)
	o.stop()
	o.cost()
}

// send feeds what the network saw from a minute of the storm on, each sweep when it is due. It gives what the calculation
// burns for them.
func (o *outside) send(minute, sweeps int, every time.Duration, calm bool) (burns time.Duration) {
	o.t.Helper()
	began, seen := time.Now(), map[string]*radar.Scan{}
	for sent := range sweeps {
		if sent%len(network) == 0 {
			clear(seen)
		}
		n := network[sent%len(network)]
		if seen[n.sees] == nil {
			seen[n.sees] = realScan(o.t, sweepOf(o.t, n.sees, minute+sent/len(network)))
		}
		<-time.After(time.Until(began.Add(time.Duration(sent) * every)))
		scan := seen[n.sees]
		burns += cost(scan)
		sweepFile(o.t, o.folder, scan, n.name, time.Now().UTC().Truncate(time.Second).Add(scan.Start.Sub(scan.End)), calm)
	}
	return burns
}

// sweepOf gives the file of what a radar saw in a minute of the storm, or last before; that of Denton saw four minutes of
// it only, which come round.
func sweepOf(t *testing.T, radar string, minute int) string {
	t.Helper()
	var all []string
	for _, f := range realFiles(t) {
		if strings.HasPrefix(filepath.Base(f), radar) {
			all = append(all, f)
		}
	}
	if radar == "denton" {
		return all[minute%len(all)]
	}
	until, found := fmt.Sprintf("20170329-07%02d99", 10+minute), all[0]
	for _, f := range all {
		if clockOf(f) <= until {
			found = f
		}
	}
	return found
}

// heard waits until so many sweeps have been announced, and what they call for has been ordered.
func (o *outside) heard(sweeps int) {
	o.t.Helper()
	nomadtest.Await(o.t, fmt.Sprintf("%d sweeps are heard", sweeps), func() error {
		scans, err := o.client.JS.Stream(o.t.Context(), stream.Scans)
		if err != nil {
			return err
		}
		got := int(scans.CachedInfo().State.Msgs)
		left, _, err := o.client.Backlog(o.t.Context())
		if err != nil || got < sweeps || left["dispatcher-scans"] > 0 {
			return fmt.Errorf("%d of %d, waiting %v, %v", got, sweeps, left, err)
		}
		return nil
	})
}

// idle gives how much time the processors have had nothing to do since the machine began.
func idle(t *testing.T) time.Duration {
	t.Helper()
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text)) // cpu, user, nice, system, idle, iowait, in hundredths of a second
	var sum time.Duration
	for _, field := range fields[4:6] {
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatalf("/proc/stat: %v", err)
		}
		sum += time.Duration(n) * 10 * time.Millisecond
	}
	return sum
}

// othersMay is the share of the processors that others may take: with more of it taken, to be in time is luck. What the
// storm itself takes besides the calculation, as to decode it, counts with others.
const othersMay = 0.5

// inTime holds that each sweep of the storm was ordered and served before its deadline, and tells how. Where other programs
// kept the processors busy it holds only that each was served or dropped.
func (o *outside) inTime(sweeps int, wanted, took, busy time.Duration) {
	o.t.Helper()
	made := map[string]time.Time{}
	for _, d := range o.decisions(event.OrderMade, "burn") {
		made[d.Value] = d.Time
	}
	var after []time.Duration
	var worked float64
	for _, d := range o.decisions(event.WorkDone, "burn") {
		id, _ := d.Inputs["order"].(string)
		seconds, _ := d.Inputs["seconds"].(float64)
		worked += seconds
		after = append(after, d.Time.Sub(made[id]))
	}
	dropped := o.count(event.OrderDropped)
	if len(made) != sweeps || len(after)+dropped != sweeps || o.count(event.Scaling) == 0 {
		o.t.Errorf("%d sweeps, %d ordered, %d served, %d dropped; want each ordered and served", sweeps, len(made), len(after), dropped)
	}
	burnt := wanted.Seconds() * float64(len(after)) / float64(sweeps)
	others := (busy.Seconds() - burnt) / (took.Seconds() * float64(runtime.NumCPU()))
	o.t.Logf("the calculation called for %v of processors; all else took %.0f %% of %d", wanted, 100*others, runtime.NumCPU())
	if others > othersMay {
		o.t.Logf("NOT JUDGED: other programs kept the machine busy; %d of %d sweeps were dropped", dropped, sweeps)
	} else if dropped > 0 {
		o.t.Errorf("%d of %d sweeps were dropped, want none", dropped, sweeps)
	}
	if len(after) == 0 {
		return
	}
	slices.Sort(after)
	o.t.Logf("storm: %d of %d sweeps served in %v; from order to result %v in the middle, %v at most of 60s; %.0f seconds of work",
		len(after), sweeps, took.Round(time.Second), after[len(after)/2].Round(100*time.Millisecond), after[len(after)-1].Round(100*time.Millisecond), worked)
	for _, d := range o.decisions(event.Scaling, "burn") {
		o.t.Logf("%s: %s workers: %s", d.Time.Format("15:04:05"), d.Value, d.Reason)
	}
}

// cost tells what the workers cost, by Nomad's own times.
func (o *outside) cost() {
	o.t.Helper()
	prices, seconds, money := map[string]float64{"east": 0.02, "west": 0.09}, map[string]float64{}, 0.0
	for _, a := range o.ended("burn") {
		cloud, task := strings.TrimSuffix(strings.TrimPrefix(a.JobID, "bowecho-"), "-burn"), a.TaskStates["work"]
		seconds[cloud] += task.FinishedAt.Sub(task.StartedAt).Seconds()
	}
	for cloud, price := range prices {
		money += seconds[cloud] / 3600 * price
		o.t.Logf("%s: %.0f worker seconds by Nomad's times, at %g an hour", cloud, seconds[cloud], price)
	}
	o.t.Logf("the workers cost %.5f together", money)
	if money == 0 {
		o.t.Error("no worker ran by Nomad's times")
	}
}

// ended waits until the workers of a chain have ended, and gives their allocations.
func (o *outside) ended(chain string) (workers []*api.AllocationListStub) {
	o.t.Helper()
	nomadtest.Await(o.t, "the workers end", func() error {
		workers = nil
		list, _, err := o.API.Allocations().List(nil)
		for _, a := range list {
			if !strings.HasSuffix(a.JobID, "-"+chain) {
				continue
			}
			if task := a.TaskStates["work"]; task == nil || task.FinishedAt.IsZero() {
				return fmt.Errorf("%s of %s has not ended", a.Name, a.JobID)
			}
			workers = append(workers, a)
		}
		return err
	})
	return workers
}
