package demand

import (
	"slices"
	"time"

	"bowecho/internal/event"
)

// Order is what scaling knows of an order that has been made and not yet been served.
type Order struct {
	ID       string
	Seconds  float64   // predicted
	Made     time.Time // by the wall clock
	Deadline time.Time // zero: none
	started  time.Time // since when it has been among those that are served; zero: it waits
}

// Forecast is what is known of the orders of a chain: those that are made, and those that will come.
type Forecast struct {
	Cost    *Cost
	orders  []Order   // oldest first
	sources []*latest // in the order in which they were first heard of
	known   map[Source]*latest
}

// Source is what orders come from, each at a rhythm of its own: a domain, or each radar in it whose every scan is an order.
type Source struct {
	Domain, Radar string
}

// latest is the rhythm of a source's orders, and what the newest worked on.
type latest struct {
	from     Source
	rhythm   Rhythm
	features event.Features
}

// NewForecast gives a forecast that learns a cost.
func NewForecast(cost *Cost) *Forecast { return &Forecast{Cost: cost, known: map[Source]*latest{}} }

// Order takes that an order was made.
func (f *Forecast) Order(o Order, from Source, features event.Features) {
	f.orders = append(f.orders, o)
	if len(f.orders) > mostOrders {
		f.orders = slices.Delete(f.orders, 0, len(f.orders)-mostOrders)
	}
	l := f.known[from]
	if l == nil {
		l = &latest{from: from}
		f.known[from], f.sources = l, append(f.sources, l)
	}
	l.rhythm.Hear(o.Made)
	l.features = features
}

// mostOrders bounds what is remembered. Others that wait count as the usual.
const mostOrders = 20_000

// Done takes that an order needs nobody any more.
func (f *Forecast) Done(id string) {
	if i := slices.IndexFunc(f.orders, func(o Order) bool { return o.ID == id }); i >= 0 {
		f.orders = slices.Delete(f.orders, i, i+1)
	}
}

// Queue is how many orders of a chain there are, by whoever holds them.
type Queue struct {
	Waiting, Running int
}

// Moment is when, and in what circumstances, a load is asked for.
type Moment struct {
	Now   time.Time     // by the wall clock
	Data  time.Time     // the time of the data
	Pace  float64       // seconds of data a second
	Ready time.Duration // until a worker that is asked for now is there
	Alive int           // workers that are there
	Open  func(domain string) bool
	Ahead func(domain string) *Outlook // nil: nothing is known
}

// Load gives what the chain has to do. Orders that the queue holds and the forecast has not heard of, after a restart say,
// count as the newest.
func (f *Forecast) Load(cfg Config, q Queue, m Moment) Load {
	l := Load{Waiting: q.Waiting, Running: q.Running, Ready: m.Ready, Alive: m.Alive, Known: true}
	f.expect(cfg, m, &l)
	held := f.held(q, l.Each, m.Now)
	l.due = make([]Due, 0, len(held))
	for i := range held {
		o, left := &held[i], held[i].Seconds
		if i < q.Running {
			left = max(left-m.Now.Sub(o.started).Seconds(), left/10) // one that takes longer than predicted is soon over
			l.RunningSeconds += left
		} else {
			l.WaitingSeconds += left
		}
		l.due = append(l.due, Due{cfg.within(o, left, m), left, 1})
	}
	return l
}

// held gives the orders that the queue holds, those first that are being served: they are the oldest.
func (f *Forecast) held(q Queue, each float64, now time.Time) []Order {
	all := q.Waiting + q.Running
	held := f.orders[max(0, len(f.orders)-all):]
	if unheard := all - len(held); unheard > 0 {
		more := slices.Repeat([]Order{{Seconds: each, Made: now, started: now}}, unheard)
		return append(more, held...)
	}
	for i := range held {
		switch o := &held[i]; {
		case i >= q.Running:
			o.started = time.Time{}
		case o.started.IsZero():
			o.started = now
		}
	}
	return held
}

// expect adds what will come while those that are asked for now would work, and what it will take then.
func (f *Forecast) expect(cfg Config, m Moment, l *Load) {
	then := m.Data.Add(time.Duration(m.Pace * float64(m.Ready+cfg.Finish/2)))
	var newest time.Time
	var features event.Features
	for _, d := range f.sources {
		if d.rhythm.last.After(newest) {
			newest, features = d.rhythm.last, d.features
		}
		if m.Open != nil && !m.Open(d.from.Domain) {
			continue
		}
		ahead := d.features
		if m.Ahead != nil && cfg.Ahead {
			ahead = m.Ahead(d.from.Domain).Ahead(ahead, m.Data, then)
		}
		n := d.rhythm.Expect(m.Now, cfg.Finish)
		l.Expected += n
		l.ExpectedSeconds += n * f.Cost.Predict(ahead)
		l.Now.add(d.features)
		l.Ahead.add(ahead)
	}
	l.Each = f.Cost.Predict(features)
}
