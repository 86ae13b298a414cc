package processors

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
	made, err := mosaic.Make(cfg.Quality.CleanAll(scans), order.Domain, order.ValidTime, cfg.Config, nil)
	if err != nil {
		return nil, stream.Permanent(err)
	}
	m, err := storeGrid(ctx, client, order, &grid.Grid{
		Product: "mosaic", Quantity: radar.DBZH, Units: "dBZ", Domain: order.Domain, IssueTime: order.ValidTime,
		Radars: made.Names(), Leads: []grid.Lead{{Field: made.DBZ}},
	}, ageNote(made, order.Missing))
	return []event.Message{m}, err
}

// lateS is how old a radar's newest sweep is that a mosaic tells of: more than a usual interval of any.
const lateS = 60

// ageNote says which radars a mosaic shows as they saw it a while ago, and which are missing.
func ageNote(m *mosaic.Mosaic, missing []string) string {
	var notes []string
	for _, look := range m.Radars {
		if age := m.Time.Sub(look.Time).Seconds(); age > lateS {
			notes = append(notes, fmt.Sprintf("%s %.0f s old", look.Radar, age))
		}
	}
	for _, name := range missing {
		notes = append(notes, name+" missing")
	}
	return strings.Join(notes, ", ")
}
