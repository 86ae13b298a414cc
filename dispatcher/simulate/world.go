// Package simulate judges how workers are scaled, in virtual time: a week of weather over a network, or a continent of
// radars, passes in seconds. What is judged is the code that runs, the packages weather, trigger, demand and placement;
// only the workers, the queue and the nowcast are models.
package simulate

import (
	"iter"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/placement"
	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
)

// World is what a policy is judged on.
type World struct {
	Name     string
	Scans    iter.Seq[Scan] // by time
	Weather  weather.Config
	Triggers []*trigger.Trigger
	Chains   []Chain // each after the one that makes what it is ordered on
	Clouds   []Cloud
	Seed     uint64 // of what is left to chance
}

// Scan is one that is heard in a domain.
type Scan struct {
	*event.Scan
	Domain string
}

// Chain is a kind of processing.
type Chain struct {
	Name     string
	On       string        // kind of news
	Makes    []string      // kinds of news
	Every    time.Duration // on scans; 0: each
	EveryN   int           // only each so many-th of its news; 0: all
	Deadline time.Duration // 0: none
	Priority int
	Scaling  demand.Config
	Takes    Law
}

// Law gives the seconds that an order truly takes, before chance.
type Law func(event.Features) float64

// Cloud is where workers run, and how long they take until they are ready.
type Cloud struct {
	placement.Cloud
	Ready time.Duration // in the median
}

// Chance is what no policy can know. All of it is drawn from the seed and from what it befalls, so that all policies meet
// the same.
const (
	costSigma  = 0.2   // of the logarithm of what orders take
	oddOrders  = 0.002 // share of orders that take oddFactor times as long
	oddFactor  = 4
	readySigma = 0.3                    // of the logarithm of how long workers take to be ready
	coldStart  = 800 * time.Millisecond // that a worker's first order takes longer
)
