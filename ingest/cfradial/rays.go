package cfradial

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"bowecho/internal/radar"
)

// volume is a scan in the making.
type volume struct {
	file  file
	scan  *radar.Scan
	rays  []radar.Ray
	times []time.Time

	axis   radar.Gates // of the variable range
	ragged *ragged     // nil where every ray has the gates of the axis
	sweeps []span
}

// perRay gives a variable with one number a ray, fill as NaN; nil where there is none.
func (v *volume) perRay(name string) []float64 {
	if shape := v.file.shape(name); len(shape) != 1 || shape[0] != len(v.rays) {
		return nil
	}
	values, err := unpacked(v.file, name)
	if err != nil {
		return nil
	}
	return values
}

// first gives the first value of a variable that is a number, NaN where there is none.
func (v *volume) first(name string) float64 {
	if v.file.shape(name) == nil {
		return math.NaN()
	}
	values, _ := unpacked(v.file, name)
	for _, x := range values {
		if x-x == 0 {
			return x
		}
	}
	return math.NaN()
}

func (v *volume) readRays() error {
	shape := v.file.shape("azimuth")
	if len(shape) != 1 || shape[0] < 1 || shape[0] > maxRays {
		return fmt.Errorf("azimuth has shape %v, want one value for each of 1 to %d rays; there are the variables %v", shape, maxRays, some(v.file.names()))
	}
	v.rays = make([]radar.Ray, shape[0])
	azimuths, elevations := v.perRay("azimuth"), v.perRay("elevation")
	if azimuths == nil || elevations == nil {
		return fmt.Errorf("azimuth or elevation cannot be read for %d rays", len(v.rays))
	}
	for i := range v.rays {
		az, el := azimuths[i], elevations[i]
		if !(az >= -720 && az <= 720) || !(el >= -180 && el <= 360) {
			return fmt.Errorf("ray %d looks to azimuth %g°, elevation %g°, which no antenna does", i, az, el)
		}
		v.rays[i] = radar.Ray{AzimuthDeg: float32(math.Mod(az+720, 360)), ElevationDeg: float32(el)}
	}
	return v.readTimes()
}

// units of time that come before "since".
var units = map[string]time.Duration{
	"seconds": time.Second, "second": time.Second, "secs": time.Second, "s": time.Second, "milliseconds": time.Millisecond,
	"microseconds": time.Microsecond, "nanoseconds": time.Nanosecond, "minutes": time.Minute, "hours": time.Hour, "days": 24 * time.Hour,
}

// layouts of the time after "since", its zone and fraction of a second taken off.
var layouts = []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02"}

func (v *volume) readTimes() error {
	said := v.file.text("time", "units")
	unit, since, found := strings.Cut(said, " since ")
	step, known := units[strings.ToLower(strings.TrimSpace(unit))]
	epoch, err := parseEpoch(since)
	if !found || !known || err != nil {
		return fmt.Errorf("units of time are %q, want like \"seconds since 2011-05-20T10:54:08Z\"", said)
	}
	offsets := v.perRay("time")
	if offsets == nil {
		return fmt.Errorf("time has shape %v, want the %d rays", v.file.shape("time"), len(v.rays))
	}
	v.times = make([]time.Time, len(offsets))
	for i, t := range offsets {
		if !(math.Abs(t)*step.Seconds() < 1<<33) {
			return fmt.Errorf("ray %d was at %g %s, which is no time of a radar", i, t, said)
		}
		whole, part := math.Modf(t)
		v.times[i] = epoch.Add(time.Duration(whole) * step).Add(time.Duration(part * float64(step)).Round(time.Microsecond))
		if i == 0 || v.times[i].Before(v.scan.Start) {
			v.scan.Start = v.times[i]
		}
		if v.times[i].After(v.scan.End) {
			v.scan.End = v.times[i]
		}
	}
	if v.scan.Start.Year() < 1950 || v.scan.End.Year() > 2200 {
		return fmt.Errorf("rays of %v to %v, which is no time of a radar", v.scan.Start, v.scan.End)
	}
	return nil
}

// parseEpoch reads a time that has no zone or is in UTC, as CfRadial wants it.
func parseEpoch(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, zone := range []string{"Z", "UTC", "GMT", "+00:00", "+0000", "-00:00", " +00", " 0:00", " 00:00"} {
		if rest, found := strings.CutSuffix(text, zone); found && len(rest) >= len("2006-01-02 15:04") {
			text = strings.TrimSpace(rest)
			break
		}
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil { // takes a fraction of a second, too
			return t, nil
		}
	}
	return time.Time{}, errors.New("no time")
}

// readSite takes where the radar stood at the first ray; some move.
func (v *volume) readSite() error {
	s := radar.Site{LatitudeDeg: v.first("latitude"), LongitudeDeg: v.first("longitude"), HeightM: v.first("altitude")}
	for _, name := range []string{"instrument_name", "site_name"} {
		if s.Name == "" {
			s.Name = v.file.text(global, name)
		}
	}
	if s.Name == "" {
		return errors.New("neither instrument_name nor site_name among the attributes; whose file is it?")
	}
	if math.IsNaN(s.HeightM) {
		s.HeightM = 0
		v.scan.Flaws = append(v.scan.Flaws, "no altitude; taken as sea level")
	}
	if !(math.Abs(s.LatitudeDeg) <= 90) || !(math.Abs(s.LongitudeDeg) <= 360) || !(s.HeightM > -500 && s.HeightM < 30_000) {
		return fmt.Errorf("radar %s stands at latitude %g, longitude %g, height %g m, which is not on the earth",
			s.Name, s.LatitudeDeg, s.LongitudeDeg, s.HeightM)
	}
	if s.LongitudeDeg > 180 {
		s.LongitudeDeg -= 360
	}
	v.scan.Site = s
	return nil
}
