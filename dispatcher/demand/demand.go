// Package demand says how many workers the work of a chain needs.
package demand

import (
	"fmt"
	"math"
	"time"
)

// Config bounds and paces the workers of a chain.
type Config struct {
	Max       int           `yaml:"max"`        // workers a chain
	TargetUse float64       `yaml:"target_use"` // share of a worker's time that is planned for
	Finish    time.Duration `yaml:"finish"`     // in which what waits, and what comes meanwhile, is to be done
	Cooldown  time.Duration `yaml:"cooldown"`   // how long fewer must suffice before there are fewer
}

// DefaultConfig serves two cores.
func DefaultConfig() Config {
	return Config{Max: 2, TargetUse: 0.7, Finish: 20 * time.Second, Cooldown: 20 * time.Second}
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	switch {
	case c.Max < 1 || c.Max > 10_000:
		return fmt.Errorf("scaling.max is %d, want 1 to 10000", c.Max)
	case !(c.TargetUse > 0 && c.TargetUse <= 1):
		return fmt.Errorf("scaling.target_use is %g, want above 0 and up to 1", c.TargetUse)
	case c.Finish <= 0 || c.Cooldown < 0:
		return fmt.Errorf("scaling.finish is %v and scaling.cooldown %v, want the first above 0s and the second not below", c.Finish, c.Cooldown)
	}
	return nil
}

// Load is what a chain has to do.
type Load struct {
	Waiting  int     // orders
	Running  int     // orders
	Expected float64 // orders that will come before those that wait are to be done
	Seconds  float64 // of work, predicted for each
	Open     bool    // a trigger that opens the chain is open
	Floor    int     // workers that stay while it is
	Known    bool    // Waiting and Running could be read
}

// Scale is the number of workers of a chain over time.
type Scale struct {
	Workers int
	fewer   time.Time // since when fewer would suffice
	most    int       // how many were needed at most since then
}

// Step gives the number of workers for a load at a time of the wall clock, and why. It goes up at once. It goes down
// after the cooldown, to the most that was needed meanwhile, and never below what is running or beyond the maximum.
// Without numbers it holds.
func (s *Scale) Step(cfg Config, l Load, now time.Time) (workers int, reason string) {
	if !l.Known {
		s.fewer = time.Time{}
		return s.Workers, "the queue cannot be read: hold"
	}
	want, reason := cfg.want(l)
	if want >= s.Workers {
		s.fewer = time.Time{}
		s.Workers = want
		return want, reason
	}
	if s.fewer.IsZero() {
		s.fewer, s.most = now, want
	}
	s.most = max(s.most, want)
	if now.Sub(s.fewer) < cfg.Cooldown {
		return s.Workers, "fewer would suffice: wait"
	}
	s.Workers, s.fewer = s.most, time.Time{}
	if want < s.Workers {
		s.fewer, s.most = now, want
	}
	return s.Workers, reason
}

// want gives how many workers a load needs, and why.
func (c Config) want(l Load) (int, string) {
	work := (float64(l.Waiting+l.Running) + l.Expected) * l.Seconds
	if work == 0 && l.Waiting+l.Running == 0 && !l.Open {
		return 0, "nothing to do and no trigger open"
	}
	reason := fmt.Sprintf("%.1f s of work (%d waiting, %d running, %.1f expected) in %v at %.0f %% use",
		work, l.Waiting, l.Running, l.Expected, c.Finish, 100*c.TargetUse)
	needed := math.Ceil(work / (c.Finish.Seconds() * c.TargetUse))
	if needed > float64(c.Max) || l.Running > c.Max {
		return c.Max, fmt.Sprintf("%s, held at the maximum of %d", reason, c.Max)
	}
	if l.Open && l.Waiting+l.Running == 0 && needed <= float64(l.Floor) {
		return min(l.Floor, c.Max), fmt.Sprintf("a trigger is open: %d stay ready", l.Floor)
	}
	return min(max(int(needed), l.Running, l.Floor, 1), c.Max), reason
}
