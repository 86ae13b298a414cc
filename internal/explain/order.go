package explain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/nats-io/nats.go/jetstream"
)

// The states of an order.
const (
	Held    = "held" // until fewer of its kind are in hand
	Waiting = "waiting"
	Running = "running"
	Done    = "done"
	Dropped = "dropped"
	Dead    = "dead"
	Gone    = "gone" // nothing tells what became of it
)

// lookBack is how long before an order what it works on may have been announced.
const lookBack = 30 * time.Minute

// ancestors is how many orders before one are told of at most.
const ancestors = 6

// order tells which files an order goes back to, why its chain was open, what became of it, and what was ordered from it.
func (e *Explainer) order(ctx context.Context, x *Explanation) error {
	d := x.Decision
	x.Inputs = slices.DeleteFunc(x.Inputs, func(t Term) bool { return strings.HasPrefix(t.Name, "from[") })
	before := map[string]*event.Decision{} // orders, by id
	err := e.decisions(ctx, event.OrderMade, "", d.Time.Add(-lookBack), d.Time, func(o *event.Decision) bool {
		before[o.Value] = o
		return true
	})
	if err == nil {
		err = e.origin(ctx, x, d, before, ancestors)
	}
	if err == nil {
		err = e.opened(ctx, x)
	}
	if err == nil {
		err = e.became(ctx, x)
	}
	return err
}

// inputsOf gives what an order works on.
func inputsOf(d *event.Decision) (list []event.Input) {
	data, err := json.Marshal(d.Inputs["from"])
	if err != nil || json.Unmarshal(data, &list) != nil {
		return nil
	}
	return list
}

// origin follows an order's inputs back to files: the scans by name, and of grids the newest, with the order that made it.
func (e *Explainer) origin(ctx context.Context, x *Explanation, d *event.Decision, orders map[string]*event.Decision, deep int) error {
	inputs := inputsOf(d)
	if len(inputs) == 0 || deep == 0 {
		return nil
	}
	if newest := inputs[len(inputs)-1]; newest.Kind != event.ScanInput && newest.Kind != event.EarlierScan {
		return e.madeFrom(ctx, x, d, newest, orders, deep)
	}
	wanted := map[string]event.Input{}
	radars := map[string]bool{}
	for _, in := range inputs {
		wanted[in.Key], radars[in.Radar] = in, true
	}
	for radar := range radars {
		err := each(ctx, e.client, stream.Scans, "scan."+event.Token(radar), d.Time.Add(-lookBack), func(m *event.Scan) bool {
			if in, used := wanted[m.Key]; used && in.Radar == radar {
				x.Before = append(x.Before, Happening{Time: m.Trail.Scan, Kind: in.Kind, Text: fmt.Sprintf("%s of %s, %.0f dBZ strongest, from file %s, seen %s",
					m.Radar, clock(m.Time), m.Summary.MaxDBZ, filepath.Base(m.File), clock(m.Trail.File))})
			}
			return !m.Trail.Scan.After(d.Time)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// madeFrom tells of the grid that an order works on, and of the order that made it.
func (e *Explainer) madeFrom(ctx context.Context, x *Explanation, d *event.Decision, in event.Input, orders map[string]*event.Decision, deep int) error {
	var grid *event.Grid
	err := each(ctx, e.client, stream.Grids, "grid."+event.Token(in.Kind)+"."+event.Token(d.Domain), d.Time.Add(-lookBack), func(g *event.Grid) bool {
		if g.Key == in.Key && g.IssueTime.Equal(in.Time) {
			grid = g
		}
		return grid == nil
	})
	if err != nil || grid == nil {
		return err
	}
	x.Before = append(x.Before, Happening{Time: grid.Trail.Grid, Kind: "grid", Text: fmt.Sprintf("%s of %s, of %s; its newest file was seen %s",
		grid.Product, clock(grid.IssueTime), strings.Join(grid.Radars, ", "), clock(grid.Trail.File))})
	for id, order := range orders {
		if event.ID("grid", id, grid.Product) == grid.ID {
			x.Before = append(x.Before, step(order))
			return e.origin(ctx, x, order, orders, deep-1)
		}
	}
	return nil
}

// opened tells since when and why an order's chain was open.
func (e *Explainer) opened(ctx context.Context, x *Explanation) error {
	d := x.Decision
	last := map[string]*event.Decision{} // of each trigger
	err := e.decisions(ctx, event.TriggerChange, "", time.Time{}, d.Time, func(t *event.Decision) bool {
		if t.Domain == d.Domain && opens(t, d.Subj) {
			last[t.Subj] = t
		}
		return true
	})
	for _, t := range last {
		if t.Value == "open" || len(last) == 1 {
			s := step(t)
			s.Text += ", for " + t.Reason
			x.Before = append(x.Before, s)
		}
	}
	return err
}

// opens tells whether a trigger opens a chain.
func opens(t *event.Decision, chain string) bool {
	list, _ := t.Inputs["opens"].([]any)
	return slices.Contains(list, any(chain))
}

// became tells how an order stands, and what was made and ordered from it.
func (e *Explainer) became(ctx context.Context, x *Explanation) error {
	d := x.Decision
	done, err := e.outcome(ctx, d)
	switch {
	case err != nil:
		return err
	case done == nil:
		if x.State, err = e.queued(ctx, d); err == nil && x.State == Gone {
			err = e.held(ctx, x)
		}
		return err
	case done.Kind == event.WorkDone:
		x.State = Done
		x.After = append(x.After, Happening{Time: done.Time, Kind: done.Kind, Text: served(d, done)})
		return e.ordered(ctx, x, done)
	default:
		x.State = map[string]string{event.OrderDropped: Dropped, event.OrderFailed: Dead, Dead: Dead}[done.Kind]
		x.After = append(x.After, Happening{Time: done.Time, Kind: done.Kind, Text: done.Reason})
		return nil
	}
}

// outcome gives the news that an order is done, dropped or set aside; nil without any.
func (e *Explainer) outcome(ctx context.Context, d *event.Decision) (found *event.Decision, err error) {
	for _, kind := range []string{event.WorkDone, event.OrderDropped, event.OrderFailed} {
		err = e.decisions(ctx, kind, d.Subj, d.Time, time.Time{}, func(w *event.Decision) bool {
			if w.Value == d.Value || w.Inputs["order"] == d.Value {
				found = w
			}
			return found == nil
		})
		if found != nil || err != nil {
			return found, err
		}
	}
	err = each(ctx, e.client, stream.DeadBox, "dead.work", d.Time, func(m *event.Dead) bool {
		order, err := event.Decode[event.Order](m.Message)
		if err == nil && order.ID == d.Value {
			found = &event.Decision{Kind: Dead, Time: m.Time, Reason: fmt.Sprintf("set aside: %s; `bowecho dead show %.8s`", m.Reason, m.ID)}
		}
		return found == nil
	})
	return found, err
}

// held tells of an order that is in no queue whether it is held back, and why.
func (e *Explainer) held(ctx context.Context, x *Explanation) error {
	d := x.Decision
	return e.decisions(ctx, event.OrderHeld, d.Subj, d.Time.Add(-time.Second), time.Time{}, func(h *event.Decision) bool {
		if h.Value != d.Value {
			return true
		}
		x.State = Held
		x.After = append(x.After, Happening{Time: h.Time, Kind: h.Kind, Text: h.Reason})
		return false
	})
}

// served says by whom an order was done, and how long that took.
func served(d, done *event.Decision) string {
	parts := []string{fmt.Sprintf("done %s after it was ordered, in %s s; %s s were predicted",
		seconds(done.Time.Sub(d.Time)), text(done.Inputs["seconds"]), text(d.Inputs["predictedSeconds"]))}
	if worker := text(done.Inputs["worker"]); worker != "" {
		parts = append(parts, "by "+worker)
	}
	if attempt, known := done.Inputs["attempt"].(float64); known && attempt > 1 {
		parts = append(parts, fmt.Sprintf("at attempt %.0f", attempt))
	}
	if made, known := done.Inputs["made"].([]any); known {
		subjects := make([]string, 0, len(made))
		for _, m := range made {
			subjects = append(subjects, text(m))
		}
		parts = append(parts, "made "+strings.Join(subjects, ", "))
	}
	return strings.Join(parts, ", ")
}

// soon is how long after an order was done orders follow from it at most.
const soon = 2 * time.Minute

// ordered tells which orders were made from an order's results.
func (e *Explainer) ordered(ctx context.Context, x *Explanation, done *event.Decision) error {
	product := gridded(done)
	if product == "" {
		return nil
	}
	id := event.ID("grid", x.Decision.Value, product)
	key := ""
	err := each(ctx, e.client, stream.Grids, "grid."+event.Token(product)+"."+event.Token(done.Domain), x.Decision.Time, func(g *event.Grid) bool {
		if g.ID == id {
			key = g.Key
		}
		return key == ""
	})
	if err != nil || key == "" {
		return err
	}
	return e.decisions(ctx, event.OrderMade, "", x.Decision.Time, done.Time.Add(soon), func(next *event.Decision) bool {
		if inputs := inputsOf(next); len(inputs) > 0 && inputs[len(inputs)-1].Key == key {
			x.After = append(x.After, step(next))
		}
		return true
	})
}

// gridded gives the product of the grid that was made; empty where none was.
func gridded(done *event.Decision) string {
	made, _ := done.Inputs["made"].([]any)
	for _, subject := range made {
		if parts := strings.Split(text(subject), "."); len(parts) == 3 && parts[0] == "grid" && parts[1] != "picture" {
			return parts[1]
		}
	}
	return ""
}

// mostWaiting bounds how many waiting orders are looked through.
const mostWaiting = 2000

// queued tells whether an order waits or is being served.
func (e *Explainer) queued(ctx context.Context, d *event.Decision) (string, error) {
	work, err := e.client.JS.Stream(ctx, stream.Work)
	if err != nil {
		return "", fmt.Errorf("look at the queue: %w", err)
	}
	subject := "work." + event.Token(d.Subj) + "." + event.Token(d.Domain)
	for n, next := 0, uint64(1); n < mostWaiting; n++ {
		m, err := work.GetMsg(ctx, next, jetstream.WithGetMsgSubject(subject))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return Gone, nil
		}
		if err != nil {
			return "", fmt.Errorf("look at the queue: %w", err)
		}
		next = m.Sequence + 1
		if order, err := event.Decode[event.Order](m.Data); err != nil || order.ID != d.Value {
			continue
		}
		consumer, err := work.Consumer(ctx, stream.WorkConsumer(d.Subj))
		if err == nil && m.Sequence <= consumer.CachedInfo().Delivered.Stream {
			return Running, nil
		}
		return Waiting, nil
	}
	return Waiting, nil
}
