package processors

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
	"bowecho/processors/contour"

	"github.com/paulmach/orb"
)

// contouring is how areas are made from a grid.
type contouring struct {
	Levels        []float64 `yaml:"levels"`         // in the grid's units; an area is at or above one
	SimplifyCells float64   `yaml:"simplify_cells"` // how far an outline may move, in cells; 0: not at all
	MinAreaCells  float64   `yaml:"min_area_cells"` // smaller areas and holes are left out
}

// defaultContours has CASA's two levels. A quarter of a cell is below what a radar resolves; a square kilometre of the
// default grid is 16 cells.
func defaultContours() contouring {
	return contouring{Levels: []float64{30, 45}, SimplifyCells: 0.25, MinAreaCells: 4}
}

// Validate tells what is wrong.
func (c contouring) Validate() error {
	if len(c.Levels) == 0 || len(c.Levels) > 50 {
		return fmt.Errorf("levels holds %d levels, want 1 to 50", len(c.Levels))
	}
	for i := range c.Levels {
		if i > 0 && !(c.Levels[i] > c.Levels[i-1]) {
			return fmt.Errorf("levels are %v, want them rising", c.Levels)
		}
	}
	if !(c.SimplifyCells >= 0 && c.SimplifyCells <= 100 && c.MinAreaCells >= 0) {
		return errors.New("simplify_cells is not 0 to 100 or min_area_cells is negative")
	}
	return nil
}

// inlineBytes is the size from which areas go into the object store instead of into the message.
const inlineBytes = 512 << 10

// coverageBlockCells makes the outline of what radars saw coarse: about a kilometre on the default domain.
const coverageBlockCells = 4

// makeContours turns each lead time of a grid into areas.
func makeContours(ctx context.Context, client *stream.Client, order *event.Order) ([]event.Message, error) {
	cfg, err := over(defaultContours, order.Parameters)
	if err != nil {
		return nil, err
	}
	in, err := newest(order)
	if err != nil {
		return nil, err
	}
	g, err := loadGrid(ctx, client, in)
	if err != nil {
		return nil, err
	}
	collection := cfg.collect(g)
	m := &event.Areas{
		V: event.Version, ID: event.ID("areas", order.ID), Product: areaProduct(g.Quantity), Units: g.Units,
		Levels: cfg.Levels, Domain: g.Domain.Name, IssueTime: g.IssueTime.UTC(), Radars: g.Radars,
		Features: collection.Len(), Trail: order.Trail,
		Coverage: contour.MultiPolygon(contour.OnMap(contour.Coverage(g.Leads[0].Field, coverageBlockCells), g.Domain)),
	}
	for _, lead := range g.Leads {
		m.LeadMinutes = append(m.LeadMinutes, lead.Minutes)
	}
	m.Collection = collection.JSON()
	if len(m.Collection)+len(m.Coverage) > inlineBytes {
		if m.Key, err = client.Put(ctx, m.Collection); err != nil {
			return nil, err
		}
		m.Collection = nil
	}
	m.Trail.Areas = time.Now().UTC()
	return []event.Message{m}, nil
}

// areaProduct gives the name by which places ask for areas of a quantity.
func areaProduct(quantity string) string {
	if quantity == "DBZH" {
		return "reflectivity"
	}
	return quantity
}

// collect contours lead times side by side and gathers the features in order.
func (c contouring) collect(g *grid.Grid) *contour.Collection {
	polygons := make([][]orb.MultiPolygon, len(g.Leads))
	var wait sync.WaitGroup
	hands := make(chan struct{}, 2)
	for i := range g.Leads {
		wait.Go(func() {
			hands <- struct{}{}
			defer func() { <-hands }()
			for _, level := range c.Levels {
				outline := contour.Simplify(contour.Polygons(g.Leads[i].Field, level), c.SimplifyCells, c.MinAreaCells)
				polygons[i] = append(polygons[i], contour.OnMap(outline, g.Domain))
			}
		})
	}
	wait.Wait()
	collection := contour.NewCollection(contour.Origin{
		Product: areaProduct(g.Quantity), Units: g.Units, Domain: g.Domain.Name, IssueTime: g.IssueTime, Radars: g.Radars,
	})
	for i, lead := range g.Leads {
		for j, level := range c.Levels {
			collection.Add(level, lead.Minutes, polygons[i][j])
		}
	}
	return collection
}
