package budget

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Config says what may be spent. Money is in the unit of the clouds' prices.
type Config struct {
	Limit  float64            `yaml:"limit"`   // of all workers in a period; 0: none
	Period Period             `yaml:"period"`  // hour, day, week or month
	WarnAt []float64          `yaml:"warn_at"` // percent of a limit, rising
	Chains map[string]float64 `yaml:"chains"`  // the limit of each chain that has one of its own
}

// DefaultConfig counts and limits nothing.
func DefaultConfig() Config {
	return Config{Period: Day, WarnAt: []float64{50, 80, 100}}
}

// Validate tells what is wrong.
func (c Config) Validate() error {
	if !(c.Limit >= 0 && c.Limit < 1e12) {
		return fmt.Errorf("budget.limit is %g, want above 0, or 0 for none", c.Limit)
	}
	if !slices.Contains(periods, c.Period) {
		return fmt.Errorf("budget.period is %q, want one of %s, %s, %s, %s", c.Period, Hour, Day, Week, Month)
	}
	for i, percent := range c.WarnAt {
		if !(percent > 0 && percent <= 100) || i > 0 && percent <= c.WarnAt[i-1] {
			return fmt.Errorf("budget.warn_at is %v, want percent above 0 and up to 100, rising", c.WarnAt)
		}
	}
	for _, chain := range slices.Sorted(maps.Keys(c.Chains)) {
		if limit := c.Chains[chain]; !(limit > 0 && limit < 1e12) {
			return fmt.Errorf("budget.chains.%s is %g, want above 0", chain, limit)
		}
	}
	return nil
}

// Period is a span of the calendar, in UTC, that has a budget of its own.
type Period string

// The periods.
const (
	Hour  Period = "hour"
	Day   Period = "day"
	Week  Period = "week" // from Monday
	Month Period = "month"
)

var periods = []Period{Hour, Day, Week, Month}

// Of gives the period that a time lies in: from its first moment until the first of the next.
func (p Period) Of(t time.Time) (from, until time.Time) {
	t = t.UTC()
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	switch p {
	case Hour:
		from = t.Truncate(time.Hour)
		return from, from.Add(time.Hour)
	case Week:
		from = midnight.AddDate(0, 0, -(int(t.Weekday())+6)%7)
		return from, from.AddDate(0, 0, 7)
	case Month:
		from = midnight.AddDate(0, 0, 1-t.Day())
		return from, from.AddDate(0, 1, 0)
	default:
		return midnight, midnight.AddDate(0, 0, 1)
	}
}
