package portal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
)

// storm is a line of cells that moves east-north-east over three radars, as messages that the stages would send.
type storm struct {
	t      *testing.T
	client *stream.Client
	domain grid.Domain
	now    time.Time // of the newest analysis
	began  time.Time // by the wall clock
}

var testLegend = legendOf("#96acbe6e", "#6896c8a5", "#3478d6d7", "#30c854d7", "#14a03ad7", "#087428d7", "#fae23ed7",
	"#eab016d7", "#fa7e14d7", "#e62622d7", "#b20e1ed7", "#e42ed2d7", "#9246d0d7", "#f4f0fad7")

// legendOf gives colours for 5 dBZ, 10 dBZ and so on.
func legendOf(colors ...string) (legend []LegendStep) {
	for i, c := range colors {
		legend = append(legend, LegendStep{DBZ: 5 * float64(i+1), Color: c})
	}
	return legend
}

var testRadars = []struct {
	name     string
	lon, lat float64
	cadence  time.Duration
	age      time.Duration
}{
	{"addison.tx", -96.8364, 32.9686, 58 * time.Second, 14 * time.Second},
	{"cleburne.tx", -97.4286, 32.3475, 2 * time.Minute, 51 * time.Second},
	{"denton.tx", -97.1331, 33.2536, 59 * time.Second, 7 * time.Minute},
}

func testDomain() grid.Domain { return grid.Centred("dfw", 32.85, -97.05, 256, 256, 700) }

const leads = 31

// cell is an ellipse of echo, in degrees.
type cell struct{ lon, lat, a, b, tilt, peakDBZ float64 }

// cells gives the storm at minutes after its newest analysis.
func cells(minutes float64) (list []cell) {
	for i := range 11 {
		along := float64(i) - 5
		list = append(list, cell{
			lon: -97.12 + 0.010*minutes + 0.07*along - 0.014*along*along, lat: 32.84 + 0.0035*minutes + 0.13*along,
			a: 0.085 + 0.01*math.Sin(float64(i)*2.1), b: 0.13, tilt: 0.5, peakDBZ: 50 + 8*math.Sin(float64(i)*1.7+minutes/40),
		})
	}
	return append(list,
		cell{-97.47 + 0.010*minutes, 32.95 + 0.003*minutes, 0.22, 0.45, 0.35, 31},
		cell{-96.10 + 0.010*minutes, 33.45, 0.07, 0.05, 0, 49})
}

// at gives the reflectivity of a cell at a place.
func (c cell) at(lon, lat float64) float64 {
	x, y := lon-c.lon, lat-c.lat
	u, v := (x*math.Cos(c.tilt)+y*math.Sin(c.tilt))/c.a, (y*math.Cos(c.tilt)-x*math.Sin(c.tilt))/c.b
	smooth := c.peakDBZ - 12*(u*u+v*v)
	if smooth < 0 {
		return smooth
	}
	return smooth + 5*ripple(lon-c.lon, lat-c.lat)
}

// ripple gives something irregular between -1 and 1.
func ripple(x, y float64) (sum float64) {
	for octave := range 4 {
		f, turn := 17*math.Pow(1.9, float64(octave)), 1.1+2.3*float64(octave)
		u, v := f*(x*math.Cos(turn)+y*math.Sin(turn)), f*(y*math.Cos(turn)-x*math.Sin(turn))
		sum += math.Sin(u+1.7*math.Sin(v*0.7)) * math.Cos(v+1.3*math.Sin(u*0.6)) / (1.2 + float64(octave))
	}
	return sum / 1.7
}

func (c cell) ring(level float64) (ring [][2]float64) {
	reach := math.Sqrt((c.peakDBZ - level) / 12)
	for i := range 49 {
		s, co := math.Sincos(2 * math.Pi * float64(i%48) / 48)
		u, v := reach*c.a*co, reach*c.b*s
		ring = append(ring, [2]float64{c.lon + u*math.Cos(c.tilt) - v*math.Sin(c.tilt), c.lat + u*math.Sin(c.tilt) + v*math.Cos(c.tilt)})
	}
	return ring
}

func (s *storm) publish(m event.Message) {
	s.t.Helper()
	if _, err := s.client.Publish(s.t.Context(), m); err != nil {
		s.t.Fatal(err)
	}
}

// picture stores the PNG of a time and gives its key.
func (s *storm) picture(minutes float64) string {
	return s.paint(testLegend, minutes, func(dBZ float64) float64 { return dBZ })
}

// chanceLegend has the colours of probabilities from 10 % on.
var chanceLegend = func() (legend []LegendStep) {
	for i, c := range []string{"#92c4e691", "#64a8deb9", "#4086ced7", "#3a62bed7", "#5446b4d7", "#7636aed7", "#982a9ed7", "#bc2882d7", "#e23e68d7"} {
		legend = append(legend, LegendStep{DBZ: 10 * float64(i+1), Color: c})
	}
	return legend
}()

// chances publishes how likely 35 dBZ are at each lead time of the newest analysis: less sharply, the later.
func (s *storm) chances() {
	s.t.Helper()
	p := &event.Pictures{
		V: event.Version, ID: event.ID("chances"), Product: "probability_35", Units: "%", Domain: s.domain, IssueTime: s.now, Radars: []string{"addison.tx"},
	}
	for _, l := range chanceLegend {
		p.Legend = append(p.Legend, event.Colour{From: l.DBZ, Color: l.Color})
	}
	for lead := range leads {
		minutes := float64(lead)
		key := s.paint(chanceLegend, minutes, func(dBZ float64) float64 { return 100 / (1 + math.Exp((35-dBZ)/(1+minutes/4))) })
		p.Frames = append(p.Frames, event.Frame{LeadMinutes: minutes, ValidTime: s.now.Add(time.Duration(lead) * time.Minute), Key: key})
	}
	s.publish(p)
}

// mosaic publishes the newest analysis as a grid, of which Addison sees the east, 14 s before, and nobody the west.
func (s *storm) mosaic() {
	s.t.Helper()
	d, n := s.domain, s.domain.Rows*s.domain.Cols
	f := grid.NewField(d.Rows, d.Cols)
	seen := &grid.Seen{AgeS: make([]uint16, n), By: make([]uint16, n), Sets: [][]string{nil, {"addison.tx", "denton.tx"}}}
	for i := range n {
		lat, lon := d.Position(float64(i/d.Cols), float64(i%d.Cols))
		if seen.AgeS[i] = grid.NotSeen; i%d.Cols < d.Cols/4 {
			continue
		}
		f.Values[i], seen.AgeS[i], seen.By[i] = grid.NoEchoDBZ, 14, 1
		for _, c := range cells(0) {
			if v := c.at(lon, lat); v > 5 {
				f.Values[i] = max(f.Values[i], float32(v))
			}
		}
	}
	g := &grid.Grid{
		Product: "mosaic", Quantity: "DBZH", Units: "dBZ", Domain: d, IssueTime: s.now, Radars: []string{"addison.tx", "denton.tx"},
		Leads: []grid.Lead{{Field: f}}, Seen: seen,
	}
	data, err := grid.Encode(g)
	if err != nil {
		s.t.Fatal(err)
	}
	key, err := s.client.Put(s.t.Context(), data)
	if err != nil {
		s.t.Fatal(err)
	}
	s.publish(&event.Grid{
		V: event.Version, ID: event.ID("mosaic"), Product: "mosaic", Quantity: "DBZH", Units: "dBZ", Domain: d, IssueTime: s.now, Key: key,
		Radars: g.Radars, Note: "cleburne.tx missing, addison.tx: of its echoes 12 % low correlation, 31 % restored",
	})
}

// paint stores a PNG of what is made of the reflectivity of a time, in the colours of a legend, and gives its key.
func (s *storm) paint(legend []LegendStep, minutes float64, value func(dBZ float64) float64) string {
	s.t.Helper()
	table := color.Palette{color.NRGBA{}}
	for _, l := range legend {
		var c color.NRGBA
		if _, err := fmt.Sscanf(l.Color, "#%02x%02x%02x%02x", &c.R, &c.G, &c.B, &c.A); err != nil {
			s.t.Fatal(err)
		}
		table = append(table, c)
	}
	img, all := image.NewPaletted(image.Rect(0, 0, s.domain.Cols, s.domain.Rows), table), cells(minutes)
	for y := range s.domain.Rows {
		for x := range s.domain.Cols {
			lat, lon := s.domain.Position(float64(y), float64(x))
			strongest := -32.0
			for _, c := range all {
				strongest = max(strongest, c.at(lon, lat))
			}
			v := value(strongest)
			for img.Pix[y*img.Stride+x] < uint8(len(legend)) && v >= legend[img.Pix[y*img.Stride+x]].DBZ {
				img.Pix[y*img.Stride+x]++
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		s.t.Fatal(err)
	}
	key, err := s.client.Put(s.t.Context(), out.Bytes())
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

// issue publishes pictures and areas of an analysis some minutes before the newest, with leads after it.
func (s *storm) issue(minutes float64, leads int) {
	s.t.Helper()
	issued := s.now.Add(time.Duration(minutes) * time.Minute)
	p := &event.Pictures{V: event.Version, ID: event.ID("pictures", issued.String()), Product: "reflectivity", Domain: s.domain, IssueTime: issued, Radars: []string{"addison.tx"}}
	for lead := range leads {
		p.Frames = append(p.Frames, event.Frame{
			LeadMinutes: float64(lead), ValidTime: issued.Add(time.Duration(lead) * time.Minute), Key: s.picture(minutes + float64(lead)),
		})
	}
	s.publish(p)
	s.publish(s.areas(issued, minutes, leads))
}

func (s *storm) areas(issued time.Time, minutes float64, leads int) *event.Areas {
	s.t.Helper()
	var features []any
	for lead := range leads {
		for _, level := range []float64{30, 45} {
			for i, c := range cells(minutes + float64(lead)) {
				if c.peakDBZ > level+1 {
					features = append(features, map[string]any{
						"type": "Feature", "id": fmt.Sprint(level, lead, i),
						"properties": map[string]any{"level": level, "leadMinutes": lead},
						"geometry":   map[string]any{"type": "Polygon", "coordinates": []any{c.ring(level)}},
					})
				}
			}
		}
	}
	fc, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	if err != nil {
		s.t.Fatal(err)
	}
	m := &event.Areas{
		V: event.Version, ID: event.ID("areas", issued.String()), Product: "reflectivity", Units: "dBZ", Levels: []float64{30, 45}, Domain: s.domain.Name,
		IssueTime: issued, Features: len(features), Collection: fc, Coverage: coverage(s.t),
	}
	if len(fc) > 512<<10 {
		if m.Key, err = s.client.Put(s.t.Context(), fc); err != nil {
			s.t.Fatal(err)
		}
		m.Collection = nil
	}
	return m
}

// coverage gives roughly what the three radars see together: the farthest reach from their middle in each direction.
func coverage(t *testing.T) json.RawMessage {
	t.Helper()
	const rangeDeg, lon0, lat0 = 0.58, -97.1, 32.85
	var ring [][2]float64
	for i := range 181 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i%180) / 180)
		reach := 0.0
		for step := 0.0; step < 2; step += 0.005 {
			for _, r := range testRadars {
				x, y := (lon0+step*cos-r.lon)*0.84, lat0+step*sin-r.lat
				if math.Hypot(x, y) < rangeDeg {
					reach = step
				}
			}
		}
		ring = append(ring, [2]float64{lon0 + reach*cos, lat0 + reach*sin})
	}
	data, err := json.Marshal(map[string]any{"type": "MultiPolygon", "coordinates": []any{[]any{ring}}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// scans publishes what the radars sent until now. Their clock runs as the wall does.
func (s *storm) scans() {
	s.t.Helper()
	for _, r := range testRadars {
		for n := 4; n >= 0; n-- {
			at := s.now.Add(-r.age - time.Duration(n)*r.cadence)
			s.publish(s.scan(r.name, r.lon, r.lat, at))
		}
	}
}

func (s *storm) scan(name string, lon, lat float64, at time.Time) *event.Scan {
	return &event.Scan{
		V: event.Version, ID: event.ID(name, at.String()), Radar: name, Time: at, End: at, LatitudeDeg: lat, LongitudeDeg: lon, HeightM: 200,
		RangeM: 64000, Format: "casa", Key: "k", Pace: 1, Summary: event.Summary{MaxDBZ: 58}, Trail: event.Trail{Scan: s.began.Add(at.Sub(s.now))},
	}
}

func (s *storm) decision(kind, subject, value, was, reason string, ago time.Duration, inputs map[string]any) {
	s.t.Helper()
	s.publish(&event.Decision{
		V: event.Version, ID: event.ID(kind, subject, value, ago.String(), fmt.Sprint(inputs)), Kind: kind, Subj: subject, Domain: "dfw", Value: value, Was: was,
		Reason: reason, Inputs: inputs, DataTime: s.now.Add(-ago), Time: s.began.Add(-ago),
	})
}

// fleet publishes an hour of a chain that goes from no worker to a few, and of another that goes back to none.
func (s *storm) fleet() {
	s.t.Helper()
	for i := range 60 {
		x := float64(i)
		busy := math.Round(4 * math.Exp(-math.Pow((x-44)/11, 2)))
		brief := math.Round(2 * math.Exp(-math.Pow((x-26)/8, 2)))
		for chain, workers := range map[string]float64{"nowcast": busy, "mosaic": math.Max(1, math.Min(busy, 2)), "rain": brief} {
			s.decision(event.FleetStatus, chain, fmt.Sprint(workers), "", "", time.Duration(60-i)*time.Minute, map[string]any{
				"workers": workers, "target": workers, "waiting": math.Max(0, math.Round(workers+2*math.Sin(x/3))), "running": workers,
			})
		}
	}
}

func (s *storm) notice(place, state, text string, lead float64, ago time.Duration) {
	s.t.Helper()
	n := &event.Notice{
		V: event.Version, ID: event.ID(place, state, text), Episode: place + "/1", State: state, Reason: text, Place: place, Product: "reflectivity", Level: 45,
		Units: "dBZ", LeadMinutes: lead, IssueTime: s.now.Add(-ago), ValidTime: s.now.Add(-ago), Text: text, Channel: "stream",
	}
	data, err := json.Marshal(n)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.client.JS.Publish(s.t.Context(), "event.notice."+event.Token(place), data); err != nil {
		s.t.Fatal(err)
	}
}

func testPlace(name string, lon, lat, withinKM, dBZ float64) event.Place {
	return event.Place{Name: name, At: [2]float64{lon, lat}, WithinKM: withinKM, Hazards: []event.Hazard{{Product: "reflectivity", AtLeast: dBZ, Units: "dBZ"}}}
}

func (s *storm) standing(place event.Place, state, text string) {
	s.t.Helper()
	kv, err := s.client.KeyValue(s.t.Context(), event.PlaceStatesBucket)
	if err != nil {
		s.t.Fatal(err)
	}
	data, err := json.Marshal(event.PlaceState{V: event.Version, Place: place, State: state, Text: text, Time: s.now})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := kv.Put(s.t.Context(), event.PlaceKey(place.Name), data); err != nil {
		s.t.Fatal(err)
	}
}

// whole publishes a storm in full swing.
func (s *storm) whole() {
	s.t.Helper()
	s.scans()
	s.decision(event.RegimeChange, "dfw", "convective", "stratiform", "143 km² at or above 45 dBZ for 3 min; enters convective at 60 km²", 19*time.Minute, nil)
	s.decision(event.TriggerChange, "storm", "open", "closed", `regime == "convective" held for 2 min`, 17*time.Minute, nil)
	s.decision(event.TriggerChange, "hail-watch", "open", "closed", "58 dBZ in sight of addison.tx, 55 dBZ is enough", 8*time.Minute, nil)
	s.decision(event.Scaling, "nowcast", "4", "2", "212 work-seconds wait or run; 60 s to the deadline asks for 4 workers", 6*time.Minute, nil)
	s.decision(event.FreshnessChange, "denton.tx", "late", "ok", "no scan for 3 min, usual every 59 s", 4*time.Minute, nil)
	s.fleet()
	s.notice("Denton Square", event.End, "Reflectivity of 30 dBZ has left Denton Square", 0, 12*time.Minute)
	s.notice("DFW Airport", event.Start, "45 dBZ, 4 km W, has reached DFW Airport", 0, 4*time.Minute)
	s.notice("Addison Airport", event.Update, "45 dBZ, 7 km SW, reaching Addison Airport in 6 min", 6, time.Minute)
	s.standing(testPlace("Addison Airport", -96.8364, 32.9686, 5, 45), event.PlaceAhead, "45 dBZ, 7 km SW, in 6 min")
	s.standing(testPlace("DFW Airport", -97.0403, 32.8998, 10, 45), event.PlaceNow, "45 dBZ within 10 km since 07:27Z")
	s.standing(testPlace("Denton Square", -97.1331, 33.2148, 5, 30), event.PlaceClear, "")
	s.standing(testPlace("Waco", -97.1467, 31.5493, 5, 30), event.PlaceUnknown, "No radar sees it")
	if err := s.client.BuryFile(s.t.Context(), "ingest", "denton.tx-20170329-073001.netcdf.gz", "no field Reflectivity: fields are Reflectibity, Velocity", []byte("x")); err != nil {
		s.t.Fatal(err)
	}
	for minutes := -30.0; minutes < 0; minutes++ {
		s.issue(minutes, 1)
	}
	s.issue(0, leads)
}
