package quality

import (
	"errors"
	"fmt"
)

// Config is what the operator knows of the radars.
type Config struct {
	Radars map[string]Radar `yaml:"radars"` // by name; others need no entry
}

// Radar is what is known of one.
type Radar struct {
	Band     string     `yaml:"band"`     // S, C or X; empty: what its files' format says
	Blockage []Blockage `yaml:"blockage"` // the rays on which the ground takes some of the beam
}

// DefaultConfig knows of no radar more than its profile.
func DefaultConfig() Config { return Config{} }

var bands = map[string]Band{"": BandUnknown, "S": BandS, "C": BandC, "X": BandX}

// Validate tells what is wrong.
func (c Config) Validate() error {
	var errs []error
	for name, r := range c.Radars {
		if _, known := bands[r.Band]; !known {
			errs = append(errs, fmt.Errorf("band of %s is %q, want S, C or X", name, r.Band))
		}
		for _, b := range r.Blockage {
			if err := b.Validate(); err != nil {
				errs = append(errs, fmt.Errorf("blockage of %s: %w", name, err))
			}
		}
	}
	return errors.Join(errs...)
}

// ProfileFor gives what a radar is held to, with what the operator adds.
func (c Config) ProfileFor(radarName string) Profile {
	p := ProfileFor(radarName)
	if r, known := c.Radars[radarName]; known {
		p.Band, p.Blockage = bands[r.Band], r.Blockage
	}
	return p
}
