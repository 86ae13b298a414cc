package processors

import (
	"context"
	"errors"
	"fmt"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/radar"
	"bowecho/internal/stream"
	"bowecho/processors/mosaic"
	"bowecho/processors/quality"
)

// mosaicking is how scans are cleaned and laid on a grid.
type mosaicking struct {
	mosaic.Config `yaml:",inline"`
	Quality       quality.Config `yaml:"quality"`
}

func defaultMosaic() mosaicking {
	return mosaicking{Config: mosaic.DefaultConfig(), Quality: quality.DefaultConfig()}
}

// Validate tells what is wrong.
func (m mosaicking) Validate() error { return errors.Join(m.Config.Validate(), m.Quality.Validate()) }

// makeMosaic cleans the scans of an order and lays them on its domain.
func makeMosaic(ctx context.Context, client *stream.Client, order *event.Order) ([]event.Message, error) {
	cfg, err := over(defaultMosaic, order.Parameters)
	if err != nil {
		return nil, err
	}
	scans := make([]*radar.Scan, 0, len(order.Inputs))
	for _, in := range order.Inputs {
		data, err := client.Get(ctx, in.Key)
		if err != nil {
			return nil, err
		}
		scan, err := radar.Decode(data, quality.Moments...)
		if err != nil {
			return nil, stream.Permanent(fmt.Errorf("scan of %s: %w", in.Radar, err))
		}
		scans = append(scans, scan)
	}
	scans = cleaned(scans, cfg.Quality)
	field, radars, err := mosaic.Merge(scans, order.Domain, cfg.Config)
	if err != nil {
		return nil, stream.Permanent(err)
	}
	m, err := storeGrid(ctx, client, order, &grid.Grid{
		Product: "mosaic", Quantity: radar.DBZH, Units: "dBZ", Domain: order.Domain, IssueTime: order.ValidTime,
		Radars: radars, Leads: []grid.Lead{{Field: field}},
	}, "")
	return []event.Message{m}, err
}

// cleaned gives the scans without what is not weather. Those of the same radar before each show what stands still.
func cleaned(scans []*radar.Scan, cfg quality.Config) []*radar.Scan {
	clean := make([]*radar.Scan, len(scans))
	before := map[string][]*radar.Scan{}
	for i, scan := range scans {
		name := scan.Site.Name
		clean[i] = quality.Clean(scan, cfg.ProfileFor(name), before[name]...)
		before[name] = append(before[name], scan)
	}
	return clean
}
