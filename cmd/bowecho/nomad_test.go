package main

import (
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/lease"
	"bowecho/internal/racing"
)

func none(n int) bool { return n == 0 }
func some(n int) bool { return n > 0 }
func four(n int) bool { return n == 4 }

// TestNomad lets the real storm be worked on by bowecho as it is released, in clouds of a real Nomad: two datacenters with
// pools of their own, and a second region.
func TestNomad(t *testing.T) {
	racing.Skip(t, "whole programs go through it elsewhere")
	t.Parallel()
	n := startClouds(t)
	t.Run("a storm", n.storm)
	t.Run("the same bytes", n.sameBytes)
	t.Run("at its true pace", n.pace)
}

// outage is how long Nomad's server is away.
const outage = time.Minute

// storm takes workers from none in both clouds to none again. They move where there is room, are killed with their
// machine, go on without Nomad's server and over bowecho's own end, and stop when nobody speaks for them.
func (n *nomadClouds) storm(t *testing.T) {
	o := n.outside(t)
	o.told("east", event.CloudUp)
	o.ballast(1)
	o.feed(3)
	o.workers("east", "its first", some)
	o.workers("west", "those for which east has no room", some)
	o.served("three minutes, east full")
	o.told("east", event.CloudFull)
	if after := o.firstServing(); after > time.Minute { // on a machine with nothing else to do it is about a second; 10 s is the aim
		t.Errorf("the first order was in hand %v after the trigger", after)
	}
	o.ballast(0)
	o.workers("east", "all four", four)
	o.workers("west", "none", none)
	o.told("east", event.CloudRoom)

	o.feed(5)
	o.killEast()
	o.workers("west", "all four", four)
	o.served("five minutes, east killed meanwhile")
	if n := o.redone(); n == 0 {
		t.Error("no order was redone, though a worker was killed with one in hand")
	}
	o.Run(t, "east")
	o.workers("east", "all four again", four)
	o.workers("west", "none again", none)

	o.withoutServer(outage)

	o.kill()
	o.begin()
	o.feed(1)
	o.served("a minute after bowecho was killed")
	o.workers("east", "all four still", four)
	o.kill()
	o.abandoned(lease.Length)
	o.feed(1)
	o.begin()
	o.served("a minute after it was away for longer")
	o.workers("east", "all four, taken over", four)

	for len(o.files) > 0 {
		o.feed(5)
		o.served("five minutes")
	}
	o.clear(14)
	o.served("the clear air")
	o.workers("east", "none", none)
	o.workers("west", "none", none)
	c := o.served("all")
	o.stop()
	if c.Files != c.Scans || c.Dead != 0 || c.Dropped != 0 || c.Mosaics < 40 || c.Nowcasts != c.Mosaics || c.Areas != c.Nowcasts || c.Pictures != 31*c.Nowcasts {
		t.Errorf("%+v; want every scan carried to its areas and pictures", c)
	}
	o.onceEach()
}

// sameBytes makes the products of the storm's first minutes on this machine, isolated in another region, and in
// containers.
func (n *nomadClouds) sameBytes(t *testing.T) {
	here := n.products(t, "clouds: [{name: here, local: {}}]")
	if len(here) < 4*sameMinutes {
		t.Fatalf("%d products of %d minutes", len(here), sameMinutes)
	}
	there := n.products(t, n.cloud("alps", "region: eu, datacenters: [alps], node_pool: cloud-c", "exec", "program: /bowecho,"))
	compareProducts(t, "in another region", here, there)
	n.docker(t)
	boxes := n.products(t, n.cloud("boxes", "datacenters: [east], node_pool: cloud-a", "docker", ""))
	compareProducts(t, "in containers", here, boxes)
}
