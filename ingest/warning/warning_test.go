package warning

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/realdata"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"
)

// alert gives a CAP alert with what is given inside.
func alert(msgType, inside string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>KFWD.1</identifier><sender>x@y</sender>
<sent>2026-05-01T18:00:00-05:00</sent><status>Actual</status><msgType>` + msgType + `</msgType><scope>Public</scope>` + inside + `</alert>`
}

const tornado = `<info><language>es-US</language><event>Aviso de Tornado</event><urgency>Immediate</urgency></info>
<info><category>Met</category><event>Tornado Warning</event><urgency>Immediate</urgency><severity>Extreme</severity>
<certainty>Observed</certainty><onset>2026-05-01T18:05:00-05:00</onset><expires>2026-05-01T18:45:00-05:00</expires>
<headline>Tornado Warning &amp; hail</headline>
<area><areaDesc>Tarrant</areaDesc><polygon>32.6,-97.5 33.0,-97.5 33.0,-97.0 32.6,-97.0 32.6,-97.5</polygon>
<geocode><valueName>UGC</valueName><value>TXC439</value></geocode></area></info>`

func decode(t *testing.T, text string) *Bulletin {
	t.Helper()
	b, err := Decode("test", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCAP(t *testing.T) {
	b := decode(t, alert("Update", "<references>x@y,KFWD.0,2026-05-01T17:30:00-05:00 x@y,KFWD.00,2026-05-01T17:00:00-05:00</references>"+tornado))
	if len(b.Warnings) != 1 || b.List || len(b.Flaws) > 0 {
		t.Fatalf("got %+v, want one warning, in English", b)
	}
	w := b.Warnings[0]
	at := func(hour, minute int) time.Time { return time.Date(2026, 5, 1, hour, minute, 0, 0, time.UTC) }
	want := event.Warning{
		V: 1, ID: "KFWD.1", Replaces: []string{"KFWD.0", "KFWD.00"}, Event: "Tornado Warning", Severity: "Extreme", Urgency: "Immediate",
		Certainty: "Observed", Status: event.Actual, Sent: at(23, 0), Onset: at(23, 5), Expires: at(23, 45), Headline: "Tornado Warning & hail",
		Place: "Tarrant", Codes: []string{"UGC TXC439"}, Area: w.Area,
	}
	if diff := cmp.Diff(want, w); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if bound := w.Area.Geometry().Bound(); bound != (orb.Bound{Min: orb.Point{-97.5, 32.6}, Max: orb.Point{-97, 33}}) {
		t.Errorf("its area reaches %v", bound)
	}
}

func TestCAPCancels(t *testing.T) {
	const references = "<references>x@y,KFWD.0,2026-05-01T17:30:00-05:00</references>"
	for name, text := range map[string]string{
		"cancel": alert("Cancel", references+tornado), "cancel without a word": alert("Cancel", references),
		"all clear": alert("Update", references+strings.Replace(tornado, "<urgency>Immediate</urgency><severity>", "<responseType>AllClear</responseType><severity>", 1)),
	} {
		b := decode(t, text)
		if len(b.Warnings) != 1 || b.Warnings[0].Ended.IsZero() || !cmp.Equal(b.Warnings[0].Replaces, []string{"KFWD.0"}) {
			t.Errorf("%s: got %+v, want one that ends KFWD.0", name, b.Warnings)
		}
	}
	if b := decode(t, alert("Ack", "")); len(b.Warnings) > 0 {
		t.Errorf("an acknowledgement gives %+v", b.Warnings)
	}
}

func TestCAPOfSeveralInfos(t *testing.T) {
	two := tornado + strings.ReplaceAll(tornado[strings.Index(tornado, "<info><category>"):], "Tornado Warning", "Hail Warning")
	b := decode(t, alert("Alert", two))
	if len(b.Warnings) != 2 || b.Warnings[0].ID != "KFWD.1" || b.Warnings[1].ID != "KFWD.1 2" || b.Warnings[1].Event != "Hail Warning" {
		t.Fatalf("got %+v", b.Warnings)
	}
	cancel := event.Warning{Replaces: []string{"KFWD.1"}}
	if !b.Warnings[0].Replaced(&cancel) || !b.Warnings[1].Replaced(&cancel) {
		t.Error("to cancel an alert is to cancel all that it says")
	}
	only := decode(t, alert("Alert", strings.ReplaceAll(tornado, "<category>Met</category>", "<language>fr-CA</language>")))
	if len(only.Warnings) != 1 || only.Warnings[0].Event != "Aviso de Tornado" {
		t.Errorf("without English: got %+v, want those of the first language", only.Warnings)
	}
}

func TestCAPCircle(t *testing.T) {
	b := decode(t, alert("Alert", strings.Replace(tornado, "<geocode>", "<circle>32.9,-97.1 25</circle><geocode>", 1)))
	shapes, ok := b.Warnings[0].Area.Geometry().(orb.MultiPolygon)
	if !ok || len(shapes) != 2 {
		t.Fatalf("area %v, want the polygon and the circle", b.Warnings[0].Area)
	}
	for _, p := range shapes[1][0] {
		if d := geo.DistanceHaversine(p, orb.Point{-97.1, 32.9}); math.Abs(d-25_000) > 25 {
			t.Errorf("%v is %.0f m from the centre, want 25 km", p, d)
		}
	}
}

func TestBadFilesAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"bomb": {`<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>` +
			alert("Alert", strings.Replace(tornado, "hail", "&b;", 1))[39:], "entity"},
		"cut":           {alert("Alert", tornado)[:700], "ask for the file again"},
		"two alerts":    {alert("Alert", tornado) + alert("Alert", tornado)[39:], "second root"},
		"no info":       {alert("Alert", ""), "no info"},
		"odd type":      {alert("Notice", tornado), "msgType"},
		"another root":  {`<feed xmlns="urn:oasis:names:tc:emergency:cap:1.2"></feed>`, "root"},
		"no time":       {strings.Replace(alert("Alert", tornado), "2026-05-01T18:00:00-05:00", "today", 1), "sent is"},
		"off the globe": {alert("Alert", strings.Replace(tornado, "33.0,-97.5", "93.0,-97.5", 1)), "latitude,longitude"},
		"a line":        {alert("Alert", strings.Replace(tornado, "33.0,-97.5 33.0,-97.0 32.6,-97.0 ", "", 1)), "4 to"},
		"Latin-1":       {strings.Replace(alert("Alert", tornado), "UTF-8", "ISO-8859-1", 1), "ISO-8859-1"},
		"odd circle":    {alert("Alert", strings.Replace(tornado, "<geocode>", "<circle>32,-97</circle><geocode>", 1)), "radius"},
		"cut JSON":      {`{"type":"FeatureCollection","features":[`, "ask for the file again"},
		"no geometry":   {`{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"id":"a","event":"b","sent":"2026-05-01T18:00:00Z"}}`, "Polygon"},
		"odd LAT...LON": {"\n448 \nFZUS71 KLWX 042103\n/O.NEW.KLIX.TO.W.0032.210606T1501Z-210606T1600Z/\nLAT...LON 3793 7631 3797\n", "pairs"},
	} {
		if _, err := Decode(name, []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want it to hold %q", name, err, c.want)
		}
	}
}

func TestWhatHoldsNoWarnings(t *testing.T) {
	for name, text := range map[string]string{
		"places": `{"places": []}`, "a point": `{"type":"Point","coordinates":[1,2]}`, "radar": "CDF\x01", "yaml": "a: b",
		"outlook":  `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"LABEL":"HIGH"}}]}`,
		"outfalls": `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"id":7,"event":null}}]}`,
		"a number": "{\"type\": 7}", "xml": `<html xmlns="http://www.w3.org/1999/xhtml"/>`, "nothing": "",
	} {
		if _, err := Decode(name, []byte(text)); !errors.Is(err, ErrOther) {
			t.Errorf("%s: got %v, want ErrOther", name, err)
		}
	}
}

// asOf writes real times in place of those that the file has relative to now.
func asOf(t testing.TB, now time.Time) string {
	t.Helper()
	data, err := os.ReadFile(realdata.Path(t, "data", "warnings", "active__status=actual.json"))
	if err != nil {
		t.Fatal(err)
	}
	relative := regexp.MustCompile(`date:now ([-+] ?[0-9]+) (second|minute|hour|day)s?`)
	data = regexp.MustCompile(`date:today [^"]*`).ReplaceAll(data, []byte(now.Format(time.RFC3339)))
	return relative.ReplaceAllStringFunc(string(data), func(s string) string {
		m := relative.FindStringSubmatch(s)
		n, err := strconv.Atoi(strings.ReplaceAll(m[1], " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[m[2]]
		return now.Add(time.Duration(n) * unit).Format(time.RFC3339)
	})
}

func TestActiveListOfTheNWS(t *testing.T) {
	now := time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)
	b, err := Decode("active", []byte(asOf(t, now)))
	if err != nil {
		t.Fatal(err)
	}
	if !b.List || len(b.Warnings) != 152 || len(b.Flaws) > 0 {
		t.Errorf("%d warnings, list %v, flaws %v; want the 152 of the file", len(b.Warnings), b.List, b.Flaws)
	}
	withArea, updates := 0, 0
	for _, w := range b.Warnings {
		if w.ID == "" || w.Event == "" || w.Sent.IsZero() || w.Expires.IsZero() {
			t.Errorf("got %+v", w)
		}
		if w.Area != nil {
			withArea++
			if w.Event != "Severe Thunderstorm Warning" || !w.Expires.Equal(now.Add(14*time.Minute)) || w.Severity != "Severe" {
				t.Errorf("got %+v", w)
			}
		}
		if len(w.Replaces) > 0 {
			updates++
		}
	}
	if withArea != 1 || updates < 5 {
		t.Errorf("%d with an area, %d updates; want 1 and some", withArea, updates)
	}
}

func TestTextProductsOfTheNWS(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(realdata.Path(t, "data", "warnings"), "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	heard := map[string][]event.Warning{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Decode(file, data)
		if err != nil || len(b.Flaws) > 0 || b.List {
			t.Fatalf("%s: %v, %+v", file, err, b)
		}
		for _, w := range b.Warnings {
			heard[w.ID] = append(heard[w.ID], w)
			if w.Area == nil || w.Status != event.Actual || len(w.Codes) == 0 || w.Sent.Year() != 2021 || w.Sent.After(w.Expires) {
				t.Errorf("%s: %+v", filepath.Base(file), w)
			}
		}
	}
	life := heard["KLIX.TO.W.0032.2021"]
	if len(life) != 3 {
		t.Fatalf("the tornado warning of KLIX was told of %d times, want 3: new, continued, cancelled", len(life))
	}
	first, last := life[0], life[2]
	if first.Event != "Tornado Warning" || first.Sent.Format(time.DateTime) != "2021-06-06 15:01:00" || first.Expires.Format(time.DateTime) != "2021-06-06 16:00:00" {
		t.Errorf("first %+v", first)
	}
	if diff := cmp.Diff([]string{"UGC LAC075"}, first.Codes); diff != "" || first.Area.Geometry().Bound().Min != (orb.Point{-89.74, 29.24}) {
		t.Errorf("codes %s, area %v", diff, first.Area.Geometry().Bound())
	}
	if !life[1].Ended.IsZero() || last.Ended.IsZero() || last.Reason == "" {
		t.Errorf("continued %+v, cancelled %+v", life[1], last)
	}
}

// TestPartlyCancelled has one product that takes a warning back for one county and continues it for others.
func TestPartlyCancelled(t *testing.T) {
	segment := func(ugc, action string) string {
		return fmt.Sprintf("%s-312330-\n/O.%s.KFWD.SV.W.0001.000000T0000Z-260531T2330Z/\n\nLAT...LON 3200 9700 3300 9700 3300 9600\n\n$$\n", ugc, action)
	}
	head := "\n100 \nWWUS54 KFWD 312300\nSVSFWD\n\n"
	for name, text := range map[string]string{
		"cancelled first": segment("TXC113", "CAN") + segment("TXC121-OKC005>007-\n019", "CON"),
		"cancelled last":  segment("TXC121-OKC005>007-\n019", "CON") + segment("TXC113", "CAN"),
	} {
		b := decode(t, head+text)
		want := []string{"UGC TXC121", "UGC OKC005", "UGC OKC006", "UGC OKC007", "UGC OKC019"}
		if len(b.Warnings) != 1 || !b.Warnings[0].Ended.IsZero() || !cmp.Equal(b.Warnings[0].Codes, want) {
			t.Errorf("%s: got %+v, want it to go on for %v", name, b.Warnings, want)
		}
	}
	both := decode(t, head+segment("TXC113", "CON")+segment("TXC121", "CON"))
	if len(both.Warnings) != 1 || len(both.Warnings[0].Codes) != 2 {
		t.Errorf("in two segments: %+v", both.Warnings)
	}
	if _, ok := both.Warnings[0].Area.Geometry().(orb.MultiPolygon); !ok {
		t.Errorf("in two segments: area %v, want both", both.Warnings[0].Area)
	}
	if b := decode(t, "\n100 \nFXUS64 KFWD 312300\nAFDFWD\n\nLots of sun.\n$$\n"); len(b.Warnings)+len(b.Flaws) != 0 {
		t.Errorf("a forecast discussion gives %+v", b)
	}
}

func TestContentIsWhatIsSaid(t *testing.T) {
	a := decode(t, alert("Alert", tornado)).Warnings[0]
	b := a
	b.File, b.Heard = "elsewhere", time.Now()
	if a.Content() != b.Content() || a.MessageID() == b.MessageID() {
		t.Error("the same heard elsewhere must have the same content, and be another message")
	}
	b.Area = nil
	if a.Content() == b.Content() {
		t.Error("another area is another content")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(alert("Update", tornado)))
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]},` +
		`"properties":{"id":"a","event":"Tornado Warning","sent":"2026-05-01T18:00:00Z","ends":null,"geocode":{"UGC":["TXC113"]}}}]}`))
	f.Add([]byte("\n448 \nFZUS71 KLWX 042103\nTXC113-121>123-042130-\n/O.NEW.KLIX.TO.W.0032.210606T1501Z-210606T1600Z/\nLAT...LON 3793 7631 3797 7500 3600 17500\n$$\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Decode("fuzz", data)
		if err != nil {
			return
		}
		for _, w := range b.Warnings {
			w.Feed = "fuzz"
			if err := w.Validate(); err != nil {
				t.Error(err)
			}
			if len(w.MessageID()) != 24 {
				t.Errorf("%+v has no id", w)
			}
		}
	})
}
