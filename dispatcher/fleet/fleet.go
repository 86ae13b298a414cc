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

// CheckCount refuses a number of workers that cannot be.
func CheckCount(chain string, count int) error {
	if count < 0 {
		return fmt.Errorf("%d workers of chain %s, want 0 or more", count, chain)
	}
	return nil
}
