package sounding

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// columns says in which column of a table what stands, -1 where it does not.
type columns struct {
	pressure, height, temperature, dewpoint, humidity, time int
	kelvin, pascal, kilometres                              bool
}

// What columns are called, in lower case without units.
var columnNames = map[string][]string{
	"pressure":    {"pres", "pressure", "p", "press"},
	"height":      {"hght", "height", "gpm", "hgt", "z", "geopotential height", "geopotential_height", "altitude", "alt"},
	"temperature": {"temp", "temperature", "t", "tmpc", "air_temperature"},
	"dewpoint":    {"dwpt", "dewpoint", "td", "dwpc", "dew point temperature", "dew point", "dewpoint_temperature", "dew_point_temperature", "dew_point"},
	"humidity":    {"rh", "relh", "relative humidity", "relative_humidity", "humidity"},
	"time":        {"time", "dtg", "valid"},
}

// findColumns looks for a row of names with commas between, among the first lines.
func findColumns(lines []string) (row int, found *columns) {
	for i, line := range lines[:min(len(lines), 100)] {
		words := strings.Split(line, ",")
		if len(words) < 3 {
			continue
		}
		c := &columns{}
		for what, to := range map[string]*int{
			"pressure": &c.pressure, "height": &c.height, "temperature": &c.temperature, "dewpoint": &c.dewpoint, "humidity": &c.humidity, "time": &c.time,
		} {
			*to = slices.IndexFunc(words, func(w string) bool { name, _ := nameAndUnit(w); return slices.Contains(columnNames[what], name) })
		}
		if c.pressure < 0 || c.height < 0 || c.temperature < 0 {
			continue
		}
		unit := func(column int) string { _, u := nameAndUnit(words[column]); return u }
		c.kelvin, c.pascal, c.kilometres = unit(c.temperature) == "k", unit(c.pressure) == "pa", unit(c.height) == "km"
		return i, c
	}
	return 0, nil
}

// nameAndUnit cuts "pressure_hPa", "Temp (C)" or "height [km]" in two.
func nameAndUnit(word string) (name, unit string) {
	word = strings.ToLower(strings.Trim(strings.TrimSpace(word), `"`))
	for _, u := range []string{"hpa", "mb", "pa", "km", "degc", "degrees", "c", "k", "m", "%"} {
		for _, form := range []string{"_" + u, " " + u, "(" + u + ")", "[" + u + "]", "[°" + u + "]", "(°" + u + ")"} {
			if rest, cut := strings.CutSuffix(word, form); cut && rest != "" {
				return strings.TrimSpace(rest), u
			}
		}
	}
	return word, ""
}

// readCSV reads the rows below the names, and what RAOB's files say above them: KEY,value.
func (p *Profile) readCSV(lines []string, head int, c *columns) error {
	said := map[string]string{}
	for _, line := range lines[:head] {
		if key, value, found := strings.Cut(line, ","); found {
			said[strings.ToUpper(strings.TrimSpace(key))] = strings.TrimSpace(value)
		}
	}
	p.Station = said["STATION"]
	p.Time = parseTime(said["DTG"])
	missing, above := math.NaN(), 0.0
	if n, err := strconv.ParseFloat(said["MISSING"], 64); err == nil {
		missing = n
	}
	if strings.EqualFold(said["GPM"], "AGL") {
		elevation, _, _ := strings.Cut(said["ELEV"], ",")
		ground, err := strconv.ParseFloat(strings.TrimSpace(elevation), 64)
		if err != nil {
			return errors.New("heights are above ground (GPM,AGL), and there is no ELEV that says how high that is")
		}
		above = ground
	}
	for _, line := range lines[head+1:] {
		words := strings.Split(line, ",")
		number := func(column int) float64 {
			if column < 0 || column >= len(words) {
				return math.NaN()
			}
			n, err := strconv.ParseFloat(strings.Trim(strings.TrimSpace(words[column]), `"`), 64)
			if err != nil || n == missing {
				return math.NaN()
			}
			return n
		}
		if p.Time.IsZero() && c.time >= 0 && c.time < len(words) {
			p.Time = parseTime(strings.Trim(strings.TrimSpace(words[c.time]), `"`))
		}
		p.Levels = append(p.Levels, c.level(number, above))
	}
	return nil
}

func (c *columns) level(number func(int) float64, above float64) Level {
	l := Level{number(c.pressure), number(c.height), number(c.temperature), number(c.dewpoint)}
	if c.pascal {
		l.PressureHPa /= 100
	}
	if c.kilometres {
		l.AboveSeaM *= 1000
	}
	l.AboveSeaM += above
	if c.kelvin {
		l.TemperatureC -= 273.15
		l.DewpointC -= 273.15
	}
	if rh := number(c.humidity); math.IsNaN(l.DewpointC) && rh > 0 && rh <= 100 {
		l.DewpointC = dewpoint(l.TemperatureC, rh)
	}
	return l
}

// dewpoint inverts vapourHPa.
func dewpoint(temperatureC, humidityPercent float64) float64 {
	x := math.Log(vapourHPa(temperatureC) * humidityPercent / 100 / 6.112)
	return 243.5 * x / (17.67 - x)
}

// parseTime gives the zero time where there is none.
func parseTime(text string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "200601021504", "2006010215", "060102/1504"} {
		if t, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
