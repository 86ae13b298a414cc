package dispatcher

import (
	"math"
	"slices"
	"strings"
	"time"

	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
)

// A chain on scans is ordered once a slot (a minute, say), as fresh as can be. The first scan of a slot asks: which
// other radars are due within the chain's patience? If none, the order goes out at once. Otherwise it is held until
// they have come or patience ends. What comes after the order counts for the next slot.
//
//	slot     |————————— 07:12 —————————|————————— 07:13 ——
//	cleburne  ● 07:12:02
//	addison      ● 07:12:05 (due, and waited for)  ● 07:13:04
//	order        ▲ both                            ▲ addison; cleburne's of 07:12 within the window

// due names the radars of a domain that will be heard between a time and patience later.
func (d *Dispatcher) due(domain *domainState, arrived string, now time.Time, patience time.Duration) (names []string) {
	for name := range d.radarsOf(domain) {
		r := d.state.Radars[name]
		next := r.Last.Add(r.Cadence())
		if name != arrived && len(r.Intervals) > 0 && r.Freshness == weather.OK &&
			!next.After(now.Add(patience)) && next.After(now.Add(-patience)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// radarsOf gives the radars of which a domain has recent scans.
func (d *Dispatcher) radarsOf(domain *domainState) map[string]bool {
	names := map[string]bool{}
	for _, h := range domain.Scans {
		names[h.Radar] = true
	}
	return names
}

// onScan decides, after a scan was heard, which chains of a domain are ordered now, and holds the others.
func (d *Dispatcher) onScan(name string, domain *domainState, m *event.Scan) (ready []slotted) {
	ready = d.overdue(name, domain, m.Time)
	for _, chain := range d.cfg.chainsOn(onScan) {
		cfg := d.cfg.Chains[chain]
		slot := m.Time.Truncate(cfg.Every)
		if domain.OpenUntil[chain].Before(m.Time) || !slot.After(domain.Ordered[chain]) {
			continue
		}
		h, holding := domain.Held[chain]
		waitsFor := d.due(domain, m.Radar, m.Time, cfg.Patience)
		if holding {
			waitsFor = without(strings.Split(h.For, ","), m.Radar)
		}
		if len(waitsFor) == 0 {
			delete(domain.Held, chain)
			ready = append(ready, slotted{name, chain, slot})
			continue
		}
		if !holding {
			h = held{Slot: slot, Until: m.Time.Add(cfg.Patience)}
		}
		h.For = strings.Join(waitsFor, ",")
		domain.Held[chain] = h
	}
	return ready
}

func without(names []string, name string) []string {
	return slices.DeleteFunc(names, func(n string) bool { return n == name || n == "" })
}

// slotted is an order that is to be made for a slot.
type slotted struct {
	domain, chain string
	slot          time.Time
}

// overdue takes the held orders of which patience has ended at a time of the data.
func (d *Dispatcher) overdue(name string, domain *domainState, now time.Time) (ready []slotted) {
	for chain, h := range domain.Held {
		if now.After(h.Until) {
			delete(domain.Held, chain)
			ready = append(ready, slotted{name, chain, h.Slot})
		}
	}
	slices.SortFunc(ready, func(a, b slotted) int { return strings.Compare(a.chain, b.chain) })
	return ready
}

// inputs gives the newest scan of each radar and elevation that a slot may use, oldest first.
func (domain *domainState) inputs(cfg Chain, slot time.Time) (list []event.Input) {
	end := slot.Add(cfg.Every)
	type beam struct {
		radar     string
		elevation float64
	}
	seen := map[beam]bool{}
	for _, h := range slices.Backward(domain.Scans) {
		if !h.Time.Before(end) {
			continue
		}
		if h.Time.Before(slot.Add(-cfg.Window)) {
			break
		}
		news := false
		for _, e := range h.Elevations {
			b := beam{h.Radar, math.Round(e * 2)} // to half a degree
			news = news || !seen[b]
			seen[b] = true
		}
		if news {
			list = append(list, h.Input)
		}
	}
	slices.Reverse(list)
	return list
}
