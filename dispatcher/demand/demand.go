// Package demand says how many workers the work of a chain needs: what waits and runs is to be done in time, and who is
// asked for now works on what will come. What an order takes is predicted from what it works on (Cost), and what will come
// from the rhythm of orders and from the nowcast (Forecast); Scale paces the number of workers.
package demand

import (
	"fmt"
	"time"
)

// Config bounds and paces the workers of a chain.
type Config struct {
	Max        int           `yaml:"max"`         // workers a chain
	TargetUse  float64       `yaml:"target_use"`  // share of a worker's time that is planned for
	Finish     time.Duration `yaml:"finish"`      // in which an order is to be done
	Ahead      bool          `yaml:"ahead"`       // look at the nowcast for what orders will take
	UpCooldown time.Duration `yaml:"up_cooldown"` // how long after there were more there may be even more
	Cooldown   time.Duration `yaml:"cooldown"`    // how long fewer must suffice before there are fewer
	StepUp     int           `yaml:"step_up"`     // most that are added at once to some; 0: any number
	StepDown   int           `yaml:"step_down"`   // most that are taken away at once; 0: any number
	HoldFor    time.Duration `yaml:"hold_for"`    // how long workers stay while the queue cannot be read
}

// DefaultConfig serves two cores.
func DefaultConfig() Config {
	return Config{
		Max: 2, TargetUse: 0.95, Finish: time.Minute, Ahead: true,
		UpCooldown: 2 * time.Second, Cooldown: 30 * time.Second, HoldFor: time.Minute,
	}
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	switch {
	case c.Max < 1 || c.Max > 10_000:
		return fmt.Errorf("scaling.max is %d, want 1 to 10000", c.Max)
	case !(c.TargetUse > 0 && c.TargetUse <= 1):
		return fmt.Errorf("scaling.target_use is %g, want above 0 and up to 1", c.TargetUse)
	case c.Finish <= 0:
		return fmt.Errorf("scaling.finish is %v, want above 0s", c.Finish)
	case c.UpCooldown < 0 || c.Cooldown < 0 || c.HoldFor < 0:
		return fmt.Errorf("scaling.up_cooldown is %v, scaling.cooldown %v and scaling.hold_for %v, want 0s or more", c.UpCooldown, c.Cooldown, c.HoldFor)
	case c.StepUp < 0 || c.StepDown < 0:
		return fmt.Errorf("scaling.step_up is %d and scaling.step_down %d, want 1 or more, or 0 for any number", c.StepUp, c.StepDown)
	}
	return nil
}
