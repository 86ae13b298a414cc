package match

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// unit is what a unit measures, and how many of the kind's base unit it is.
type unit struct {
	of     string
	factor float64
}

// units holds those that hazards may be given in. The factors are exact by definition.
var units = map[string]unit{
	"dBZ":  {"reflectivity", 1},
	"m/s":  {"speed", 1},
	"km/h": {"speed", 1 / 3.6},
	"mph":  {"speed", 0.44704},
	"kt":   {"speed", 1852.0 / 3600},
	"mm":   {"length", 1},
	"cm":   {"length", 10},
	"in":   {"length", 25.4},
	"mm/h": {"rate", 1},
	"in/h": {"rate", 25.4},
	"%":    {"share", 1},
}

// CheckUnits tells whether hazards may be given in a unit.
func CheckUnits(name string) error {
	if _, known := units[name]; known {
		return nil
	}
	for known := range units {
		if strings.EqualFold(known, name) {
			return fmt.Errorf("units %q, want %q", name, known)
		}
	}
	return fmt.Errorf("units %q, want one of %s", name, strings.Join(slices.Sorted(maps.Keys(units)), ", "))
}

// convert gives a value in another unit of the same kind.
func convert(value float64, from, to string) (float64, error) {
	if from == to {
		return value, nil
	}
	f, t := units[from], units[to]
	if f.of == "" || f.of != t.of {
		return 0, fmt.Errorf("%s cannot be told in %s", from, to)
	}
	return value * f.factor / t.factor, nil
}
