package sounding

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"bowecho/internal/realdata"
)

// list is the form of the University of Wyoming: columns of seven, blank where nothing was measured.
const list = `
-----------------------------------------------------------------------------
   PRES   HGHT   TEMP   DWPT   RELH   MIXR   DRCT   SKNT   THTA   THTE   THTV
    hPa     m      C      C      %    g/kg    deg   knot     K      K      K
-----------------------------------------------------------------------------
 1000.0    100
  985.0    200   10.0   10.0    100   7.80    120     10  284.0  306.0  285.0
  850.0   1500    5.0                           120     10
  700.0   3000   -5.0  -10.0     68   2.50    340     30  300.0  308.0  300.0
  500.0   5500  -15.0  -20.0     66
  400.0   7500  -35.0  -40.0     60
  300.0   9500  -50.0  -60.0
   10.0  31000   -1.0  -70.0
`

const page = `<HTML><TITLE>Radiosonde &amp; more</TITLE>
<H2>72357 OUN Norman Observations at 12Z 22 Dec 2018</H2>
<PRE>` + list + `</PRE><H3>Station information</H3><PRE>
                         Station identifier: OUN
                           Observation time: 181222/1200
</PRE></HTML>`

const spc = `%TITLE%
 OAX   140616/1900

   LEVEL       HGHT       TEMP       DWPT       WDIR       WSPD
-------------------------------------------------------------------
%RAW%
 1000.00,   100.00,  -9999.00,  -9999.00,  -9999.00,  -9999.00
 985.00,    200.00,     10.00,     10.00,    150.00,     23.00
 850.00,   1500.00,      5.00,  -9999.00,  -9999.00,  -9999.00
 700.00,   3000.00,     -5.00,    -10.00,    145.00,     29.99
 500.00,   5500.00,    -15.00,    -20.00,    150.00,     33.99
 400.00,   7500.00,    -35.00,    -40.00,    160.00,     42.00
 300.00,   9500.00,    -50.00,    -60.00,    160.00,     42.00
%END%
`

const raob = `RAOB/CSV
DTG,2018-12-22 12:00:00
LAT,35.2,N
LON,97.4,W
ELEV,150,M
MOISTURE,TD
GPM,AGL
MISSING,-999
RAOB/DATA
PRES,TEMP,TD,WIND,SPEED,GPM
985,10,10,120,10,50
850,5,-999,120,10,1350
700,-5,-10,120,10,2850
500,-15,-20,120,10,5350
400,-35,-40,120,10,7350
300,-50,-60,120,10,9350
`

const kelvin = `time,longitude,latitude,pressure_Pa,geopotential height_km,temperature_K,relative humidity_%
2018-12-22 11:02:00,-97,35,98500,0.2,283.15,100
2018-12-22 11:06:00,-97,35,85000,1.5,278.15,
2018-12-22 11:12:00,-97,35,70000,3.0,268.15,68
2018-12-22 11:20:00,-97,35,50000,5.5,258.15,66
2018-12-22 11:25:00,-97,35,40000,7.5,238.15,60
2018-12-22 11:30:00,-97,35,30000,9.5,223.15,50
`

// TestForms reads one ascent in each form. 0 °C lies half way from 1500 to 3000 m, −20 °C a quarter of the way from
// 5500 to 7500 m.
func TestForms(t *testing.T) {
	at := time.Date(2018, 12, 22, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		text, station string
		time          time.Time
	}{
		"list":        {list, "", time.Time{}},
		"bare list":   {list[strings.Index(list, " 1000.0"):], "", time.Time{}},
		"page":        {page, "OUN", at},
		"SPC":         {spc, "OAX", time.Date(2014, 6, 16, 19, 0, 0, 0, time.UTC)},
		"RAOB":        {raob, "", at},
		"CSV":         {kelvin, "", time.Date(2018, 12, 22, 11, 2, 0, 0, time.UTC)},
		"CR and LF":   {strings.ReplaceAll(spc, "\n", "\r\n"), "OAX", time.Date(2014, 6, 16, 19, 0, 0, 0, time.UTC)},
		"upside down": {backwards(spc), "OAX", time.Date(2014, 6, 16, 19, 0, 0, 0, time.UTC)},
	} {
		p, err := Decode(name, []byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if h := p.Heights(); math.Abs(h.FreezingM-2250) > 1e-6 || math.Abs(h.Minus20M-6000) > 1e-6 {
			t.Errorf("%s: %+v, want 2250 and 6000 m", name, h)
		}
		if p.Station != c.station || !p.Time.Equal(c.time) || p.Levels[0].AboveSeaM != 200 {
			t.Errorf("%s: station %q, time %v, lowest level %+v", name, p.Station, p.Time, p.Levels[0])
		}
		if h := p.Heights().WetBulbZeroM; !(h > 200 && h < 2250) {
			t.Errorf("%s: wet-bulb 0 °C at %g m, want below 0 °C", name, h)
		}
	}
}

func backwards(text string) string {
	lines := strings.Split(text, "\n")
	for i, j := 7, len(lines)-3; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	return strings.Join(lines, "\n")
}

func profile(pairs ...float64) *Profile {
	p := &Profile{Station: "OUN", Time: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	for i := 0; i+1 < len(pairs); i += 2 {
		p.Levels = append(p.Levels, Level{PressureHPa: 1000 - pairs[i]/12, AboveSeaM: pairs[i], TemperatureC: pairs[i+1], DewpointC: math.NaN()})
	}
	return p
}

func TestWhichPassage(t *testing.T) {
	for name, c := range map[string]struct {
		p                 *Profile
		freezing, minus20 float64
	}{
		"cold film on the ground":   {profile(100, -2, 300, 4, 1000, 6, 2000, -6, 5000, -30), 1500, 2000 + 3000*14./24},
		"two melting layers":        {profile(100, 5, 500, -1, 1000, 3, 2000, -1, 6000, -21), 1750, 5800},
		"exactly 0 on a level":      {profile(100, 5, 1000, 0, 2000, -10, 4000, -30), 1000, 3000},
		"all frozen":                {profile(350, -3, 1000, -10, 3000, -30), 350, 2000},
		"never reaches":             {profile(100, 20, 1000, 15, 2000, 10), math.NaN(), math.NaN()},
		"stratosphere":              {profile(100, 10, 1100, -10, 2100, -30, 12000, -60, 40000, 5, 45000, -1), 600, 1600},
		"colder than −20 at ground": {profile(100, -25, 1000, -30), 100, 100},
	} {
		h := c.p.Heights()
		if !same(h.FreezingM, c.freezing) || !same(h.Minus20M, c.minus20) {
			t.Errorf("%s: %+v, want %g and %g", name, h, c.freezing, c.minus20)
		}
	}
}

func same(a, b float64) bool { return math.Abs(a-b) < 1e-6 || math.IsNaN(a) && math.IsNaN(b) }

// TestWetBulb: at saturation it is the temperature. For the other the aspirated psychrometer's tables at 1000 hPa give
// 20 °C dry and 13.9 °C wet for a relative humidity of 50 % (dewpoint 9.27 °C).
func TestWetBulb(t *testing.T) {
	if got := wetBulb(7, 7, 900); math.Abs(got-7) > 1e-3 {
		t.Errorf("saturated: %g °C", got)
	}
	if got := wetBulb(20, 9.27, 1000); math.Abs(got-13.9) > 0.15 {
		t.Errorf("half dry: %g °C, want 13.9", got)
	}
	for _, bad := range [][3]float64{{10, 12, 900}, {10, math.NaN(), 900}, {10, 5, math.NaN()}} {
		if got := wetBulb(bad[0], bad[1], bad[2]); !math.IsNaN(got) {
			t.Errorf("%v: %g, want none", bad, got)
		}
	}
}

func TestUse(t *testing.T) {
	fallback := Heights{4000, 7000, 3500}
	good := profile(100, 10, 2100, -10, 4100, -30, 6000, -40)
	now := good.Time.Add(3 * time.Hour)
	dry := func(p Profile) *Profile { return &p }
	for name, c := range map[string]struct {
		p    *Profile
		now  time.Time
		want Heights
		said string
	}{
		"absent":        {nil, now, fallback, "no sounding; taken instead: 0 °C at 4000 m"},
		"stale":         {good, now.Add(48 * time.Hour), fallback, "OUN of 2026-05-01T12:00:00Z is not within the last 18h"},
		"of the future": {good, now.Add(-6 * time.Hour), fallback, "is not within"},
		"no time":       {dry(Profile{Levels: good.Levels}), now, fallback, "has no time"},
		"too short":     {profile(100, 10, 2100, -10), now, fallback, "does not reach"},
		"no dewpoints":  {good, now, Heights{1100, 3100, 1100}, "no dewpoints"},
	} {
		got := Use(c.p, c.now, 18*time.Hour, fallback)
		if !got.Fallback || got.Heights != c.want || !strings.Contains(got.Reason, c.said) {
			t.Errorf("%s: %+v, want %+v and %q", name, got, c.want, c.said)
		}
	}
	p, err := Decode("page", []byte(page))
	if err != nil {
		t.Fatal(err)
	}
	if got := Use(p, p.Time.Add(time.Hour), 18*time.Hour, fallback); got.Fallback || got.Reason != "" || got.FreezingM != 2250 {
		t.Errorf("fresh: %+v", got)
	}
}

// TestClimatology holds the values that the Recommendation's formula gives at its corners.
func TestClimatology(t *testing.T) {
	for latitude, want := range map[float64]float64{0: 5000, 23: 5000, 33: 4250, 89.7: 0, -21: 5000, -41: 3000, -80: 0} {
		if got := Climatology(latitude); math.Abs(got.FreezingM-want) > 30 || math.Abs(got.Minus20M-got.FreezingM-20/0.0065) > 1e-6 {
			t.Errorf("at %g°: %+v, want 0 °C at %g m", latitude, got, want)
		}
	}
}

func TestBadFiles(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":       {" \n", "is empty"},
		"binary":      {"CDF\x01\x00\x00", "not text"},
		"prose":       {"No sounding today.\n", "0 levels"},
		"error page":  {"<html><body>Can't get 72357 OUN Observations at 12Z 22 Dec 2018.</body></html>", "0 levels"},
		"two levels":  {list[:strings.Index(list, "  700.0")], "2 levels"},
		"AGL":         {strings.Replace(raob, "ELEV,150,M\n", "", 1), "no ELEV"},
		"wrong units": {strings.ReplaceAll(spc, ".00,", "9999.00,"), "levels with height and temperature"},
	} {
		if _, err := Decode("a/x.txt", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "x.txt: ") {
			t.Errorf("%s: got %v, want an error of x.txt that holds %q", name, err, c.want)
		}
	}
}

func TestRealFiles(t *testing.T) {
	for name, want := range map[string]Heights{
		"may4_sounding.txt":              {FreezingM: 3810, Minus20M: 6465},
		"casa_hail_current_sounding.txt": {FreezingM: 4811, Minus20M: 7596},
		"14061619.OAX":                   {FreezingM: 4606, Minus20M: 7253},
		"oun_uwyo.html":                  {FreezingM: 3469, Minus20M: 6305},
		"dec9_sounding.txt":              {FreezingM: 2024, Minus20M: 5453},
		"jan20_sounding.txt":             {FreezingM: 3077, Minus20M: 6130},
		"may22_sounding.txt":             {FreezingM: 4256, Minus20M: 6955},
		"nov11_sounding.txt":             {FreezingM: 3757, Minus20M: 6897},
	} {
		data, err := os.ReadFile(realdata.Path(t, "data", "soundings", name))
		if err != nil {
			t.Fatal(err)
		}
		p, err := Decode(name, data)
		if err != nil {
			t.Fatal(err)
		}
		if h := p.Heights(); math.Abs(h.FreezingM-want.FreezingM) > 0.51 || math.Abs(h.Minus20M-want.Minus20M) > 0.51 || !(h.WetBulbZeroM < h.FreezingM) {
			t.Errorf("%s: %+v, want %+v", name, h, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range []string{list, page, spc, raob, kelvin} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode("fuzz", data)
		if err != nil {
			return
		}
		h := p.Heights()
		for _, v := range []float64{h.FreezingM, h.Minus20M, h.WetBulbZeroM} {
			if v < -500 || v > ceilingM {
				t.Errorf("%+v", h)
			}
		}
	})
}
