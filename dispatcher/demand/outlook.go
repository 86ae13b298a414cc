package demand

import (
	"math"
	"slices"
	"time"

	"bowecho/internal/event"
)

// Outlook is what the newest nowcast of a domain says of the next minutes.
type Outlook struct {
	Issued      time.Time       `json:"issued"`
	LeadMinutes []float64       `json:"leadMinutes"`
	Leads       []event.Summary `json:"leads"`
}

// Ahead gives the features that orders will have at a later time of the data: as they are now, with all areas as much
// larger or smaller as the nowcast says. Where it says nothing of either time they stay as they are.
func (o *Outlook) Ahead(f event.Features, now, then time.Time) event.Features {
	from, known := o.at(now)
	to, knownThen := o.at(then)
	if !known || !knownThen || !then.After(now) {
		return f
	}
	w := f.Weather
	w.Above = slices.Clone(w.Above)
	for i, a := range w.Above {
		w.Above[i].KM2 *= grows(from.KM2Above(a.DBZ), to.KM2Above(a.DBZ))
	}
	w.EchoFraction = min(w.EchoFraction*grows(100*from.EchoFraction, 100*to.EchoFraction), 1)
	f.Weather = w
	return f
}

// grows gives by how much something grows. Growth from next to nothing, 1 km² or 1 %, is not taken at its word.
func grows(from, to float64) float64 { return min((to+1)/(from+1), mostGrowth) }

// mostGrowth within minutes is what the first minutes of a line of storms show.
const mostGrowth = 10

// at gives the summary of a time: of the nearest lead time, the last one for a while after it.
func (o *Outlook) at(t time.Time) (event.Summary, bool) {
	if o == nil || len(o.Leads) == 0 || len(o.Leads) != len(o.LeadMinutes) {
		return event.Summary{}, false
	}
	minutes := t.Sub(o.Issued).Minutes()
	last := o.LeadMinutes[len(o.LeadMinutes)-1]
	if minutes < -1 || minutes > 2*last {
		return event.Summary{}, false
	}
	nearest := 0
	for i, lead := range o.LeadMinutes {
		if math.Abs(lead-minutes) < math.Abs(o.LeadMinutes[nearest]-minutes) {
			nearest = i
		}
	}
	return o.Leads[nearest], true
}
