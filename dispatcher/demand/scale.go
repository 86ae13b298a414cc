package demand

import (
	"fmt"
	"time"
)

// Scale is the number of workers of a chain over time. It may be stored and continued, so that cooldowns outlast a restart.
type Scale struct {
	Workers int       `json:"workers"`
	Up      time.Time `json:"up,omitzero"`   // when there were last more
	Down    time.Time `json:"down,omitzero"` // when there were last fewer
	lost    time.Time // since when there are no numbers
	fewer   time.Time // since when fewer would suffice
	most    int       // how many were needed at most since then
}

// Step gives the number of workers for a load at a time of the wall clock, and why.
//
// It goes from none to what is needed at once, and then up by at most StepUp each UpCooldown. It goes down after the
// cooldown, by at most StepDown, to the most that was needed meanwhile. It never goes below what is running, nor above the
// maximum, except to keep those that are at work when the maximum has become smaller. Without numbers it holds for
// HoldFor, and then goes to the floor.
func (s *Scale) Step(cfg Config, l Load, now time.Time) (workers int, reason string) {
	if l.Known {
		s.lost = time.Time{}
		want, reason := cfg.want(l)
		return s.pace(cfg, want, max(min(l.Running, max(cfg.Max, s.Workers)), min(l.Floor, cfg.Max)), reason, now)
	}
	if s.lost.IsZero() {
		s.lost = now
	}
	if away := now.Sub(s.lost); away < cfg.HoldFor {
		s.fewer = time.Time{}
		return s.Workers, fmt.Sprintf("the queue cannot be read: hold for %v", cfg.HoldFor)
	}
	floor := min(l.Floor, cfg.Max)
	return s.pace(cfg, floor, floor, fmt.Sprintf("the queue could not be read for %v: the floor", cfg.HoldFor), now)
}

// pace takes that some workers are wanted, of which some must be there at once.
func (s *Scale) pace(cfg Config, want, least int, reason string, now time.Time) (int, string) {
	if want = max(want, least); want >= s.Workers {
		s.fewer = time.Time{}
		return s.up(cfg, want, least, reason, now)
	}
	if s.fewer.IsZero() {
		s.fewer, s.most = now, want
	}
	s.most = max(s.most, want)
	if now.Sub(s.fewer) < cfg.Cooldown || now.Sub(s.Up) < cfg.Cooldown || now.Sub(s.Down) < cfg.Cooldown {
		return s.Workers, "fewer would suffice: wait"
	}
	if cfg.StepDown > 0 && s.most < s.Workers-cfg.StepDown {
		s.most = s.Workers - cfg.StepDown
		reason += fmt.Sprintf("; %d fewer at most in one step", cfg.StepDown)
	}
	s.Workers, s.Down, s.fewer = s.most, now, time.Time{}
	if want < s.Workers {
		s.fewer, s.most = now, want
	}
	return s.Workers, reason
}

func (s *Scale) up(cfg Config, want, least int, reason string, now time.Time) (int, string) {
	if want == s.Workers {
		return want, reason
	}
	if s.Workers > 0 {
		if now.Sub(s.Up) < cfg.UpCooldown {
			want, reason = max(least, s.Workers), "more are needed: wait"
		}
		if cfg.StepUp > 0 && want > s.Workers+cfg.StepUp {
			want = max(least, s.Workers+cfg.StepUp)
			reason += fmt.Sprintf("; %d more at most in one step", cfg.StepUp)
		}
	}
	if want > s.Workers {
		s.Workers, s.Up = want, now
	}
	return s.Workers, reason
}
