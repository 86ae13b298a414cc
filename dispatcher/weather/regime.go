// Package weather says from scan summaries what the weather of a domain is, and which radars can be relied on.
package weather

import (
	"errors"
	"fmt"
	"time"
)

// Regime is the weather of a domain as far as processing cares.
type Regime string

// Without a fresh radar the weather is unknown, which is not clear.
const (
	Unknown    Regime = "unknown"
	Clear      Regime = "clear"
	Stratiform Regime = "stratiform"
	Convective Regime = "convective"
)

// The reflectivities that count: 20 dBZ is rain, and 40 dBZ is seldom reached without convection.
// Source: Steiner et al. 1995, J. Appl. Meteor. 34, 1978-2007.
const (
	stratiformDBZ = 20.0
	convectiveDBZ = 40.0
)

// Band is a pair of thresholds: a regime is entered at the upper and left below the lower.
type Band struct {
	EnterKM2 float64 `yaml:"enter_km2"`
	LeaveKM2 float64 `yaml:"leave_km2"`
}

// Config says when the weather changes.
type Config struct {
	Stratiform  Band          `yaml:"stratiform"`   // area at or above 20 dBZ
	Convective  Band          `yaml:"convective"`   // area at or above 40 dBZ
	For         time.Duration `yaml:"for"`          // how long a higher regime must show before it is entered
	KeepFor     time.Duration `yaml:"keep_for"`     // how long a lower one must show before it is
	LateAfter   float64       `yaml:"late_after"`   // a radar is late after so many of its own intervals
	SilentAfter float64       `yaml:"silent_after"` // and silent after so many
}

// DefaultConfig enters at the first scan that shows a shower, and leaves slowly. Addison's first scan of the squall line
// of 2017-03-29 holds 60 km² of rain and 6 km² of cores; speckle and what is left of clutter stay below both.
func DefaultConfig() Config {
	return Config{
		Stratiform: Band{EnterKM2: 25, LeaveKM2: 10}, Convective: Band{EnterKM2: 5, LeaveKM2: 2},
		KeepFor: 5 * time.Minute, LateAfter: 2, SilentAfter: 5,
	}
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	var errs []error
	for _, b := range []struct {
		name string
		Band
	}{{"stratiform", c.Stratiform}, {"convective", c.Convective}} {
		if !(b.LeaveKM2 > 0 && b.EnterKM2 > b.LeaveKM2 && b.EnterKM2 < 1e9) {
			errs = append(errs, fmt.Errorf("weather.%s: enter_km2 is %g and leave_km2 %g, want the second above 0 and the first above it", b.name, b.EnterKM2, b.LeaveKM2))
		}
	}
	if c.For < 0 || c.KeepFor < 0 {
		errs = append(errs, fmt.Errorf("weather.for is %v and weather.keep_for %v, want 0s or more", c.For, c.KeepFor))
	}
	if !(c.LateAfter >= 1 && c.SilentAfter > c.LateAfter) {
		errs = append(errs, fmt.Errorf("weather.late_after is %g and weather.silent_after %g, want at least 1 and more than that", c.LateAfter, c.SilentAfter))
	}
	return errors.Join(errs...)
}

// Sky is the regime of a domain over time. It may be stored and continued.
type Sky struct {
	Regime Regime    `json:"regime"`
	Since  time.Time `json:"since,omitzero"` // since when more, or less, has been seen than the regime says
	More   bool      `json:"more,omitempty"` // which of them
}

// rank orders regimes by how much weather they are.
var rank = map[Regime]int{Unknown: 0, Clear: 1, Stratiform: 2, Convective: 3}

// Look takes what is seen at a time of the data, and gives whether the regime changed and why.
func (s *Sky) Look(cfg Config, seen Seen, now time.Time) (changed bool, reason string) {
	if s.Regime == "" {
		s.Regime = Unknown
	}
	shows, reason := cfg.shows(s.Regime, seen)
	if shows == s.Regime {
		s.Since = time.Time{}
		return false, reason
	}
	if more := rank[shows] > rank[s.Regime]; s.Since.IsZero() || s.More != more {
		s.Since, s.More = now, more
	}
	if now.Sub(s.Since) < cfg.wait(s.Regime, shows) {
		return false, reason
	}
	s.Regime, s.Since = shows, time.Time{}
	return true, reason
}

// wait gives how long another regime must show.
func (c Config) wait(holds, shows Regime) time.Duration {
	switch {
	case holds == Unknown || shows == Unknown:
		return 0 // knowledge is taken at once, and so is its loss
	case rank[shows] > rank[holds]:
		return c.For
	default:
		return c.KeepFor
	}
}

// shows gives the regime that is seen, from the one that holds: thresholds are lower for staying than for entering.
func (c Config) shows(holds Regime, seen Seen) (Regime, string) {
	threshold := func(r Regime, b Band) float64 {
		if rank[holds] >= rank[r] {
			return b.LeaveKM2
		}
		return b.EnterKM2
	}
	cores, rain := seen.Summary.KM2Above(convectiveDBZ), seen.Summary.KM2Above(stratiformDBZ)
	convective, stratiform := threshold(Convective, c.Convective), threshold(Stratiform, c.Stratiform)
	switch {
	case !seen.Known():
		return Unknown, "no radar has been heard lately"
	case cores >= convective:
		return Convective, fmt.Sprintf("%.0f km² at or above %g dBZ, from %g", cores, convectiveDBZ, convective)
	case rain >= stratiform:
		return Stratiform, fmt.Sprintf("%.0f km² at or above %g dBZ, from %g", rain, stratiformDBZ, stratiform)
	default:
		return Clear, fmt.Sprintf("%.0f km² at or above %g dBZ, below %g", rain, stratiformDBZ, stratiform)
	}
}
