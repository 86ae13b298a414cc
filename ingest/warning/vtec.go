package warning

import (
	"fmt"
	"regexp"
	"time"

	"bowecho/internal/event"
)

// vtecs finds each "/O.NEW.KLIX.TO.W.0032.210606T1501Z-210606T1600Z/".
var vtecs = regexp.MustCompile(`/([OTEX])\.([A-Z]{3})\.([A-Z0-9]{4})\.([A-Z0-9]{2})\.([A-Z])\.([0-9]{4})\.([0-9]{6}T[0-9]{4}Z)-([0-9]{6}T[0-9]{4}Z)/`)

// vtec is what a code says: of which event, and what becomes of it.
// Source: NWS Directive 10-1703, Valid Time Event Code.
type vtec struct{ class, action, office, phenomenon, significance, number, begin, end string }

func vtecOf(m []string) vtec { return vtec{m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8]} }

// The events that are warned of by storms and what they bring; others go by their code.
var (
	phenomena = map[string]string{
		"TO": "Tornado", "SV": "Severe Thunderstorm", "MA": "Special Marine", "FF": "Flash Flood", "FA": "Flood", "FL": "Flood",
		"EW": "Extreme Wind", "SQ": "Snow Squall", "DS": "Dust Storm", "HW": "High Wind", "WI": "Wind", "WS": "Winter Storm",
		"BZ": "Blizzard", "IS": "Ice Storm", "HU": "Hurricane", "TR": "Tropical Storm", "SS": "Storm Surge", "CF": "Coastal Flood",
		"WW": "Winter Weather", "LE": "Lake Effect Snow", "FW": "Red Flag", "FG": "Dense Fog", "HT": "Heat", "DU": "Blowing Dust",
	}
	significances = map[string]string{"W": "Warning", "A": "Watch", "Y": "Advisory", "S": "Statement"}
	classes       = map[string]string{"O": event.Actual, "T": event.Test, "E": event.Draft, "X": event.Draft}
)

func (v vtec) event() string {
	what, known := phenomena[v.phenomenon]
	how, told := significances[v.significance]
	if !known || !told {
		return "VTEC " + v.phenomenon + "." + v.significance
	}
	return what + " " + how
}

// warning gives what the code says of its event, by the heading of its product.
func (v vtec) warning(heading []string) (event.Warning, error) {
	begin, end := vtecTime(v.begin), vtecTime(v.end)
	near := end
	if near.IsZero() {
		near = begin
	}
	sent := time.Time{}
	if !near.IsZero() {
		sent = sentAt(heading, near)
	}
	w := event.Warning{
		// The numbers begin anew each year, and an event has that of the year in which it began, or was last told of.
		ID:    fmt.Sprintf("%s.%s.%s.%s.%d", v.office, v.phenomenon, v.significance, v.number, sent.Year()),
		Event: v.event(), Status: classes[v.class], Sent: sent, Onset: begin, Expires: end,
	}
	w.Headline = w.Event + " by " + v.office
	switch v.action {
	case "CAN", "EXP", "UPG":
		w.Ended, w.Reason = sent, map[string]string{"CAN": takenBack, "EXP": "it has expired", "UPG": "a stronger one replaces it"}[v.action]
	}
	return w, settle(&w)
}

// vtecTime reads a time of a code; all zeros are no time: begun before, or until further notice.
func vtecTime(text string) time.Time {
	t, err := time.Parse("060102T1504Z", text)
	if err != nil {
		return time.Time{}
	}
	return t
}
