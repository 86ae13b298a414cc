package trigger

import (
	"fmt"
	"math"
	"strings"
	"time"

	"bowecho/dispatcher/weather"
	"bowecho/internal/event"
	"bowecho/internal/grid"

	"cel.dev/cel-go/cel"
)

// Facts is what an expression may ask for.
type Facts struct {
	Domain   string
	Time     time.Time // of the data
	Regime   weather.Regime
	Seen     weather.Seen
	Queue    map[string]int           // orders that wait, by chain
	QueueAge map[string]time.Duration // how long the oldest of them has waited
	Products map[string]Product       // the newest grid of each product
	Warnings []event.Warning          // those in force that touch the domain
	Feeds    map[string]time.Duration // since each feed of warnings was last heard
}

// Product is the newest grid of a product.
type Product struct {
	event.Summary
	Time        time.Time       `json:"time,omitzero"` // zero: none was made yet
	LeadMinutes []float64       `json:"leadMinutes,omitempty"`
	Leads       []event.Summary `json:"leads,omitempty"`   // of each lead time
	Largest     []float64       `json:"largest,omitempty"` // value at each lead time, in the product's units
	Lost        bool            `json:"-"`                 // it is asked for, and does not come
}

// ResolveName gives a name's value to an expression.
func (f *Facts) ResolveName(name string) (any, bool) {
	first, rest, _ := strings.Cut(name, ".")
	switch first {
	case "regime":
		return string(f.Regime), true
	case "domain":
		return f.Domain, true
	case "time":
		return f.Time, true
	case "hour":
		return f.Time.UTC().Hour(), true
	case "minute":
		return f.Time.UTC().Minute(), true
	case "weekday":
		return strings.ToLower(f.Time.UTC().Weekday().String()), true
	case "summary":
		return summaryOf(f.Seen.Summary), true
	case "radars":
		return radars{OK: f.Seen.OK, Late: f.Seen.Late, Silent: f.Seen.Silent, Convective: f.Seen.Convective}, true
	case "warnings":
		return f.warnings(), true
	case "feed_age_s":
		return f.Feeds[rest].Seconds(), rest != ""
	case "queue":
		return f.Queue[rest], rest != ""
	case "queue_age_s":
		return f.QueueAge[rest].Seconds(), rest != ""
	case "products":
		return f.product(rest), rest != ""
	}
	return nil, false
}

// Parent is none.
func (f *Facts) Parent() cel.Activation { return nil }

// lacks tells why there are no data for a name, or nothing where there are.
func (f *Facts) lacks(name string) string {
	first, rest, _ := strings.Cut(name, ".")
	switch {
	case (first == "regime" || first == "summary") && (f.Regime == weather.Unknown || f.Regime == ""):
		return "no radar has been heard lately"
	case first == "feed_age_s" && !f.heard(rest):
		return fmt.Sprintf("feed %s has never been heard", rest)
	case first == "products" && f.Products[rest].Lost && f.Products[rest].Time.IsZero():
		return fmt.Sprintf("no %s has been made", rest)
	case first == "products" && f.Products[rest].Lost:
		return fmt.Sprintf("no %s has been made since %s", rest, f.Products[rest].Time.UTC().Format("15:04:05"))
	}
	return ""
}

func (f *Facts) heard(feed string) bool {
	_, heard := f.Feeds[feed]
	return heard
}

// warnings gives them as expressions see them.
func (f *Facts) warnings() []warning {
	list := make([]warning, len(f.Warnings))
	for i, w := range f.Warnings {
		list[i] = warning{Event: w.Event, Severity: w.Severity, Urgency: w.Urgency, Certainty: w.Certainty, Area: w.Place, Feed: w.Feed}
	}
	return list
}

// product gives a product as expressions see it. One that has not been made, since nothing calls for it, shows no echo.
func (f *Facts) product(name string) product {
	made := f.Products[name]
	if made.Time.IsZero() && made.Gates == 0 {
		made.MaxDBZ = grid.NoEchoDBZ
	}
	p := made.at(0, made.Summary)
	p.made = made
	if !made.Time.IsZero() {
		p.AgeS = f.Time.Sub(made.Time).Seconds()
	}
	return p
}

// at gives a lead time of a product as expressions see it.
func (p Product) at(lead int, shows event.Summary) product {
	s := summaryOf(shows)
	seen := product{
		MaxDBZ: s.MaxDBZ, EchoFraction: s.EchoFraction, KM2At20: s.KM2At20, KM2At35: s.KM2At35, KM2At40: s.KM2At40,
		KM2At45: s.KM2At45, KM2At55: s.KM2At55, Cells: s.Cells,
	}
	if lead < len(p.Largest) {
		seen.Largest = p.Largest[lead]
	}
	return seen
}

// summary is an event.Summary as expressions see it.
type summary struct {
	MaxDBZ       float64 `cel:"max_dbz"`
	EchoFraction float64 `cel:"echo_fraction"`
	KM2At20      float64 `cel:"km2_20"`
	KM2At35      float64 `cel:"km2_35"`
	KM2At40      float64 `cel:"km2_40"`
	KM2At45      float64 `cel:"km2_45"`
	KM2At55      float64 `cel:"km2_55"`
	Cells        int     `cel:"cells"`
}

func summaryOf(s event.Summary) summary {
	return summary{
		MaxDBZ: s.MaxDBZ, EchoFraction: s.EchoFraction, KM2At20: s.KM2Above(20), KM2At35: s.KM2Above(35), KM2At40: s.KM2Above(40),
		KM2At45: s.KM2Above(45), KM2At55: s.KM2Above(55), Cells: s.Cells,
	}
}

// product is a Product as expressions see it.
type product struct {
	MaxDBZ       float64 `cel:"max_dbz"`
	EchoFraction float64 `cel:"echo_fraction"`
	KM2At20      float64 `cel:"km2_20"`
	KM2At35      float64 `cel:"km2_35"`
	KM2At40      float64 `cel:"km2_40"`
	KM2At45      float64 `cel:"km2_45"`
	KM2At55      float64 `cel:"km2_55"`
	Cells        int     `cel:"cells"`
	Largest      float64 `cel:"largest"` // value, in the product's units
	AgeS         float64 `cel:"age_s"`
	made         Product
}

// ahead gives the product at its lead time that is nearest to some minutes, at most half an interval away.
func (p product) ahead(minutes float64) (product, error) {
	if p.made.Time.IsZero() {
		return product{MaxDBZ: grid.NoEchoDBZ}, nil
	}
	best, apart := -1, math.Inf(1)
	for i, m := range p.made.LeadMinutes {
		if d := math.Abs(m - minutes); i < max(len(p.made.Leads), len(p.made.Largest)) && d < apart {
			best, apart = i, d
		}
	}
	if best < 0 || apart > farthestLead {
		return product{}, fmt.Errorf("lead(%g): the product has no lead time near it", minutes)
	}
	shows := event.Summary{MaxDBZ: grid.NoEchoDBZ}
	if best < len(p.made.Leads) {
		shows = p.made.Leads[best]
	}
	then := p.made.at(best, shows)
	then.AgeS = p.AgeS
	return then, nil
}

// farthestLead is how many minutes a lead time may lie from the one that is asked for.
const farthestLead = 2.5

// radars is how many radars are.
type radars struct {
	OK     int `cel:"ok"`
	Late   int `cel:"late"`
	Silent int `cel:"silent"`

	Convective int `cel:"convective"`
}

// warning is an event.Warning as expressions see it.
type warning struct {
	Event     string `cel:"event"`
	Severity  string `cel:"severity"`
	Urgency   string `cel:"urgency"`
	Certainty string `cel:"certainty"`
	Area      string `cel:"area"` // in words
	Feed      string `cel:"feed"`
}
