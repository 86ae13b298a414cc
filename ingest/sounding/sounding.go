// Package sounding reads radiosonde profiles and says how high up it freezes.
package sounding

import (
	"math"
	"slices"
	"time"
)

// Level is one height of a profile. What was not measured is NaN.
type Level struct {
	PressureHPa  float64
	AboveSeaM    float64
	TemperatureC float64
	DewpointC    float64
}

// Profile is one ascent: its levels from the ground up, each with height and temperature.
type Profile struct {
	Station string    // "" where the file does not say it
	Time    time.Time // zero where the file does not say it
	Levels  []Level
}

// Heights are those that hail and rain products need, in metres above sea level. One that the profile does not reach
// is NaN.
type Heights struct {
	FreezingM    float64 // 0 °C
	Minus20M     float64 // −20 °C
	WetBulbZeroM float64 // wet-bulb temperature of 0 °C
}

// ceilingM is below where the stratosphere may be warm again, and above any −20 °C of the troposphere.
const ceilingM = 15_000

// Heights finds where temperatures are passed, linearly in height between levels.
//
// Where a temperature is passed more than once it is the highest passage from warm to cold below 15 km, above which all
// is colder: hail grows above it and melts below it (SHI begins there: Witt et al. 1998, Wea. Forecasting 13, 286-303),
// and in winter it is the top of the melting layer rather than a cold film of air on the ground. Where even the lowest
// level is colder, its height is given: the temperature is met on the ground or below.
func (p *Profile) Heights() Heights {
	return Heights{
		FreezingM:    p.passage(0, func(l Level) float64 { return l.TemperatureC }),
		Minus20M:     p.passage(-20, func(l Level) float64 { return l.TemperatureC }),
		WetBulbZeroM: p.passage(0, func(l Level) float64 { return wetBulb(l.TemperatureC, l.DewpointC, l.PressureHPa) }),
	}
}

func (p *Profile) passage(valueC float64, of func(Level) float64) float64 {
	type point struct{ height, value float64 }
	var points []point
	for _, l := range p.Levels {
		if v := of(l); v == v && l.AboveSeaM <= ceilingM {
			points = append(points, point{l.AboveSeaM, v})
		}
	}
	for i := len(points) - 1; i > 0; i-- {
		low, high := points[i-1], points[i]
		if low.value >= valueC && high.value < valueC {
			return low.height + (high.height-low.height)*(low.value-valueC)/(low.value-high.value)
		}
	}
	if len(points) > 0 && points[0].value < valueC {
		return points[0].height
	}
	return math.NaN()
}

// wetBulb gives the wet-bulb temperature in °C, by bisection of the psychrometer equation.
// Sources: WMO-No. 8, Guide to Instruments and Methods of Observation, annex 4.B, for the psychrometer;
// Bolton 1980, Mon. Wea. Rev. 108, 1046-1053, eq. 10, for the vapour pressure over water.
func wetBulb(temperatureC, dewpointC, pressureHPa float64) float64 {
	if !(dewpointC <= temperatureC+0.5) || !(pressureHPa > 0) {
		return math.NaN()
	}
	vapour := vapourHPa(dewpointC)
	low, high := math.Min(dewpointC, temperatureC), temperatureC
	for high-low > 1e-4 {
		middle := (low + high) / 2
		if vapourHPa(middle)-psychrometer*pressureHPa*(1+0.000944*middle)*(temperatureC-middle) > vapour {
			high = middle
		} else {
			low = middle
		}
	}
	return (low + high) / 2
}

// psychrometer is the coefficient of a ventilated wet bulb, per °C.
const psychrometer = 6.53e-4

func vapourHPa(temperatureC float64) float64 {
	return 6.112 * math.Exp(17.67*temperatureC/(temperatureC+243.5))
}

// tidy sorts levels by height and leaves out those that say nothing or what cannot be.
func tidy(levels []Level) []Level {
	within := func(v *float64, least, most float64) {
		if !(*v >= least && *v <= most) {
			*v = math.NaN()
		}
	}
	for i := range levels {
		l := &levels[i]
		within(&l.PressureHPa, 0.1, 1100)
		within(&l.AboveSeaM, -500, 60_000)
		within(&l.TemperatureC, -120, 60)
		within(&l.DewpointC, -150, 40)
	}
	levels = slices.DeleteFunc(levels, func(l Level) bool { return math.IsNaN(l.AboveSeaM) || math.IsNaN(l.TemperatureC) })
	slices.SortStableFunc(levels, func(a, b Level) int {
		switch {
		case a.AboveSeaM < b.AboveSeaM:
			return -1
		case a.AboveSeaM > b.AboveSeaM:
			return 1
		default:
			return 0
		}
	})
	return levels
}
