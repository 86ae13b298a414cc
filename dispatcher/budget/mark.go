package budget

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"bowecho/internal/event"
)

// Mark is what has been said of a limit in a period.
type Mark struct {
	From  time.Time `json:"from"`
	Limit float64   `json:"limit"`
	Told  []float64 `json:"told"` // percent
}

// spentPercent is the share of a limit at which nothing is ordered but what is essential, whether it is warned of or not.
const spentPercent = 100

// News is a share of a limit that has been reached, or that a limit that was spent no longer is.
type News struct {
	Chain   string // that has a limit of its own; empty: that of all workers
	Limit   float64
	Spent   float64
	Percent float64 // that has been reached; 0: the limit is lifted
	Reason  string
}

// Judge tells what is news of the limits, each share once in a period. A limit that is changed is a new one.
func (l *Ledger) Judge(cfg Config, s event.Spending) (news []News) {
	limits := map[string]event.Limit{"": {Limit: cfg.Limit, Spent: s.Spent}}
	for _, limit := range s.Limits {
		limits[limit.Chain] = limit
	}
	for name := range l.Marks {
		if _, there := limits[name]; !there {
			limits[name] = event.Limit{} // it has been taken out of the config
		}
	}
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		if l.Marks[name] == nil {
			l.Marks[name] = &Mark{}
		}
		for _, n := range l.Marks[name].judge(cfg.WarnAt, limits[name], s) {
			n.Chain = name
			news = append(news, n)
		}
		if limits[name].Limit == 0 {
			delete(l.Marks, name)
		}
	}
	return news
}

func (m *Mark) judge(warnAt []float64, limit event.Limit, s event.Spending) (news []News) {
	over := limit.Limit > 0 && limit.Spent >= limit.Limit
	if !m.From.Equal(s.From) || m.Limit != limit.Limit {
		if m.over() && !over {
			news = append(news, News{Limit: limit.Limit, Spent: limit.Spent, Reason: m.lifted(limit, s)})
		}
		*m = Mark{From: s.From, Limit: limit.Limit}
	}
	if limit.Limit == 0 {
		return news
	}
	for _, percent := range marks(warnAt) {
		if limit.Spent < limit.Limit*percent/100 || slices.Contains(m.Told, percent) {
			continue
		}
		m.Told = append(m.Told, percent)
		reason := fmt.Sprintf("%.4g of %.4g are spent in this %s, until %s", limit.Spent, limit.Limit, s.Period, s.Until.Format("2006-01-02 15:04Z"))
		if percent == spentPercent {
			reason += ": only essential chains are ordered"
		}
		news = append(news, News{Limit: limit.Limit, Spent: limit.Spent, Percent: percent, Reason: reason})
	}
	return news
}

// marks gives the shares that are told of.
func marks(warnAt []float64) []float64 {
	if slices.Contains(warnAt, spentPercent) {
		return warnAt
	}
	return append(slices.Clone(warnAt), spentPercent)
}

func (m *Mark) over() bool { return slices.Contains(m.Told, spentPercent) }

func (m *Mark) lifted(limit event.Limit, s event.Spending) string {
	switch {
	case limit.Limit == 0:
		return "there is no limit any more"
	case m.Limit != limit.Limit:
		return fmt.Sprintf("the limit is %.4g now, and was %.4g", limit.Limit, m.Limit)
	default:
		return "a new " + s.Period + " has begun"
	}
}
