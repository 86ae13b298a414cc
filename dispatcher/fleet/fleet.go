// Package fleet is where workers run.
package fleet

import (
	"context"
	"fmt"
)

// Fleet runs workers that pull orders by themselves; it is told only how many.
type Fleet interface {
	// Scale sets how many workers of a chain there shall be, and notes why. It does not wait until they are.
	Scale(ctx context.Context, chain string, count int, reason string) error
	// Count gives how many workers of each chain are alive, also those that finish their last order.
	Count(ctx context.Context) (map[string]int, error)
}

// Spread is a fleet over several clouds.
type Spread interface {
	// Shares gives what each cloud has of a chain's workers.
	Shares(chain string) map[string]Share
}

// Share is what a cloud has of a chain's workers.
type Share struct {
	State        string  `json:"state"` // as the values of event.CloudChange, of the whole cloud
	Asked        int     `json:"asked"`
	Alive        int     `json:"alive"`
	Full         string  `json:"full,omitempty"` // why those that are asked for do not come
	PricePerHour float64 `json:"pricePerHour"`
	ReadySeconds float64 `json:"readySeconds,omitempty"` // from being asked for to being alive; 0: not known yet
}

// Ranker is a fleet in which workers may lack places or processors, so that it must know whose come first.
type Ranker interface {
	// Rank takes the priority of each chain, 0 to 100. The map is not changed afterwards.
	Rank(priorities map[string]int)
}

// CheckCount refuses a number of workers that cannot be.
func CheckCount(chain string, count int) error {
	if count < 0 {
		return fmt.Errorf("%d workers of chain %s, want 0 or more", count, chain)
	}
	return nil
}
