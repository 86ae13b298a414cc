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
	"bowecho/processors/motion"
	"bowecho/processors/quality"
)

func defaultMosaic() mosaic.Config { return mosaic.DefaultConfig() }

// makeMosaic cleans the scans of an order and lays them on its domain.
func makeMosaic(ctx context.Context, client *stream.Client, order *event.Order) ([]event.Message, error) {
	cfg, err := over(defaultMosaic, order.Parameters)
	if err != nil {
		return nil, err
	}
	scans, err := cleanScans(ctx, client, order)
	if err != nil {
		return nil, err
	}
	moving, err := lastMotion(ctx, client, order)
	if err != nil {
		return nil, err
	}
	made, err := mosaic.Make(scans, order.Domain, order.ValidTime, cfg, moving)
	if err != nil {
		return nil, stream.Permanent(err)
	}
	m, err := storeGrid(ctx, client, order, &grid.Grid{
		Product: "mosaic", Quantity: radar.DBZH, Units: "dBZ", Domain: order.Domain, IssueTime: order.ValidTime,
		Radars: made.Names(), Leads: []grid.Lead{{Field: made.DBZ}},
	}, ageNote(made, order.Missing))
	return []event.Message{m}, err
}

// cleanScans gives the scans of an order, without what is not weather.
func cleanScans(ctx context.Context, client *stream.Client, order *event.Order) (scans []*radar.Scan, err error) {
	for _, in := range order.Inputs {
		if in.Kind != "scan" {
			continue
		}
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
	return scans, nil
}

// lastMotion gives the motion that the mosaics of an order show, by which older sweeps are moved; nil when it names fewer
// than two.
func lastMotion(ctx context.Context, client *stream.Client, order *event.Order) (*motion.Field, error) {
	var fields []*grid.Field
	var minutes []float64
	for _, in := range order.Inputs {
		if in.Kind != "mosaic" {
			continue
		}
		g, err := loadGrid(ctx, client, in)
		if errors.Is(err, stream.ErrGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		fields, minutes = append(fields, g.Leads[0].Field), append(minutes, in.Time.Sub(order.ValidTime).Minutes())
	}
	if len(fields) < 2 {
		return nil, nil
	}
	field, err := motion.Estimate(fields, minutes, motion.DefaultConfig())
	return field, stream.Permanent(err)
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
