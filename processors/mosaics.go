package processors

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

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
	var scans, earlier []*radar.Scan
	for _, in := range order.Inputs {
		scan, err := loadScan(ctx, client, in)
		switch {
		case errors.Is(err, stream.ErrGone) && in.Kind == event.EarlierScan:
		case err != nil:
			return nil, err
		case in.Kind == event.EarlierScan:
			earlier = append(earlier, scan)
		default:
			scans = append(scans, scan)
		}
	}
	made, told, err := cfg.merge(scans, earlier, order.Domain, order.ValidTime)
	if err != nil {
		return nil, stream.Permanent(err)
	}
	note := strings.Join(append(ageNotes(made, order.Missing), told...), ", ")
	m, err := storeGrid(ctx, client, order, mosaicGrid(made, order.Domain, order.ValidTime), note)
	return []event.Message{m}, err
}

// mosaicGrid gives a mosaic as it is stored.
func mosaicGrid(m *mosaic.Mosaic, d grid.Domain, at time.Time) *grid.Grid {
	return &grid.Grid{
		Product: "mosaic", Quantity: radar.DBZH, Units: "dBZ", Domain: d, IssueTime: at,
		Radars: m.Names(), Leads: []grid.Lead{{Field: m.DBZ}}, Seen: m.Seen(),
	}
}

func loadScan(ctx context.Context, client *stream.Client, in event.Input) (*radar.Scan, error) {
	data, err := client.Get(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	scan, err := radar.Decode(data, quality.Moments...)
	if err != nil {
		return nil, stream.Permanent(fmt.Errorf("scan of %s: %w", in.Radar, err))
	}
	return scan, nil
}

// merge cleans scans and lays them on a domain. Echo is moved from when each radar saw it, as what the radars saw earlier
// tells. It tells what the cleaning has to say of each radar.
func (m mosaicking) merge(scans, earlier []*radar.Scan, d grid.Domain, at time.Time) (made *mosaic.Mosaic, told []string, err error) {
	marked := m.Quality.MarkAll(scans, earlier...)
	var clean []*radar.Scan
	for _, one := range marked {
		clean = append(clean, one.Clean())
	}
	moving, err := mosaic.MotionOf(clean, m.Quality.CleanAll(earlier), d, m.Config)
	if err != nil {
		return nil, nil, err
	}
	made, err = mosaic.Make(clean, d, at, m.Config, moving)
	return made, quality.Told(marked), err
}

// lateS is how old a radar's newest sweep is that a mosaic tells of: more than a usual interval of any.
const lateS = 60

// ageNotes say which radars a mosaic shows as they saw it a while ago, and which are missing.
func ageNotes(m *mosaic.Mosaic, missing []string) (notes []string) {
	for _, look := range m.Radars {
		if age := m.Time.Sub(look.Time).Seconds(); age > lateS {
			notes = append(notes, fmt.Sprintf("%s %.0f s old", look.Radar, age))
		}
	}
	for _, name := range missing {
		notes = append(notes, name+" missing")
	}
	return notes
}
