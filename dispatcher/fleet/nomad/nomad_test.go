package nomad

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bowecho/dispatcher/fleet"
	"bowecho/dispatcher/fleet/fleettest"
	"bowecho/internal/nomadtest"
	"bowecho/internal/release"
)

func TestConforms(t *testing.T) {
	c := begin(t, "raw_exec", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 8000})
	clouds := 0
	fleettest.Conform(t, func(t *testing.T) fleet.Fleet {
		clouds++
		f, _ := c.fleet(t, fmt.Sprintf("cloud%d", clouds))
		return f
	})
}

func TestExecWithARootOfTheProgramAlone(t *testing.T) {
	c := begin(t, "exec", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 8000, Root: nomadtest.Closure(t, os.Args[0])})
	f, _ := c.fleet(t, "isolated")
	scale(t, f, "mosaic", 2)
	fleettest.Await(t, f, map[string]int{"mosaic": 2})
	status, _, err := c.API.Jobs().ScaleStatus("bowecho-isolated-mosaic", nil)
	if err != nil {
		t.Fatal(err)
	}
	if events := status.TaskGroups["workers"].Events; len(events) != 1 || events[0].Message != "a test wants it" {
		t.Errorf("scaling events %+v, want one that says why", events)
	}
	scale(t, f, "mosaic", 0)
	fleettest.Await(t, f, map[string]int{})
}

func TestWorkersOfAKilledClientAreReplacedAndStop(t *testing.T) {
	c := begin(t, "raw_exec", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 300}, nomadtest.Client{Datacenter: "south", Pool: "b", CPU: 300})
	f, log := c.fleet(t, "both")
	scale(t, f, "mosaic", 4)
	fleettest.Await(t, f, map[string]int{"mosaic": 4})
	c.Kill(t, "south")
	log.await(t, "a worker has ended", "status=lost")
	fleettest.Await(t, f, map[string]int{"mosaic": 3}) // as many as north holds
	nomadtest.Await(t, "Nomad says why", func() error {
		if why := f.Full("mosaic"); !strings.Contains(why, "cpu") {
			return fmt.Errorf("it says %q", why)
		}
		return nil
	})
	nomadtest.Await(t, "the workers that outlived their client stop", func() error { return c.alive(t, "south", 0) })
	c.Run(t, "south")
	fleettest.Await(t, f, map[string]int{"mosaic": 4})
	if why := f.Full("mosaic"); why != "" {
		t.Errorf("still full: %s", why)
	}
}

// alive tells whether so many workers are alive in a datacenter.
func (c *cloud) alive(t *testing.T, datacenter string, want int) error {
	if got := c.Workers(t, datacenter); len(got) != want {
		return fmt.Errorf("%d workers are alive in %s, want %d", len(got), datacenter, want)
	}
	return nil
}

func TestServerAway(t *testing.T) {
	c := begin(t, "raw_exec", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 8000})
	f, log := c.fleet(t, "lonely")
	scale(t, f, "mosaic", 2)
	fleettest.Await(t, f, map[string]int{"mosaic": 2})
	c.Kill(t, nomadtest.Server)
	log.await(t, "Nomad does not answer")
	if _, err := f.Count(t.Context()); err == nil {
		t.Error("workers were counted without a server")
	}
	if err := f.Scale(t.Context(), "mosaic", 3, "more"); err == nil {
		t.Error("they were scaled without a server")
	}
	if err := c.alive(t, "north", 2); err != nil {
		t.Error(err)
	}
	c.Run(t, nomadtest.Server)
	nomadtest.Await(t, "Nomad is heard again", func() error { return f.Scale(t.Context(), "mosaic", 3, "more") })
	nomadtest.Await(t, "it is counted again", func() error { _, err := f.Count(t.Context()); return err })
	fleettest.Await(t, f, map[string]int{"mosaic": 3})
}

func TestWhatADispatcherLeftIsFound(t *testing.T) {
	c := begin(t, "raw_exec", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 8000})
	f, _ := c.fleet(t, "one")
	scale(t, f, "mosaic", 2)
	fleettest.Await(t, f, map[string]int{"mosaic": 2})
	next, _ := c.fleet(t, "one")
	if counts, err := next.Count(t.Context()); err != nil || counts["mosaic"] != 2 {
		t.Errorf("the first count is %v, %v; want 2 workers", counts, err)
	}
	other, _ := c.fleet(t, "o") // whose name begins alike
	fleettest.Await(t, other, map[string]int{})
	scale(t, next, "mosaic", 2) // registers anew, with the count as it is
	versions, _, _, err := c.API.Jobs().Versions("bowecho-one-mosaic", false, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range versions {
		if *v.Version > 0 && *v.TaskGroups[0].Count != 2 {
			t.Errorf("version %d has %d workers, want 2", *v.Version, *v.TaskGroups[0].Count)
		}
	}
}

func TestWhatWaitsForRoomIsGivenBackAtTheEnd(t *testing.T) {
	c := begin(t, "raw_exec", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 50})
	t.Run("a dispatcher's life", func(t *testing.T) {
		f, _ := c.fleet(t, "small")
		scale(t, f, "mosaic", 2)
		nomadtest.Await(t, "there is no room", func() error {
			if f.Full("mosaic") == "" {
				return errors.New("there is")
			}
			return nil
		})
	})
	job, _, err := c.API.Jobs().Info("bowecho-small-mosaic", nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := *job.TaskGroups[0].Count; n != 0 {
		t.Errorf("%d workers are still asked for, want none", n)
	}
}

func TestWorkersOfAnotherReleaseAreRefused(t *testing.T) {
	t.Setenv(asRelease, "0.1")
	c := begin(t, "raw_exec", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 8000})
	f, log := c.fleet(t, "old")
	scale(t, f, "mosaic", 1)
	log.await(t, "a worker is refused", "release 0.1")
	log.await(t, "a worker has ended", "status=failed")
	if why := f.Full("mosaic"); !strings.Contains(why, "release 0.1") {
		t.Errorf("the cloud lacks %q, want a word on the release", why)
	}
	if counts, err := f.Count(t.Context()); err != nil || counts["mosaic"] != 0 {
		t.Errorf("counted %v, %v; want none", counts, err)
	}
}

func TestAChainsSizeIsAskedFor(t *testing.T) {
	c := begin(t, "raw_exec", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 8000})
	c.sizes = map[string]Size{"mosaic": {CPUMHz: 150, MemoryMB: 40}}
	f, _ := c.fleet(t, "sized")
	scale(t, f, "mosaic", 1)
	scale(t, f, "picture", 1)
	for chain, want := range map[string]Size{"mosaic": {150, 40}, "picture": {100, 32}} {
		job, _, err := c.API.Jobs().Info("bowecho-sized-"+chain, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r := job.TaskGroups[0].Tasks[0].Resources; *r.CPU != want.CPUMHz || *r.MemoryMB != want.MemoryMB {
			t.Errorf("%s asks for %d MHz and %d MB, want %+v", chain, *r.CPU, *r.MemoryMB, want)
		}
	}
}

func TestFailuresAreTold(t *testing.T) {
	c := begin(t, "raw_exec", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 8000})
	c.cfg.Variables["program"] = "/nothing/here"
	f, log := c.fleet(t, "broken")
	scale(t, f, "mosaic", 1)
	log.await(t, "a worker has ended", "status=failed", "chain=mosaic")
}

func TestAnotherRegionIsReachedThroughThisOne(t *testing.T) {
	c := begin(t, "raw_exec", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 8000})
	c.Federate(t, "eu", nomadtest.Client{Datacenter: "alps", Pool: "b", CPU: 8000})
	here, _ := c.fleet(t, "here")
	c.cfg.Region, c.cfg.NodePool, c.cfg.Datacenters = "eu", "b", []string{"alps"}
	there, _ := c.fleet(t, "there")
	scale(t, here, "mosaic", 1)
	scale(t, there, "mosaic", 2)
	fleettest.Await(t, here, map[string]int{"mosaic": 1})
	fleettest.Await(t, there, map[string]int{"mosaic": 2})
	if err := errors.Join(c.alive(t, "north", 1), c.alive(t, "alps", 2)); err != nil {
		t.Error(err)
	}
}

func TestContainersNeedTheDockerDriver(t *testing.T) {
	absent := &nomadtest.Docker{Endpoint: "unix:///nothing/here.sock"}
	c := begin(t, "raw_exec", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 8000, Docker: absent})
	c.cfg.Job = "../../../deploy/nomad/worker.docker.nomad.hcl"
	c.cfg.Variables = map[string]string{"image": "bowecho"}
	f, _ := c.fleet(t, "boxes")
	scale(t, f, "mosaic", 1)
	nomadtest.Await(t, "Nomad says what is missing", func() error {
		if why := f.Full("mosaic"); !strings.Contains(why, "missing drivers") {
			return fmt.Errorf("it says %q", why)
		}
		return nil
	})
}

func TestContainers(t *testing.T) {
	docker := nomadtest.StartDocker(t)
	docker.Import(t, "bowecho:"+release.Version, nomadtest.Closure(t, os.Args[0]), "/"+filepath.Base(os.Args[0]), asWorker+"=steady")
	c := begin(t, "docker", nomadtest.Client{Datacenter: "north", Pool: "a", CPU: 8000, Docker: docker})
	c.cfg.Variables = map[string]string{"cpu": "100", "memory": "64"}
	f, _ := c.fleet(t, "boxes")
	scale(t, f, "mosaic", 3)
	fleettest.Await(t, f, map[string]int{"mosaic": 3})
	scale(t, f, "mosaic", 0)
	fleettest.Await(t, f, map[string]int{})
}
