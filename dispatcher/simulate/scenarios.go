package simulate

import (
	"math"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/placement"
	"bowecho/dispatcher/trigger"
	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
)

// Names gives the made-up worlds.
func Names() []string { return []string{"week", "swings", "squall", "slow", "continent"} }

// New gives a made-up world by its name: how its chains are scaled is the policy, and the seed decides on chance.
func New(name string, policy demand.Config, seed uint64) (*World, error) {
	w := &World{Name: name, Weather: weather.DefaultConfig(), Seed: seed, Clouds: usualClouds(), Chains: usualChains(policy)}
	var n network
	opens := map[string][]string{"storm": {"mosaic", "nowcast", "contour", "picture"}, "convection": {"hail"}}
	r := chance(seed, name)
	switch name {
	case "week": // CASA's network: seven radars, seventeen files a minute
		n = network{domains: 1, radars: 7, cadence: 25 * time.Second, gates: 600_000, lasts: 7 * 24 * time.Hour}
		for day, hours := range []float64{0, 1.5, 0, 2.5, 1, 0, 3.4} {
			if hours > 0 {
				n.systems = append(n.systems, storm(time.Duration(day)*24*time.Hour+hourly(r.Float64()*16), hours, 0.5+0.5*r.Float64()))
			}
		}
		for day, hours := range []float64{2, 0, 3, 0, 0, 1} {
			if hours > 0 {
				n.systems = append(n.systems, rain(time.Duration(day)*24*time.Hour+hourly(r.Float64()*14), hours, 0.3+0.4*r.Float64()))
			}
		}
	case "swings": // what an order takes swings by 200 times and more with the weather, and each scan is an order
		n = network{domains: 1, radars: 7, cadence: 25 * time.Second, gates: 600_000, lasts: hourly(3 / duty)}
		n.systems = []system{storm(hourly(4), 2, 1), storm(hourly(11), 1, 0.6), rain(hourly(15), 4, 0.5)}
		w.Chains = []Chain{swinging(policy)}
		opens = map[string][]string{"storm": {"cells"}}
	case "squall", "slow": // a line of storms runs into a quiet network of sixteen radars
		n = network{domains: 4, radars: 4, cadence: 30 * time.Second, gates: 600_000, lasts: hourly(2.5 / duty)}
		n.systems = []system{{begins: hourly(3 + r.Float64()), grows: 6 * time.Minute, lasts: 70 * time.Minute, ebb: 40 * time.Minute,
			strength: 1, convective: true, last: 3, lag: 12 * time.Minute}}
		if name == "slow" { // and a worker is a machine that must be started first, for cells that are tracked in each scan
			for i := range w.Clouds {
				w.Clouds[i].Ready = 3 * time.Minute
			}
			w.Chains = append(w.Chains, swinging(policy))
			opens["convection"] = append(opens["convection"], "cells")
		}
	case "continent": // 160 radars in forty domains, over which a day's weather passes
		n = network{domains: 40, radars: 4, cadence: time.Minute, gates: 1_300_000, lasts: 24 * time.Hour}
		for range 14 {
			first := r.IntN(34)
			s := storm(hourly(23*r.Float64()), 1+2*r.Float64(), 0.4+0.6*r.Float64())
			s.first, s.last, s.lag = first, min(first+2+r.IntN(8), 39), 20*time.Minute
			n.systems = append(n.systems, s)
		}
		for range 10 {
			first := r.IntN(30)
			s := rain(hourly(20*r.Float64()), 3+5*r.Float64(), 0.3+0.4*r.Float64())
			s.first, s.last, s.lag = first, min(first+5+r.IntN(10), 39), 30*time.Minute
			n.systems = append(n.systems, s)
		}
	default:
		return nil, unknown(name)
	}
	w.Scans = n.scans(seed)
	var err error
	w.Triggers, err = usualTriggers(w.Chains, opens)
	return w, err
}

// duty is the share of the time in which CASA saw convection: 90 of 1800 hours. Source: AMS 2013, Paper 222297. In each of
// these worlds but that of a continent, where storms are always somewhere, it is so.
const duty = 0.05

func hourly(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }

// storm is convection that lasts for some hours.
func storm(begins time.Duration, hours, strength float64) system {
	return system{begins: begins, grows: 20 * time.Minute, lasts: hourly(hours), ebb: 40 * time.Minute, strength: strength, convective: true}
}

// rain is stratiform.
func rain(begins time.Duration, hours, strength float64) system {
	return system{begins: begins, grows: 30 * time.Minute, lasts: hourly(hours), ebb: 30 * time.Minute, strength: strength}
}

// usualClouds are a small cheap one and a large dear one, both with images at hand.
func usualClouds() []Cloud {
	return []Cloud{
		{placement.Cloud{Name: "campus", PricePerHour: 0.02, Limit: 12}, 4 * time.Second},
		{placement.Cloud{Name: "public", PricePerHour: 0.09, Limit: 2000}, 12 * time.Second},
	}
}

// usualTriggers open what is wanted in rain and storms, and what only in storms.
func usualTriggers(chains []Chain, opens map[string][]string) (list []*trigger.Trigger, err error) {
	known := trigger.Known{Products: []string{"mosaic", "nowcast"}}
	for _, c := range chains {
		known.Chains = append(known.Chains, c.Name)
	}
	names, err := trigger.NewVocabulary(known)
	if err != nil {
		return nil, err
	}
	for _, t := range []struct{ name, when string }{
		{"storm", `regime in ["stratiform", "convective"]`}, {"convection", `regime == "convective"`},
	} {
		if len(opens[t.name]) == 0 {
			continue
		}
		t, err := names.Compile(trigger.Rule{Name: t.name, When: t.when, KeepFor: 5 * time.Minute, Opens: opens[t.name]})
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// usualChains are the default ones, and one for hail in each scan.
func usualChains(policy demand.Config) []Chain {
	chain := func(name, on string, every time.Duration, makes ...string) Chain {
		return Chain{Name: name, On: on, Every: every, Makes: makes, Deadline: 90 * time.Second, Scaling: policy, Takes: LawOf(name)}
	}
	return []Chain{
		chain("mosaic", event.ScanNews, time.Minute, event.GridNews+"mosaic"), chain("hail", event.ScanNews, 0),
		chain("nowcast", event.GridNews+"mosaic", 0, event.GridNews+"nowcast"),
		chain("contour", event.GridNews+"nowcast", 0), chain("picture", event.GridNews+"nowcast", 0),
	}
}

// swinging is a chain whose orders take from a fifth of a second to a minute.
func swinging(policy demand.Config) Chain {
	return Chain{Name: "cells", On: event.ScanNews, Deadline: 2 * time.Minute, Scaling: policy, Takes: func(f event.Features) float64 {
		return 0.1 + 45*math.Pow(f.Weather.KM2Above(45)/300, 1.6)
	}}
}

// LawOf gives about what an order of a built-in calculation takes on two cores with nothing else to do. In the storm of CASA's
// files mosaics took 0.7 to 0.8 s, nowcasts 1.5 to 1.8, areas 0.5 to 0.7 and pictures 0.7 to 1.2; of chances and all others,
// as of hail, it is a guess.
func LawOf(worker string) Law {
	switch worker {
	case "mosaic":
		return func(f event.Features) float64 { return 0.3 + 0.06*float64(f.Inputs) + f.Weather.EchoFraction }
	case "nowcast":
		return func(f event.Features) float64 { return 0.9 + 1.5*f.Weather.EchoFraction }
	case "contour":
		return func(f event.Features) float64 { return 0.2 + f.Weather.KM2Above(35)/2000 + float64(f.Weather.Cells)/20 }
	case "picture":
		return func(f event.Features) float64 { return 0.5 + f.Weather.EchoFraction }
	case "probability":
		return func(f event.Features) float64 { return 3 + f.Weather.EchoFraction }
	default:
		return func(f event.Features) float64 { return 2 + 8*(1-math.Exp(-f.Weather.KM2Above(40)/100)) }
	}
}
