package clouds

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"bowecho/dispatcher/placement"
)

// goneAfter is how long a cloud may be silent until its workers count no more. Until then they are taken to work on,
// as they do when only Nomad's server is away.
const goneAfter = time.Minute

// tellWithin bounds how long one cloud may keep the others waiting.
const tellWithin = 5 * time.Second

// member is a cloud, and what is known of it.
type member struct {
	Member
	log    *slog.Logger
	silent time.Time // since when it does not answer; zero: it does
	err    error     // why it does not
	groups map[string]*group
	ready  time.Duration // from being asked for to being alive, as its last workers took; 0: not known yet
	fault  string        // what was last said of a scaling that it did not take
	said   string        // how it stands, as was last told
}

// group is the workers of a chain in a cloud.
type group struct {
	asked, alive int
	since        time.Time // since when more are asked than are alive, and no more came
	told         time.Time
	raised       time.Time // when more were asked for that have not all come; zero: they have
	full         string    // why, where the cloud says so
	short        bool
}

// look counts the cloud's workers.
func (m *member) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	counts, err := m.Cloud.Count(ctx)
	now := time.Now()
	m.err = err
	if err != nil {
		if m.silent.IsZero() {
			m.silent = now
			m.log.Warn("a cloud does not answer", "err", err)
		}
		return fmt.Errorf("cloud %s: %w", m.Name, err)
	}
	if !m.silent.IsZero() {
		m.log.Info("a cloud answers again", "after", now.Sub(m.silent).Round(time.Second))
		m.silent = time.Time{}
	}
	for chain, alive := range counts {
		if m.groups[chain] == nil {
			m.groups[chain] = &group{asked: alive} // an earlier dispatcher has asked for them
		}
	}
	for chain, g := range m.groups {
		m.judge(chain, g, counts[chain], now)
	}
	return nil
}

// judge tells whether what a group lacks is not to be waited for.
func (m *member) judge(chain string, g *group, alive int, now time.Time) {
	if alive > g.alive && !g.raised.IsZero() && !g.short {
		m.learn(now.Sub(g.raised))
	}
	if alive >= g.asked {
		g.raised = time.Time{}
	}
	if alive >= g.asked || alive > g.alive || g.since.IsZero() {
		g.since = now
	}
	g.alive, g.full = alive, m.Cloud.Full(chain)
	was := g.short
	g.short = alive < g.asked && (g.full != "" || now.Sub(g.since) >= m.slowAfter())
	if g.short && !was {
		m.log.Warn("a cloud gives fewer workers than asked", "chain", chain, "asked", g.asked, "alive", alive, "why", g.why())
	}
	if was && !g.short {
		m.log.Info("a cloud gives what is asked again", "chain", chain, "asked", g.asked, "alive", alive)
	}
}

func (g *group) why() string {
	if g.full != "" {
		return "full: " + g.full
	}
	return "slow"
}

func (m *member) state() placement.State {
	switch {
	case m.silent.IsZero():
		return placement.Up
	case time.Since(m.silent) < goneAfter:
		return placement.Held
	default:
		return placement.Gone
	}
}

func (m *member) standing() placement.Standing {
	s := placement.Standing{State: m.state(), Groups: map[string]placement.Group{}}
	for chain, g := range m.groups {
		s.Groups[chain] = placement.Group{Asked: g.asked, Alive: g.alive, Short: g.short}
	}
	return s
}

// result is how many scalings a cloud took, and what went wrong with the others.
type result struct {
	taken int
	err   error
}

// ask tells the cloud what it is to have of each chain, where that is news. What it did not bring about in time is told
// again, for somebody may have undone it.
func (m *member) ask(ctx context.Context, counts map[string]int, wanted map[string]want, why string) (r result) {
	ctx, cancel := context.WithTimeout(ctx, tellWithin)
	defer cancel()
	now := time.Now()
	var errs []error
	for _, chain := range slices.Sorted(maps.Keys(counts)) {
		g, count := m.groups[chain], counts[chain]
		if g == nil {
			g = &group{since: now}
			m.groups[chain] = g
		}
		again := g.alive != count && now.Sub(g.told) >= m.slowAfter()
		if count == g.asked && !again {
			continue
		}
		if err := m.Cloud.Scale(ctx, chain, count, reason(wanted[chain], count, why)); err != nil {
			errs = append(errs, fmt.Errorf("cloud %s: %w", m.Name, err))
			continue
		}
		if count > g.asked {
			g.raised = now
		}
		g.asked, g.told = count, now
		r.taken++
	}
	r.err = errors.Join(errs...)
	m.tellFault(r.err)
	return r
}

func (m *member) tellFault(err error) {
	fault := ""
	if err != nil {
		fault = err.Error()
	}
	if fault != "" && fault != m.fault {
		m.log.Warn("a cloud did not take a scaling; it is tried again", "err", err)
	}
	m.fault = fault
}

// reason says why a cloud gets so many workers.
func reason(w want, count int, why string) string {
	text := w.reason
	if count != w.count {
		text += fmt.Sprintf("; %d of %d here", count, w.count)
	}
	if why != "" {
		text += "; " + why
	}
	return text
}

// trouble tells what is wrong with the cloud; empty where nothing is.
func (m *member) trouble() string {
	if m.state() != placement.Up {
		return fmt.Sprintf("%s does not answer", m.Name)
	}
	var parts []string
	for _, chain := range slices.Sorted(maps.Keys(m.groups)) {
		if g := m.groups[chain]; g.short {
			parts = append(parts, fmt.Sprintf("%s %d of %d, %s", chain, g.alive, g.asked, g.why()))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("%s has of %s", m.Name, strings.Join(parts, ", of "))
}
