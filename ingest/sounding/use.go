package sounding

import (
	"fmt"
	"math"
	"time"
)

// Chosen are the heights that a product is made with. Where they are not a fresh profile's, the product says so.
type Chosen struct {
	Heights
	Fallback bool
	Reason   string // why it is a fallback, and which
}

// maxAhead is how far in the future a profile may lie: the time of an ascent is its nominal hour, and clocks differ.
const maxAhead = 2 * time.Hour

// Fresh tells whether a profile is at most maxAge old. One that has no time is not.
func (p *Profile) Fresh(now time.Time, maxAge time.Duration) bool {
	age := now.Sub(p.Time)
	return !p.Time.IsZero() && age <= maxAge && age >= -maxAhead
}

// Use gives a profile's heights if it is fresh and reaches them, else the fallback: what an operator has configured,
// or Climatology. A nil profile is an absent one. Of a good profile without dewpoints only the wet-bulb height is the
// fallback's.
func Use(p *Profile, now time.Time, maxAge time.Duration, fallback Heights) Chosen {
	instead := func(format string, args ...any) Chosen {
		return Chosen{fallback, true, fmt.Sprintf(format, args...) + fmt.Sprintf("; taken instead: 0 °C at %.0f m, −20 °C at %.0f m above sea level", fallback.FreezingM, fallback.Minus20M)}
	}
	switch {
	case p == nil:
		return instead("no sounding")
	case p.Time.IsZero():
		return instead("the sounding %s has no time", p.Station)
	case !p.Fresh(now, maxAge):
		return instead("the sounding %s of %s is not within the last %v", p.Station, p.Time.UTC().Format(time.RFC3339), maxAge)
	}
	h := p.Heights()
	if math.IsNaN(h.FreezingM) || math.IsNaN(h.Minus20M) {
		return instead("the sounding %s of %s does not reach from 0 to −20 °C", p.Station, p.Time.UTC().Format(time.RFC3339))
	}
	if math.IsNaN(h.WetBulbZeroM) {
		h.WetBulbZeroM = math.Min(fallback.WetBulbZeroM, h.FreezingM)
		return Chosen{h, true, "the sounding " + p.Station + " has no dewpoints: the wet-bulb height is the fallback's"}
	}
	return Chosen{Heights: h}
}

// lapse of the ICAO standard atmosphere, in °C per metre.
const lapse = 0.0065

// Climatology gives the yearly mean at a latitude, for the case that nothing better is known. The air is taken as
// saturated, and to cool like the standard atmosphere.
// Source: ITU-R P.839-2 (1999), height of the 0 °C isotherm.
func Climatology(latitudeDeg float64) Heights {
	freezing := 5.0
	switch {
	case latitudeDeg > 23:
		freezing = 5 - 0.075*(latitudeDeg-23)
	case latitudeDeg < -71:
		freezing = 0
	case latitudeDeg < -21:
		freezing = 5 + 0.1*(latitudeDeg+21)
	}
	freezing = max(freezing, 0) * 1000
	return Heights{freezing, freezing + 20/lapse, freezing}
}
