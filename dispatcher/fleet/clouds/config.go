package clouds

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"bowecho/dispatcher/placement"
	"bowecho/internal/bandwidth"
)

// Config says what a cloud costs, and what it is used for.
type Config struct {
	Name         string        `yaml:"name"`
	PricePerHour float64       `yaml:"price_per_hour"`        // of a worker, in any money that is the same for all clouds
	Transfer     float64       `yaml:"transfer_price_per_gb"` // of what workers there get and put
	Limit        int           `yaml:"limit"`                 // workers; 0: none
	MbitPerS     float64       `yaml:"mbit_per_s"`            // that its workers may transfer together; 0: no limit
	Prefer       int           `yaml:"prefer"`                // a cloud with more is taken first, whatever its price
	Chains       []string      `yaml:"chains"`                // that may run there; empty: all
	Ready        time.Duration `yaml:"ready"`                 // a worker that is not ready after so long is asked for elsewhere; 0: by those before
}

// cloudName is part of a job's name.
var cloudName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,40}$`)

// Validate tells what is wrong.
func (c Config) Validate() error {
	switch {
	case !cloudName.MatchString(c.Name):
		return fmt.Errorf("a cloud's name is %q, want a to z, 0 to 9 and hyphens, beginning with a letter", c.Name)
	case !(c.PricePerHour >= 0 && c.PricePerHour < 1e6):
		return fmt.Errorf("price_per_hour is %g, want 0 or more", c.PricePerHour)
	case !(c.Transfer >= 0 && c.Transfer < 1e6):
		return fmt.Errorf("transfer_price_per_gb is %g, want 0 or more", c.Transfer)
	case c.Limit < 0 || c.Limit > 10_000:
		return fmt.Errorf("limit is %d, want 1 to 10000, or 0 for none", c.Limit)
	case c.Ready < 0:
		return errors.New("ready is below 0s")
	}
	return bandwidth.Check(c.MbitPerS)
}

// Placement gives the cloud as placement sees it.
func (c Config) Placement() placement.Cloud {
	return placement.Cloud{Name: c.Name, PricePerHour: c.PricePerHour, Prefer: c.Prefer, Limit: c.Limit, Chains: c.Chains}
}
