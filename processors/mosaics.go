package processors

import (
	"context"
	"fmt"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/radar"
	"bowecho/internal/stream"
	"bowecho/processors/mosaic"
	"bowecho/processors/quality"
)

func defaultMosaic() mosaic.Config { return mosaic.DefaultConfig() }

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
		scans = append(scans, quality.Clean(scan, quality.ProfileFor(scan.Site.Name)))
	}
	made, err := mosaic.Make(scans, order.Domain, order.ValidTime, cfg, nil)
	if err != nil {
		return nil, stream.Permanent(err)
	}
	m, err := storeGrid(ctx, client, order, &grid.Grid{
		Product: "mosaic", Quantity: radar.DBZH, Units: "dBZ", Domain: order.Domain, IssueTime: order.ValidTime,
		Radars: made.Names(), Leads: []grid.Lead{{Field: made.DBZ}},
	}, "")
	return []event.Message{m}, err
}
