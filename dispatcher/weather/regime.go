// Package weather says from scan summaries what the weather of a domain is, and which radars can be relied on.
package weather

import (
	"errors"
	"fmt"
	"time"

	"bowecho/internal/event"
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

// Band is pairs of thresholds: a regime is entered at the upper and left below the lower.
type Band struct {
	EnterKM2 float64 `yaml:"enter_km2"`
	LeaveKM2 float64 `yaml:"leave_km2"`
}

// StormBand is a band that is also entered at so many storm cells; to leave it, there must be few of both.
type StormBand struct {
	Band       `yaml:",inline"`
	EnterCells int `yaml:"enter_cells"` // 0: by area alone
	LeaveCells int `yaml:"leave_cells"`
}

// Config says when the weather changes.
type Config struct {
	Stratiform  Band          `yaml:"stratiform"`   // area at or above 20 dBZ
	Convective  StormBand     `yaml:"convective"`   // area at or above 40 dBZ, and storm cells
	For         time.Duration `yaml:"for"`          // how long a higher regime must show before it is entered
	KeepFor     time.Duration `yaml:"keep_for"`     // how long a lower one must show before it is
	LateAfter   float64       `yaml:"late_after"`   // a radar is late after so many of its own intervals
	SilentAfter float64       `yaml:"silent_after"` // and silent after so many

	Warnings map[Regime][]string `yaml:"warnings"` // events that lift a domain's regime while a warning of them is in force
}

// DefaultConfig enters at the first scan that shows a shower, and leaves slowly. Addison's first scan of the squall line
// of 2017-03-29 holds 60 km² of rain and 6 km² of cores; speckle and what is left of clutter stay below both.
func DefaultConfig() Config {
	return Config{
		Stratiform: Band{EnterKM2: 25, LeaveKM2: 10}, Convective: StormBand{Band{EnterKM2: 5, LeaveKM2: 2}, 2, 1},
		KeepFor: 5 * time.Minute, LateAfter: 2, SilentAfter: 5,
		Warnings: map[Regime][]string{Convective: {"Tornado Warning", "Severe Thunderstorm Warning"}},
	}
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	var errs []error
	for _, b := range []struct {
		name string
		Band
	}{{"stratiform", c.Stratiform}, {"convective", c.Convective.Band}} {
		if !(b.LeaveKM2 > 0 && b.EnterKM2 > b.LeaveKM2 && b.EnterKM2 < 1e9) {
			errs = append(errs, fmt.Errorf("weather.%s: enter_km2 is %g and leave_km2 %g, want the second above 0 and the first above it", b.name, b.EnterKM2, b.LeaveKM2))
		}
	}
	if s := c.Convective; !(s.EnterCells == 0 && s.LeaveCells == 0 || s.LeaveCells >= 1 && s.EnterCells >= s.LeaveCells) {
		errs = append(errs, fmt.Errorf("weather.convective: enter_cells is %d and leave_cells %d, want the second at least 1 and the first no less, or both 0", s.EnterCells, s.LeaveCells))
	}
	for regime := range c.Warnings {
		if regime != Stratiform && regime != Convective {
			errs = append(errs, fmt.Errorf("weather.warnings: %q is no regime that a warning can lift to, want stratiform or convective", regime))
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

// Sky is the regime of a domain, or of what one radar sees, over time. It may be stored and continued.
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

// shows gives the regime that is seen or warned of, from the one that holds. A warning makes nothing known: what no radar
// sees stays so.
func (c Config) shows(holds Regime, seen Seen) (Regime, string) {
	if !seen.Known() {
		return Unknown, "no radar has been heard lately"
	}
	shows, why := c.sees(holds, seen.Summary)
	if lifted, by := c.lifts(seen.Warnings); rank[lifted] > rank[shows] {
		return lifted, by
	}
	return shows, why
}

// sees gives the regime that radars show: thresholds are lower for staying than for entering.
func (c Config) sees(holds Regime, s event.Summary) (Regime, string) {
	convective, stratiform, cells := c.Convective.EnterKM2, c.Stratiform.EnterKM2, c.Convective.EnterCells
	if rank[holds] >= rank[Stratiform] {
		stratiform = c.Stratiform.LeaveKM2
	}
	if rank[holds] >= rank[Convective] {
		convective, cells = c.Convective.LeaveKM2, c.Convective.LeaveCells
	}
	cores, rain := s.KM2Above(convectiveDBZ), s.KM2Above(stratiformDBZ)
	switch {
	case cores >= convective:
		return Convective, fmt.Sprintf("%.0f km² at or above %g dBZ, from %g", cores, convectiveDBZ, convective)
	case cells > 0 && s.Cells >= cells:
		return Convective, fmt.Sprintf("%d storm cells, from %d", s.Cells, cells)
	case rain >= stratiform:
		return Stratiform, fmt.Sprintf("%.0f km² at or above %g dBZ, from %g", rain, stratiformDBZ, stratiform)
	default:
		return Clear, fmt.Sprintf("%.0f km² at or above %g dBZ, below %g", rain, stratiformDBZ, stratiform)
	}
}
