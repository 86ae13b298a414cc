package simulate

import (
	"math"
	"slices"
	"time"

	"bowecho/dispatcher/demand"
	"bowecho/dispatcher/trigger"
	"bowecho/internal/event"
)

// The model of the nowcast knows nothing that has not been seen: areas go on as in the last minutes, less and less so, and
// it errs the more the further it looks.
const (
	lookBack    = 10 * time.Minute
	trendLasts  = 15.0 // minutes, to the e-th part
	erringSigma = 0.03 // a root of a minute
	mostGrowth  = 4.0
)

// leadMinutes is enough of a nowcast's lead times to look ahead by.
var leadMinutes = []float64{0, 2, 5, 10, 15, 20, 30}

// remember keeps what is seen, once a minute.
func (d *domain) remember(now time.Time, s event.Summary) {
	if n := len(d.past); n > 0 && now.Sub(d.past[n-1].at) < time.Minute {
		d.past[n-1].summary = s
		return
	}
	d.past = slices.DeleteFunc(append(d.past, past{now, s}), func(p past) bool { return now.Sub(p.at) > lookBack })
}

// outlook gives what a nowcast would say now.
func (d *domain) outlook(seed uint64, now time.Time, shows event.Summary) *demand.Outlook {
	o := &demand.Outlook{Issued: now, LeadMinutes: leadMinutes}
	first := d.past[0]
	minutes := now.Sub(first.at).Minutes()
	r := chance(seed, "nowcast", d.name, now.String())
	for _, lead := range leadMinutes {
		s := shows
		s.Above = slices.Clone(shows.Above)
		errs := around(r, erringSigma*math.Sqrt(lead))
		for i, a := range s.Above {
			trend := 0.0
			if minutes > 2 {
				trend = (a.KM2 - first.summary.KM2Above(a.DBZ)) / minutes
			}
			s.Above[i].KM2 = errs * min(max(a.KM2+trend*trendLasts*(1-math.Exp(-lead/trendLasts)), a.KM2/mostGrowth), a.KM2*mostGrowth)
		}
		o.Leads = append(o.Leads, s)
	}
	return o
}

// products gives what triggers may ask for of grids.
func (d *domain) products(now time.Time, shows event.Summary) map[string]trigger.Product {
	return map[string]trigger.Product{
		"mosaic":  {Summary: shows, Time: now, LeadMinutes: []float64{0}},
		"nowcast": {Summary: shows, Time: now, LeadMinutes: []float64{0}, Leads: []event.Summary{shows}},
	}
}
