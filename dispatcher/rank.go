package dispatcher

import (
	"context"
	"maps"
	"time"

	"bowecho/dispatcher/fleet"
)

// rank tells the fleet which chains come first where places are too few, and again when that changes, until ctx ends. It
// is a loop of its own, for a fleet that speaks to clouds may take its time.
func (d *Dispatcher) rank(ctx context.Context) error {
	ranker, can := d.fleet.(fleet.Ranker)
	if !can {
		return nil
	}
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	var told map[string]int
	for {
		if now := d.priorities(); !maps.Equal(now, told) {
			ranker.Rank(now)
			told = now
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// priorities gives how urgent each chain is.
func (d *Dispatcher) priorities() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[string]int{}
	for chain := range d.cfg.Chains {
		all[chain] = d.cfg.priority(chain, d.raised)
	}
	return all
}
