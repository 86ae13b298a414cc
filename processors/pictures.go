package processors

import (
	"bytes"
	"context"
	"fmt"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
	"bowecho/processors/picture"

	"golang.org/x/sync/errgroup"
)

// picturing has nothing to tune yet: the palette is that of the units.
type picturing struct{}

func defaultPictures() picturing { return picturing{} }

// Validate finds nothing wrong.
func (picturing) Validate() error { return nil }

// makePictures paints each lead time of a grid.
func makePictures(ctx context.Context, client *stream.Client, order *event.Order) ([]event.Message, error) {
	in, err := newest(order)
	if err != nil {
		return nil, err
	}
	g, err := loadGrid(ctx, client, in)
	if err != nil {
		return nil, err
	}
	palette, err := picture.For(g.Units)
	if err != nil {
		return nil, stream.Permanent(fmt.Errorf("pictures of %s: %w", g.Product, err))
	}
	m := &event.Pictures{
		V: event.Version, ID: event.ID("pictures", order.ID), Product: areaProduct(g.Quantity), Units: g.Units, Domain: g.Domain,
		IssueTime: g.IssueTime.UTC(), Radars: g.Radars, Trail: order.Trail,
	}
	steps, _ := palette.Legend()
	for _, s := range steps {
		m.Legend = append(m.Legend, event.Colour{From: s.Value, Color: s.Colour})
	}
	m.Frames = make([]event.Frame, len(g.Leads))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(paintedAtOnce)
	for i, lead := range g.Leads {
		group.Go(func() error {
			key, err := paint(ctx, client, lead.Field, g.Domain, palette)
			m.Frames[i] = event.Frame{LeadMinutes: lead.Minutes, ValidTime: g.ValidTime(i).UTC(), Key: key}
			return err
		})
	}
	return []event.Message{m}, group.Wait()
}

// paintedAtOnce keeps the processor at work while the store writes.
const paintedAtOnce = 4

func paint(ctx context.Context, client *stream.Client, f *grid.Field, d grid.Domain, p picture.Palette) (key string, err error) {
	var png bytes.Buffer
	if err := picture.Encode(&png, f, d, p); err != nil {
		return "", stream.Permanent(err)
	}
	return client.Put(ctx, png.Bytes())
}
