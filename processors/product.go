package processors

import (
	"context"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/radar"
	"bowecho/internal/stream"

	"golang.org/x/sync/errgroup"
)

// product is a grid that is to be stored and announced. It takes each field as soon as that is made, so that those of all lead
// times are never held at once.
type product struct {
	grid    *grid.Grid
	writer  *grid.Writer
	largest []float64
	leads   []event.Summary // of reflectivity
	adding  errgroup.Group
}

// addedAtOnce is how many fields are written at once, while the next is made.
const addedAtOnce = 2

// newProduct begins a grid. Of its lead times it takes the minutes only.
func newProduct(g *grid.Grid) *product {
	p := &product{grid: g, writer: grid.NewWriter(g), largest: make([]float64, len(g.Leads)), leads: make([]event.Summary, len(g.Leads))}
	p.adding.SetLimit(addedAtOnce)
	return p
}

// add takes the field at lead time i, and releases it.
func (p *product) add(i int, f *grid.Field) {
	p.adding.Go(func() error {
		defer f.Release()
		p.largest[i] = largest(f)
		if p.grid.Quantity == radar.DBZH {
			p.leads[i] = summarize(f, p.grid.Domain)
		}
		return p.writer.Add(i, f)
	})
}

// store puts the grid into the object store, when all fields were added, and gives the message that announces it.
func (p *product) store(ctx context.Context, client *stream.Client, order *event.Order, note string) (*event.Grid, error) {
	if err := p.adding.Wait(); err != nil {
		return nil, stream.Permanent(err)
	}
	data, err := p.writer.Bytes()
	if err != nil {
		return nil, stream.Permanent(err)
	}
	key, err := client.Put(ctx, data)
	if err != nil {
		return nil, err
	}
	g := p.grid
	m := &event.Grid{
		V: event.Version, ID: event.ID("grid", order.ID, g.Product), Product: g.Product, Quantity: g.Quantity, Units: g.Units,
		Domain: g.Domain, IssueTime: g.IssueTime.UTC(), Key: key, Radars: g.Radars,
		Largest: p.largest, Note: note, Trail: order.Trail,
	}
	for _, lead := range g.Leads {
		m.LeadMinutes = append(m.LeadMinutes, lead.Minutes)
	}
	if g.Quantity == radar.DBZH {
		m.Summary = p.leads[0]
		if len(p.leads) > 1 {
			m.Leads = p.leads
		}
	}
	m.Trail.Grid = time.Now().UTC()
	return m, nil
}

// storeGrid stores a grid whose fields are there already, and releases them.
func storeGrid(ctx context.Context, client *stream.Client, order *event.Order, g *grid.Grid, note string) (*event.Grid, error) {
	p := newProduct(g)
	for i, lead := range g.Leads {
		p.add(i, lead.Field)
	}
	return p.store(ctx, client, order, note)
}
