package main

import (
	"testing"
	"time"

	"bowecho/internal/lease"
	"bowecho/internal/nomadtest"
)

func none(n int) bool { return n == 0 }
func some(n int) bool { return n > 0 }

// TestAStormOverTwoClouds lets a storm be worked on by two clouds of a real Nomad: workers come from none in both, move
// where there is room, are killed with their machine, go on without Nomad's server and over bowecho's own end, and go when
// the storm has gone.
func TestAStormOverTwoClouds(t *testing.T) {
	if raceEnabled {
		t.Skip("whole programs go through the race detector elsewhere")
	}
	o := startOutside(t)
	o.ballast(1)
	o.feed(3)
	o.workers("east", "its first", some)
	o.workers("west", "those for which east has no room", some)
	o.served("three minutes, east full")

	o.ballast(0)
	o.workers("east", "all four", func(n int) bool { return n == 4 })
	o.workers("west", "none", none)

	o.feed(5)
	o.killEast()
	o.workers("west", "all four", func(n int) bool { return n == 4 })
	o.served("five minutes, east killed meanwhile")
	if n := o.redone(); n == 0 {
		t.Error("no order was redone, though a worker was killed with one in hand")
	}
	o.Run(t, "east")
	o.workers("east", "all four again", func(n int) bool { return n == 4 })

	o.Kill(t, nomadtest.Server)
	for killed := time.Now(); time.Since(killed) < lease.Length+5*time.Second; {
		o.feed(1)
		o.served("a minute without Nomad's server")
	}
	o.Run(t, nomadtest.Server)

	o.restart()
	o.feed(1)
	o.served("a minute after bowecho was killed")
	o.workers("east", "all four still", func(n int) bool { return n == 4 })

	o.feed(20) // beyond 19:00
	o.workers("east", "none", none)
	o.workers("west", "none", none)
	c := o.served("the rest")
	o.stop()
	if c.Files != c.Scans || c.Dead != 0 || c.Dropped != 0 || c.Mosaics < 20 || c.Nowcasts != c.Mosaics || c.Areas != c.Nowcasts || c.Pictures != 31*c.Nowcasts {
		t.Errorf("%+v; want every scan carried to its areas and pictures", c)
	}
	o.onceEach()
}
