package demand

import (
	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
)

// OfScans gives the features of an order on scans, of which each of the summaries is one.
func OfScans(inputs int, scans []event.Summary) event.Features {
	f := event.Features{Inputs: inputs}
	for _, s := range scans {
		f.Weather = weather.Sum(f.Weather, s)
	}
	return f
}

// OfGrid gives the features of an order on grids, of which this is the newest.
func OfGrid(inputs int, g *event.Grid) event.Features {
	f := event.Features{Inputs: inputs, Leads: len(g.LeadMinutes), Weather: g.Summary}
	if len(g.Leads) > 0 {
		f.Weather = mean(g.Leads)
	}
	return f
}

// mean gives the mean over lead times, and of the strongest echo the strongest.
func mean(leads []event.Summary) (m event.Summary) {
	for _, s := range leads {
		m = weather.Sum(m, s)
	}
	count := len(leads)
	m.Gates, m.Cells = m.Gates/count, m.Cells/count
	for i := range m.Above {
		m.Above[i].Gates /= count
		m.Above[i].KM2 /= float64(count)
	}
	return m
}
