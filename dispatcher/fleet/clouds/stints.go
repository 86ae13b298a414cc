package clouds

import (
	"context"
	"errors"
	"fmt"

	"bowecho/dispatcher/fleet"
)

// Stints gives those of all clouds that keep time, with each cloud's name and price. The error tells who did not answer.
func (f *Fleet) Stints(ctx context.Context) (all []fleet.Stint, err error) {
	var errs []error
	for _, m := range f.members {
		keeper, keeps := m.Cloud.(fleet.Timekeeper)
		if !keeps {
			continue
		}
		stints, err := keeper.Stints(ctx)
		if err != nil {
			errs = append(errs, fmt.Errorf("cloud %s: %w", m.Name, err))
		}
		for _, s := range stints {
			s.Cloud, s.PricePerHour = m.Name, m.PricePerHour
			all = append(all, s)
		}
	}
	return all, errors.Join(errs...)
}
