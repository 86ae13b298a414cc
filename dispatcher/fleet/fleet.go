// Package fleet is where workers run.
package fleet

import "context"

// Fleet runs workers that pull orders by themselves; it is told only how many.
type Fleet interface {
	// Scale sets how many workers of a chain there shall be. It does not wait until they are.
	Scale(ctx context.Context, chain string, count int) error
	// Count gives how many workers of each chain are alive.
	Count(ctx context.Context) (map[string]int, error)
}
