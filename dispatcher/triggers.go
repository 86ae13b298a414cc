package dispatcher

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"bowecho/dispatcher/trigger"
	"bowecho/internal/event"
)

// lostAfter is how long a product may fail to come, while its chain is open, before nothing is known of it.
const lostAfter = 10 * time.Minute

// products gives the newest grid of each product, and marks those that are asked for and do not come.
func (d *Dispatcher) products(s *domainState, now time.Time) map[string]trigger.Product {
	all := maps.Clone(s.Products)
	for name, chain := range d.cfg.Chains {
		since, open := s.OpenSince[name]
		if !open || now.Sub(since) <= lostAfter {
			continue
		}
		for _, product := range chain.products() {
			p := all[product]
			p.Lost = now.Sub(p.Time) > lostAfter
			all[product] = p
		}
	}
	return all
}

// step asks a trigger, and tells where its state changes.
func (d *Dispatcher) step(s *domainState, t *trigger.Trigger, facts trigger.Facts) {
	state := s.Triggers[t.Name]
	if state == nil {
		state = &trigger.State{}
		s.Triggers[t.Name] = state
	}
	was, answer := *state, t.Ask(facts, state.Open)
	if state.Step(t.Rule, answer, facts.Time) {
		d.turned(s, t, was, *state, answer, facts)
	}
}

// turned tells that a trigger has opened or closed, or that nothing is known of what it names.
func (d *Dispatcher) turned(s *domainState, t *trigger.Trigger, was, is trigger.State, answer trigger.Answer, facts trigger.Facts) {
	inputs := shown(facts.Seen)
	inputs["regime"], inputs["values"] = facts.Regime, t.Values(facts)
	inputs["opens"], inputs["chainsOpen"], inputs["floor"], inputs["priority"] = t.Opens, is.Open, t.Workers(), t.Priority
	inputs["forSeconds"], inputs["keepForSeconds"], inputs["onNoData"] = t.For.Seconds(), t.KeepFor.Seconds(), t.WithoutData()
	reason := t.When
	switch {
	case is.Unknown && is.Open:
		reason = fmt.Sprintf("%s; its chains stay open for %v", answer.Why, t.KeepFor)
	case is.Unknown && was.Open:
		reason = answer.Why + "; its chains are closed"
	case is.Unknown:
		reason = answer.Why
	case !is.Open && t.ClearWhen != "":
		reason = t.ClearWhen
	}
	d.tell(&event.Decision{
		Kind: event.TriggerChange, Subj: t.Name, Domain: s.Domain.Name, Value: is.Value(), Was: was.Value(),
		Reason: reason, Inputs: inputs, DataTime: facts.Time,
	})
}

// noteOpen notes until when, and since when, the chains of a domain are open.
func (d *Dispatcher) noteOpen(s *domainState, now time.Time) {
	open := map[string]time.Time{}
	for t := range d.openTriggers(s) {
		for _, chain := range t.Opens {
			s.OpenUntil[chain] = now
			if open[chain] = s.OpenSince[chain]; open[chain].IsZero() {
				open[chain] = now
			}
		}
	}
	s.OpenSince = open
}

// openTriggers gives the triggers that are open in a domain.
func (d *Dispatcher) openTriggers(s *domainState) func(yield func(*trigger.Trigger) bool) {
	return func(yield func(*trigger.Trigger) bool) {
		for _, t := range d.triggers {
			if state := s.Triggers[t.Name]; state != nil && state.Open && !yield(t) {
				return
			}
		}
	}
}

// openFor gives the triggers that are open in any domain and open a chain: none while the budget refuses it.
func (d *Dispatcher) openFor(chain string) (list []*trigger.Trigger) {
	if d.spender.refuses(chain) != "" {
		return nil
	}
	for _, s := range d.state.Domains {
		for t := range d.openTriggers(s) {
			if slices.Contains(t.Opens, chain) {
				list = append(list, t)
			}
		}
	}
	return list
}

// open tells whether a trigger that opens a chain is open in any domain.
func (d *Dispatcher) open(chain string) bool { return len(d.openFor(chain)) > 0 }

// floor gives how many workers of a chain its open triggers keep: the most that one of them does.
func (d *Dispatcher) floor(chain string) (workers int) {
	for _, t := range d.openFor(chain) {
		workers = max(workers, t.Workers())
	}
	return workers
}

// raised gives how much more a chain's orders count while its triggers are open: the most that one of them says.
func (d *Dispatcher) raised(chain string) (priority int) {
	for _, t := range d.openFor(chain) {
		priority = max(priority, t.Priority)
	}
	return priority
}
