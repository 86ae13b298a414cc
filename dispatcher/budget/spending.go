package budget

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"bowecho/internal/event"
)

// persistence is how long weather, and so what workers cost, is taken to stay as it is.
const persistence = time.Hour

// Spending gives how the config's period stands, for chains of which some are essential.
//
// The forecast of each chain in each cloud is what is spent, and for the rest of the period what the workers of now cost
// for an hour more, and after that the mean since the period before this one began.
func (l *Ledger) Spending(cfg Config, essential map[string]bool, now time.Time) event.Spending {
	now = now.UTC()
	l.turn(now)
	books := l.Books[cfg.Period]
	_, until := cfg.Period.Of(now)
	s := event.Spending{
		V: event.Version, Time: now, Period: string(cfg.Period), From: books.Now.From, Until: until, Limit: cfg.Limit,
		Counted: latest(l.Began, books.Now.From), Rows: []event.Spent{}, Limits: []event.Limit{}, Refused: []string{},
	}
	counted := max(now.Sub(latest(l.Began, books.Before.From)), persistence).Hours()
	rest := until.Sub(now).Hours()
	soon := min(rest, persistence.Hours())
	for _, k := range l.keys(books) {
		spent, past := books.Now.Lines[k.chain][k.cloud], books.Before.Lines[k.chain][k.cloud]
		row := event.Spent{Chain: k.chain, Cloud: k.cloud, Seconds: spent.Seconds, Spent: spent.Spent}
		perHour := 0.0
		for _, e := range l.Stints {
			if e.Works && e.Chain == k.chain && e.Cloud == k.cloud {
				row.Workers++
				perHour += e.PricePerHour
			}
		}
		mean := (spent.Spent + past.Spent) / counted
		row.Forecast = row.Spent + soon*perHour + (rest-soon)*mean
		s.Rows = append(s.Rows, row)
		s.Seconds += row.Seconds
		s.Spent += row.Spent
		s.PerHour += perHour
		s.MeanPerHour += mean
		s.Forecast += row.Forecast
	}
	s.Remaining = cfg.Limit - s.Spent
	limit(&s, cfg, essential)
	return s
}

type key struct{ chain, cloud string }

// keys gives the chains and clouds of which there is something to tell, sorted.
func (l *Ledger) keys(books *pair) (keys []key) {
	found := map[key]bool{}
	for _, b := range []book{books.Now, books.Before} {
		for chain, clouds := range b.Lines {
			for cloud := range clouds {
				found[key{chain, cloud}] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b key) int {
		return cmp.Or(cmp.Compare(a.chain, b.chain), cmp.Compare(a.cloud, b.cloud))
	})
}

// limit tells how the limits of single chains stand, and what is refused: once a limit is spent, the chains under it
// that are not essential.
func limit(s *event.Spending, cfg Config, essential map[string]bool) {
	over := cfg.Limit > 0 && s.Spent >= cfg.Limit
	for _, chain := range slices.Sorted(maps.Keys(essential)) {
		own, limited := cfg.Chains[chain]
		spent := spentBy(*s, chain)
		if limited {
			s.Limits = append(s.Limits, event.Limit{Chain: chain, Limit: own, Spent: spent, Remaining: own - spent})
		}
		if !essential[chain] && (over || limited && spent >= own) {
			s.Refused = append(s.Refused, chain)
		}
	}
}

func spentBy(s event.Spending, chain string) (spent float64) {
	for _, row := range s.Rows {
		if row.Chain == chain {
			spent += row.Spent
		}
	}
	return spent
}
