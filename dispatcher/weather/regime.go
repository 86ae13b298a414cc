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

// DefaultConfig enters at the first scan that shows a shower, which speckle of 25 km² is not, and leaves slowly.
func DefaultConfig() Config {
	return Config{
		Stratiform: Band{EnterKM2: 25, LeaveKM2: 10}, Convective: Band{EnterKM2: 5, LeaveKM2: 2},
		KeepFor: 5 * time.Minute, LateAfter: 2, SilentAfter: 5,
	}
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	var errs []error
	for name, b := range map[string]Band{"stratiform": c.Stratiform, "convective": c.Convective} {
		if !(b.LeaveKM2 >= 0 && b.EnterKM2 > b.LeaveKM2) {
			errs = append(errs, fmt.Errorf("weather.%s enters at %g km² and leaves below %g, want the first to be more", name, b.EnterKM2, b.LeaveKM2))
		}
	}
	if c.For < 0 || c.KeepFor < 0 {
		errs = append(errs, errors.New("weather.for or weather.keep_for is negative"))
	}
	if !(c.LateAfter >= 1 && c.SilentAfter > c.LateAfter) {
		errs = append(errs, fmt.Errorf("weather.late_after is %g and weather.silent_after %g, want at least 1 and more than that", c.LateAfter, c.SilentAfter))
	}
	return errors.Join(errs...)
}

// Seen is what the fresh radars of a domain show together.
type Seen struct {
	Fresh int     // radars that are not silent
	KM220 float64 // area at or above 20 dBZ
	KM240 float64 // area at or above 40 dBZ
}

// Sky is the regime of a domain over time. It may be stored and continued.
type Sky struct {
	Regime Regime    `json:"regime"`
	Next   Regime    `json:"next"`  // what shows instead, not yet for long enough
	Since  time.Time `json:"since"` // since when it does
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
		s.Next = ""
		return false, reason
	}
	if s.Next != shows {
		s.Next, s.Since = shows, now
	}
	wait := cfg.For
	if rank[shows] < rank[s.Regime] {
		wait = cfg.KeepFor
	}
	if s.Regime == Unknown || shows == Unknown {
		wait = 0 // knowledge is taken at once, and so is its loss
	}
	if now.Sub(s.Since) < wait {
		return false, reason
	}
	s.Regime, s.Next = shows, ""
	return true, reason
}

// shows gives the regime that is seen, from the one that holds: thresholds are lower for staying than for entering.
func (c Config) shows(holds Regime, seen Seen) (Regime, string) {
	threshold := func(r Regime, b Band) float64 {
		if rank[holds] >= rank[r] {
			return b.LeaveKM2
		}
		return b.EnterKM2
	}
	convective, stratiform := threshold(Convective, c.Convective), threshold(Stratiform, c.Stratiform)
	switch {
	case seen.Fresh == 0:
		return Unknown, "no radar has been heard lately"
	case seen.KM240 >= convective:
		return Convective, fmt.Sprintf("%.0f km² at or above 40 dBZ, from %g", seen.KM240, convective)
	case seen.KM220 >= stratiform:
		return Stratiform, fmt.Sprintf("%.0f km² at or above 20 dBZ, from %g", seen.KM220, stratiform)
	default:
		return Clear, fmt.Sprintf("%.0f km² at or above 20 dBZ, below %g", seen.KM220, stratiform)
	}
}
