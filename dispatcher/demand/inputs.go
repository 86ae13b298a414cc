package demand

import (
	"fmt"
	"time"
)

// Inputs gives all that a step was decided from, as a decision tells it. The times are in seconds.
func (l Load) Inputs(c Config, before Scale, now time.Time) map[string]any {
	n := c.need(l)
	ago := func(t time.Time) any {
		if t.IsZero() {
			return nil
		}
		return now.Sub(t).Seconds()
	}
	return map[string]any{
		"known": l.Known, "waiting": l.Waiting, "running": l.Running, "open": l.Open, "floor": l.Floor, "alive": l.Alive,
		"waitingSeconds": l.WaitingSeconds, "runningSeconds": l.RunningSeconds, "secondsEach": l.Each,
		"expected": l.Expected, "expectedSeconds": l.ExpectedSeconds, "expectedWorkers": n.rate, "readySeconds": l.Ready.Seconds(),
		"due": map[string]any{"orders": n.by.Orders, "seconds": n.by.Seconds, "withinSeconds": n.by.Within.Seconds()},
		"now": l.Now, "ahead": l.Ahead, "needed": n.workers, "working": n.working(l, c),
		"upAgo": ago(before.Up), "downAgo": ago(before.Down), "fewerSince": ago(before.fewer), "lostSince": ago(before.lost), "mostSince": before.most,
		"bounds": map[string]any{
			"max": c.Max, "targetUse": c.TargetUse, "finishSeconds": c.Finish.Seconds(), "ahead": c.Ahead,
			"upCooldownSeconds": c.UpCooldown.Seconds(), "cooldownSeconds": c.Cooldown.Seconds(),
			"stepUp": c.StepUp, "stepDown": c.StepDown, "holdForSeconds": c.HoldFor.Seconds(),
		},
	}
}

// working gives how the number of workers comes of the numbers.
func (n need) working(l Load, c Config) map[string]string {
	work, within, ready := n.by.Seconds/c.TargetUse, n.by.Within.Seconds(), l.Ready.Seconds()
	due := fmt.Sprintf("%.1f s / %.2f use / %.1f s = %.2f", n.by.Seconds, c.TargetUse, within, n.most)
	if there := float64(l.Alive); n.by.Orders > 0 && work/within > there {
		due = fmt.Sprintf("(%.1f s / %.2f use - %d there x %.1f s until others are) / (%.1f s - %.1f s) = %.2f, not below %d and not above %d orders",
			n.by.Seconds, c.TargetUse, l.Alive, ready, within, ready, n.most, l.Alive, n.by.Orders)
	}
	return map[string]string{
		"due":      due,
		"expected": fmt.Sprintf("%.1f s / (%.1f s x %.2f use) = %.2f, less %.1f that may wait", l.ExpectedSeconds, c.Finish.Seconds(), c.TargetUse, n.rate, carried),
		"workers":  fmt.Sprintf("the greater, rounded up: %d; at least %d for the floor and %d at work, at most %d", n.workers, l.Floor, l.Running, c.Max),
	}
}
