package dispatcher

import (
	"maps"
	"math"
	"slices"
	"time"

	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
	"bowecho/internal/radar"
)

// A chain on scans is ordered once a slot (a minute, say) in which there is a scan, as fresh as can be. The first scan of
// a slot asks: which other radars are due within the chain's patience, and before the slot ends? If none, the order goes
// out at once. Otherwise it is held until they have come, patience ends, or the next slot begins. What comes after the
// order counts for the next slot. A scan so late that its slot had none is ordered at once.
//
//	slot      |————————— 07:12 —————————|————————— 07:13 —————————|————————— 07:14 ————
//	cleburne   ● 07:12:02                                           ● 07:14:02
//	addison       ● 07:12:05, due: waited for  ● 07:13:04                ● 07:14:03, due
//	order         ▲ both                       ▲ addison, and            ▲ both
//	                                             cleburne of 07:12
//
// The clock is the data's. As fast as it goes, that is the newest scan's time: then only a later scan, or the end of the
// source, ends a wait.

// orderOnScan orders or holds, after a scan was heard, the chains on scans that are open in a domain.
func (d *Dispatcher) orderOnScan(s *domainState, m *event.Scan, now time.Time) {
	for _, chain := range d.cfg.chainsOn(event.ScanNews) {
		if d.cfg.Chains[chain].single() {
			continue
		}
		slot := m.Time.Truncate(d.cfg.Chains[chain].Every)
		if h, holding := s.Held[chain]; holding && (slot.After(h.Slot) || now.After(h.Until)) {
			d.orderSlot(s, chain, h.Slot)
		}
		if s.wants(chain, slot, d.cfg.Chains[chain].Window) && !s.OpenUntil[chain].Before(m.Time) {
			d.orderOrHold(s, chain, slot, m.Radar, now)
		}
	}
}

// wants tells whether a slot has not been ordered and is not older than what is remembered of that.
func (s *domainState) wants(chain string, slot time.Time, window time.Duration) bool {
	return !slices.ContainsFunc(s.Ordered[chain], func(ordered time.Time) bool {
		return ordered.Equal(slot) || slot.Before(ordered.Add(-window))
	})
}

// orderOrHold takes that a radar was heard in a slot that has not been ordered.
func (d *Dispatcher) orderOrHold(s *domainState, chain string, slot time.Time, radar string, now time.Time) {
	cfg := d.cfg.Chains[chain]
	h, holding := s.Held[chain]
	switch {
	case !holding:
		h = held{Slot: slot, Until: now.Add(cfg.Patience), For: d.due(s, radar, slot, cfg, now)}
	case slot.Equal(h.Slot):
		h.For = slices.DeleteFunc(slices.Clone(h.For), func(name string) bool { return name == radar })
	default: // a late scan of an earlier slot that had none
		d.orderSlot(s, chain, slot)
		return
	}
	if len(h.For) == 0 {
		d.orderSlot(s, chain, slot)
		return
	}
	s.Held[chain] = h
}

// due names the radars of a domain, other than the one that was just heard, that will be heard within patience, by their
// own cadence, and in the slot.
func (d *Dispatcher) due(s *domainState, arrived string, slot time.Time, cfg Chain, now time.Time) (names []string) {
	for _, name := range s.Radars {
		r := d.state.radar(name)
		next, known := r.Next()
		if name != arrived && known && r.Freshness == weather.OK && r.Last.Before(slot) && next.Before(slot.Add(cfg.Every)) &&
			!next.After(now.Add(cfg.Patience)) && next.After(now.Add(-cfg.Patience)) {
			names = append(names, name)
		}
	}
	return names
}

// orderHeld orders what is held and has waited long enough at a time of the data, or everything.
func (d *Dispatcher) orderHeld(now time.Time, everything bool) {
	for _, name := range slices.Sorted(maps.Keys(d.state.Domains)) {
		s := d.state.Domains[name]
		for _, chain := range slices.Sorted(maps.Keys(s.Held)) {
			if h := s.Held[chain]; everything || now.After(h.Until) {
				d.orderSlot(s, chain, h.Slot)
			}
		}
	}
}

// sameElevationDeg is how far the elevations of two sweeps may lie apart and still be the same cut. NEXRAD's lowest lie
// 0.4 apart.
const sameElevationDeg = 0.2

// inputs gives the newest scan of each radar and elevation that a slot may use, oldest first.
func (s *domainState) inputs(cfg Chain, slot time.Time) (list []heard) {
	for _, h := range slices.Backward(s.Scans) {
		if h.Time.Before(slot.Add(cfg.Every)) && !h.Time.Before(slot.Add(-cfg.Window)) && !h.replacedBy(list) {
			list = append(list, h)
		}
	}
	slices.Reverse(list)
	return list
}

// upTo gives a scan and, as far back as the chain's window, the newest of each radar and elevation before it.
func (s *domainState) upTo(cfg Chain, m *event.Scan) (list []heard) {
	for _, h := range slices.Backward(s.Scans) {
		if h.Key == m.Key || !h.Time.After(m.Time) && m.Time.Sub(h.Time) <= cfg.Window && cfg.Window > 0 && !h.replacedBy(list) {
			list = append(list, h)
		}
	}
	slices.Reverse(list)
	return list
}

// earlier gives of each radar the scan before that shows what has moved since and what stands still: the newest that is
// at least half as old as the chain's history goes back, and holds the lowest elevation of the radar's newest scan.
func (s *domainState) earlier(cfg Chain, used []heard) (list []event.Input) {
	found := map[string]bool{}
	for _, now := range slices.Backward(used) {
		if found[now.Radar] || len(now.Elevations) == 0 {
			continue
		}
		found[now.Radar] = true
		for _, h := range slices.Backward(s.Scans) {
			age := now.Time.Sub(h.Time)
			if h.Radar == now.Radar && age <= cfg.History && age >= cfg.History/2 && age > 0 && among(h.Elevations, slices.Min(now.Elevations)) {
				in := h.Input
				in.Kind = event.EarlierScan
				list = append(list, in)
				break
			}
		}
	}
	slices.Reverse(list)
	return list
}

// missing names the radars that see a domain, and have no scan among an order's inputs.
func (s *domainState) missing(inputs []event.Input) (names []string) {
	for _, name := range s.Radars {
		if !slices.ContainsFunc(inputs, func(in event.Input) bool { return in.Radar == name }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// replacedBy tells whether newer scans of its radar hold all its elevations, and not only as halves of split cuts.
func (h heard) replacedBy(newer []heard) bool {
	return !slices.ContainsFunc(h.Elevations, func(wanted float64) bool {
		return !slices.ContainsFunc(newer, func(n heard) bool {
			return n.Radar == h.Radar && among(n.Elevations, wanted) && !radar.IsDopplerHalf(n.RangeM, h.RangeM, n.Time.Sub(h.Time))
		})
	})
}

func among(elevations []float64, wanted float64) bool {
	return slices.ContainsFunc(elevations, func(e float64) bool { return math.Abs(e-wanted) < sameElevationDeg })
}
