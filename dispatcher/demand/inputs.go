package demand

import "time"

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
		"now": l.Now, "ahead": l.Ahead, "needed": n.workers,
		"upAgo": ago(before.Up), "downAgo": ago(before.Down), "fewerSince": ago(before.fewer), "lostSince": ago(before.lost), "mostSince": before.most,
		"bounds": map[string]any{
			"max": c.Max, "targetUse": c.TargetUse, "finishSeconds": c.Finish.Seconds(), "ahead": c.Ahead,
			"upCooldownSeconds": c.UpCooldown.Seconds(), "cooldownSeconds": c.Cooldown.Seconds(),
			"stepUp": c.StepUp, "stepDown": c.StepDown, "holdForSeconds": c.HoldFor.Seconds(),
		},
	}
}
