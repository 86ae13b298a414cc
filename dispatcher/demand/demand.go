// Package demand says how many workers the work of a chain needs.
package demand

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Config bounds and paces the workers of a chain.
type Config struct {
	Max       int           `yaml:"max"`        // workers a chain
	TargetUse float64       `yaml:"target_use"` // share of a worker's time that is planned for
	Finish    time.Duration `yaml:"finish"`     // in which what waits is to be done
	Cooldown  time.Duration `yaml:"cooldown"`   // how long fewer must suffice before there are fewer
}

// DefaultConfig serves two cores.
func DefaultConfig() Config {
	return Config{Max: 2, TargetUse: 0.7, Finish: 20 * time.Second, Cooldown: 20 * time.Second}
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	if c.Max < 1 || c.Max > 10_000 || !(c.TargetUse > 0 && c.TargetUse <= 1) || c.Finish <= 0 || c.Cooldown < 0 {
		return errors.New("scaling wants max 1 to 10000, target_use above 0 up to 1, finish above 0 and cooldown not negative")
	}
	return nil
}

// Load is what a chain has to do.
type Load struct {
	Waiting  int     // orders
	Running  int     // orders
	Expected int     // orders that will come before those that wait are to be done
	Seconds  float64 // of work, predicted for each
	Open     bool    // a trigger that opens the chain is open: one worker stays
	Known    bool    // the numbers above could be read
}

// Scale is the number of workers of a chain over time.
type Scale struct {
	Workers int
	fewer   time.Time // since when fewer would suffice
}

// Step gives the number of workers for a load at a time of the wall clock, and why. It goes up at once, down after
// the cooldown, never below what is running and never beyond the maximum. Without numbers it holds.
func (s *Scale) Step(cfg Config, l Load, now time.Time) (workers int, reason string) {
	if !l.Known {
		s.fewer = time.Time{}
		return s.Workers, "the queue cannot be read: hold"
	}
	want, reason := cfg.want(l)
	switch {
	case want >= s.Workers:
		s.fewer = time.Time{}
	case s.fewer.IsZero():
		s.fewer = now
		fallthrough
	default:
		if now.Sub(s.fewer) < cfg.Cooldown {
			return s.Workers, "fewer would suffice: wait"
		}
		s.fewer = time.Time{}
	}
	s.Workers = want
	return want, reason
}

func (c Config) want(l Load) (int, string) {
	orders := l.Waiting + l.Running + l.Expected
	work := float64(orders) * l.Seconds
	n := int(math.Ceil(work / (c.Finish.Seconds() * c.TargetUse)))
	reason := fmt.Sprintf("%.0f s of work (%d waiting, %d running, %d expected) in %v at %.0f %% use",
		work, l.Waiting, l.Running, l.Expected, c.Finish, 100*c.TargetUse)
	floor := 0
	if l.Open || l.Waiting+l.Running > 0 {
		floor = 1
	}
	switch {
	case orders == 0 && l.Open:
		n, reason = floor, "a trigger is open: one stays ready"
	case orders == 0:
		reason = "nothing to do and no trigger open"
	}
	n = max(n, floor)
	n = max(n, min(l.Running, c.Max))
	if n > c.Max {
		n, reason = c.Max, reason+fmt.Sprintf(", held at the maximum of %d", c.Max)
	}
	return n, reason
}

// Cost learns how long an order of a chain takes. It may be stored and continued.
type Cost struct {
	Seconds float64 `json:"seconds"`
	Orders  int     `json:"orders"`
}

// usualSeconds is the guess before anything has been learnt.
const usualSeconds = 2

// weight is what a new measurement counts against all before it.
const weight = 0.2

// Learn takes the seconds that an order took.
func (c *Cost) Learn(seconds float64) {
	if !(seconds >= 0 && seconds < 1e6) {
		return
	}
	if c.Orders == 0 {
		c.Seconds = seconds
	}
	c.Seconds += weight * (seconds - c.Seconds)
	c.Orders++
}

// Predict gives the seconds that an order will take.
func (c Cost) Predict() float64 {
	if c.Orders == 0 {
		return usualSeconds
	}
	return c.Seconds
}
