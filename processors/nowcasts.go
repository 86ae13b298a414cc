package processors

import (
	"context"
	"errors"
	"fmt"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
	"bowecho/processors/motion"
	"bowecho/processors/nowcast"
)

// nowcasting is how a nowcast is made from the mosaics of the last minutes.
type nowcasting struct {
	LeadMinutes int            `yaml:"lead_minutes"` // the last of the lead times, one a minute from 0
	Motion      motion.Config  `yaml:"motion"`
	Nowcast     nowcast.Config `yaml:"nowcast"`
}

func defaultNowcast() nowcasting {
	return nowcasting{LeadMinutes: 30, Motion: motion.DefaultConfig(), Nowcast: nowcast.DefaultConfig()}
}

// Validate tells what is wrong.
func (n nowcasting) Validate() error {
	var leads error
	if n.LeadMinutes < 1 || n.LeadMinutes > 180 {
		leads = fmt.Errorf("lead_minutes is %d, want 1 to 180", n.LeadMinutes)
	}
	return errors.Join(leads, n.Motion.Validate(), n.Nowcast.Validate())
}

// leads gives the lead times in minutes.
func (n nowcasting) leads() []float64 {
	leads := make([]float64, n.LeadMinutes+1)
	for i := range leads {
		leads[i] = float64(i)
	}
	return leads
}

// makeNowcast moves the newest mosaic along the motion field that the mosaics before it show.
func makeNowcast(ctx context.Context, client *stream.Client, order *event.Order) ([]event.Message, error) {
	cfg, err := over(defaultNowcast, order.Parameters)
	if err != nil {
		return nil, err
	}
	frames, latest, err := history(ctx, client, order)
	if err != nil {
		return nil, err
	}
	out := &grid.Grid{
		Product: "nowcast", Quantity: latest.Quantity, Units: latest.Units, Domain: latest.Domain,
		IssueTime: latest.IssueTime, Radars: latest.Radars,
	}
	leads := cfg.leads()
	for _, minutes := range leads {
		out.Leads = append(out.Leads, grid.Lead{Minutes: minutes})
	}
	p := newProduct(out)
	note, err := cfg.extrapolate(frames, latest.Domain.CellSizeM(), leads, func(i int, f *grid.Field) error {
		p.add(i, f)
		return nil
	})
	if err != nil {
		return nil, stream.Permanent(err)
	}
	m, err := p.store(ctx, client, order, note)
	return []event.Message{m}, err
}

// frames is what radars saw, oldest first, and when, in minutes.
type frames struct {
	fields  []*grid.Field
	minutes []float64
}

// history loads an order's mosaics. One that the object store has already let go is left out, except the newest.
func history(ctx context.Context, client *stream.Client, order *event.Order) (frames, *grid.Grid, error) {
	last, err := newest(order)
	if err != nil {
		return frames{}, nil, err
	}
	var f frames
	var latest *grid.Grid
	for _, in := range order.Inputs {
		g, err := loadGrid(ctx, client, in)
		if errors.Is(err, stream.ErrGone) && in != last {
			continue
		}
		if err != nil {
			return f, nil, err
		}
		latest = g
		f.fields = append(f.fields, g.Leads[0].Field)
		f.minutes = append(f.minutes, in.Time.Sub(order.ValidTime).Minutes())
	}
	return f, latest, nil
}

// extrapolate makes the field at each lead time. A single frame shows no motion: it stays where it is, and the note says so.
func (n nowcasting) extrapolate(f frames, cellSizeM float64, leads []float64, use func(i int, f *grid.Field) error) (note string, err error) {
	var field *motion.Field
	if len(f.fields) > 1 {
		if field, err = motion.Estimate(f.fields, f.minutes, cellSizeM, n.Motion); err != nil {
			return "", err
		}
		if !field.Tracked() {
			note = "no echo that could be followed: echoes stay where they are"
		}
	} else {
		field = motion.Still(f.fields[0].Rows, f.fields[0].Cols)
		note = "only one mosaic so far: echoes stay where they are"
	}
	return note, nowcast.EachLead(f.fields, f.minutes, field, cellSizeM, leads, n.Nowcast, use)
}
