package report

import (
	"strings"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"
)

// event counts what was decided.
func (b *builder) event(m stream.Message) error {
	if strings.HasPrefix(m.Subject, "event."+event.NoticeGiven+".") {
		return nil // a notice itself; the change that it tells is among the decisions
	}
	return decoded(func(d *event.Decision) {
		switch d.Kind {
		case event.OrderMade:
			b.Counts.Orders++
		case event.OrderDropped:
			b.Counts.Dropped++
		case event.DuplicateFile:
			b.Counts.Duplicates++
		case event.PassedOver:
			b.Counts.PassedOver++
		case event.WorkDone:
			if seconds, ok := d.Inputs["seconds"].(float64); ok {
				b.WorkSeconds[d.Subj] += seconds
			}
		case event.Scaling:
			b.Workers[d.Subj] = append(b.Workers[d.Subj], WorkersAt{d.Time, d.Value, d.Reason})
		case event.RegimeChange:
			if d.Domain != "" { // not of what one radar sees
				b.Regimes = append(b.Regimes, Change{d.DataTime, d.Domain, d.Value, d.Reason})
			}
		case event.EpisodeChange:
			b.notice(d)
		}
	})(m)
}

// notice counts one notice and what passed since its file and its areas.
func (b *builder) notice(d *event.Decision) {
	b.Counts.Notices++
	b.NoticesOf[d.Subj]++
	at := func(station string) time.Time {
		trail, _ := d.Inputs["trail"].(map[string]any)
		text, _ := trail[station].(string)
		t, _ := time.Parse(time.RFC3339Nano, text)
		return t
	}
	b.step(AreasToNotice, at("areas"), at("notice"))
	b.step(FileToNotice, at("file"), at("notice"))
}
