package warning

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"bowecho/internal/event"

	"github.com/paulmach/orb"
)

// The namespaces of CAP begin so. Versions 1.1 and 1.0 are read alike: what we take from them is the same.
const capSpace = "urn:oasis:names:tc:emergency:cap:"

func isCAP(head string) bool {
	return strings.HasPrefix(head, "<") && strings.Contains(head, capSpace)
}

// capAlert is what we take of an alert. Source: OASIS, Common Alerting Protocol 1.2, §3.2.
type capAlert struct {
	XMLName    xml.Name
	Identifier string    `xml:"identifier"`
	Sent       string    `xml:"sent"`
	Status     string    `xml:"status"`
	MsgType    string    `xml:"msgType"`
	References string    `xml:"references"`
	Infos      []capInfo `xml:"info"`
}

type capInfo struct {
	Language     string    `xml:"language"`
	Event        string    `xml:"event"`
	ResponseType []string  `xml:"responseType"`
	Urgency      string    `xml:"urgency"`
	Severity     string    `xml:"severity"`
	Certainty    string    `xml:"certainty"`
	Effective    string    `xml:"effective"`
	Onset        string    `xml:"onset"`
	Expires      string    `xml:"expires"`
	Headline     string    `xml:"headline"`
	Areas        []capArea `xml:"area"`
}

type capArea struct {
	Description string   `xml:"areaDesc"`
	Polygons    []string `xml:"polygon"`
	Circles     []string `xml:"circle"`
	Geocodes    []struct {
		Name  string `xml:"valueName"`
		Value string `xml:"value"`
	} `xml:"geocode"`
}

// readCAP reads one alert. Entities of its own are not expanded: a document that uses such is refused.
func readCAP(data []byte) (*Bulletin, error) {
	decoder := xml.NewDecoder(bytes.NewReader(data))
	var alert capAlert
	if err := decoder.Decode(&alert); err != nil {
		return nil, fmt.Errorf("CAP: %w; ask for the file again", err)
	}
	if err := nothingMore(decoder); err != nil {
		return nil, err
	}
	if alert.XMLName.Local != "alert" || !strings.HasPrefix(alert.XMLName.Space, capSpace) {
		return nil, fmt.Errorf("CAP: its root is %s, want one alert of %s1.2", alert.XMLName.Local, capSpace)
	}
	b := &Bulletin{Format: "CAP"}
	msgType := strings.TrimSpace(alert.MsgType)
	switch msgType {
	case "Alert", "Update", "Cancel":
	case "Ack", "Error":
		return b, nil // from one system to another
	default:
		return nil, fmt.Errorf("CAP: msgType is %.40q, want Alert, Update, Cancel, Ack or Error", msgType)
	}
	infos := oneLanguage(alert.Infos)
	if len(infos) == 0 && msgType == "Cancel" {
		infos = []capInfo{{}}
	}
	if len(infos) == 0 {
		return nil, errors.New("CAP: the alert has no info")
	}
	for _, info := range infos {
		b.addPart(alert.warning(info))
	}
	return b, nil
}

// nothingMore makes sure that nothing but comments follows.
func nothingMore(decoder *xml.Decoder) error {
	for {
		token, err := decoder.Token()
		switch t := token.(type) {
		case xml.StartElement:
			return fmt.Errorf("CAP: a second root, %s, follows the alert", t.Name.Local)
		case nil:
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("CAP: after the alert: %w", err)
		}
	}
}

// oneLanguage gives the infos in English, which the names of events in configs are mostly in, or else those in the
// language of the first: an alert says the same again in each language.
func oneLanguage(infos []capInfo) (chosen []capInfo) {
	language := func(i capInfo) string {
		main, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(i.Language)), "-")
		if main == "" {
			return "en" // by the standard's default, en-US
		}
		return main
	}
	for _, wanted := range []string{"en", "first"} {
		if wanted == "first" && len(infos) > 0 {
			wanted = language(infos[0])
		}
		for _, info := range infos {
			if language(info) == wanted {
				chosen = append(chosen, info)
			}
		}
		if len(chosen) > 0 {
			break
		}
	}
	return chosen
}

// warning gives what one info of an alert says.
func (a *capAlert) warning(info capInfo) (event.Warning, error) {
	w := event.Warning{
		ID: strings.TrimSpace(a.Identifier), Replaces: identifiers(a.References), Status: status(a.Status),
		Event: strings.TrimSpace(info.Event), Headline: strings.TrimSpace(info.Headline),
		Severity: strings.TrimSpace(info.Severity), Urgency: strings.TrimSpace(info.Urgency), Certainty: strings.TrimSpace(info.Certainty),
	}
	effective := time.Time{}
	var errs [5]error
	w.Sent, errs[0] = instant("sent", a.Sent)
	effective, errs[1] = instant("effective", info.Effective)
	w.Onset, errs[2] = instant("onset", info.Onset)
	w.Expires, errs[3] = instant("expires", info.Expires)
	if w.Onset.IsZero() {
		w.Onset = effective
	}
	if strings.TrimSpace(a.MsgType) == "Cancel" || allClear(info.ResponseType...) {
		w.Ended, w.Reason = w.Sent.UTC(), takenBack
	}
	errs[4] = takeAreas(&w, info.Areas)
	return w, errors.Join(append(errs[:], settle(&w))...)
}

// allClear tells whether what is asked of people is nothing any more.
func allClear(responses ...string) bool {
	for _, r := range responses {
		if strings.TrimSpace(r) == "AllClear" {
			return true
		}
	}
	return false
}

// identifiers gives those of "sender,identifier,sent sender,identifier,sent …".
func identifiers(references string) (ids []string) {
	for _, reference := range strings.Fields(references) {
		if parts := strings.Split(reference, ","); len(parts) == 3 && parts[1] != "" {
			ids = append(ids, parts[1])
		}
	}
	return ids
}

// takeAreas reads where an info holds.
func takeAreas(w *event.Warning, areas []capArea) error {
	var polygons orb.MultiPolygon
	var errs []error
	take := func(texts []string, read func(string) (orb.Polygon, error)) {
		for _, text := range texts {
			p, err := read(text)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			polygons = append(polygons, p)
		}
	}
	var places []string
	for _, area := range areas {
		take(area.Polygons, polygonOf)
		take(area.Circles, circleOf)
		places = append(places, strings.TrimSpace(area.Description))
		for _, code := range area.Geocodes {
			w.Codes = append(w.Codes, strings.TrimSpace(code.Name)+" "+strings.TrimSpace(code.Value))
		}
	}
	w.Area, w.Place = areaOf(polygons), strings.Join(places, "; ")
	return errors.Join(errs...)
}
