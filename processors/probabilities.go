package processors

import (
	"context"
	"errors"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/stream"
	"bowecho/processors/nowcast"
	"bowecho/processors/probability"
)

// chancing is how probabilities are made: from which nowcast, and of what.
type chancing struct {
	Nowcast     nowcasting         `yaml:"nowcast"`
	Probability probability.Config `yaml:"probability"`
}

func defaultProbabilities() chancing {
	c := chancing{Nowcast: defaultNowcast(), Probability: probability.DefaultConfig()}
	c.Nowcast.Nowcast = nowcast.Unspread()
	return c
}

// Validate tells what is wrong.
func (c chancing) Validate() error {
	return errors.Join(c.Nowcast.Validate(), c.Probability.Validate())
}

// makeProbabilities gives a grid for each threshold, in percent. The history also shows how fast nowcasts of this
// weather lose their skill.
func makeProbabilities(ctx context.Context, client *stream.Client, order *event.Order) ([]event.Message, error) {
	cfg, err := over(defaultProbabilities, order.Parameters)
	if err != nil {
		return nil, err
	}
	frames, latest, err := history(ctx, client, order)
	if err != nil {
		return nil, err
	}
	chances, note, err := cfg.chances(frames, latest.Domain)
	if err != nil {
		return nil, stream.Permanent(err)
	}
	var out []event.Message
	for i, threshold := range cfg.Probability.ThresholdsDBZ {
		name := event.ProbabilityProduct(threshold)
		g := &grid.Grid{
			Product: name, Quantity: name, Units: "%", Domain: latest.Domain, IssueTime: latest.IssueTime, Radars: latest.Radars,
		}
		for _, lead := range chances {
			g.Leads = append(g.Leads, grid.Lead{Minutes: lead[i].LeadMin, Field: lead[i].Percent()})
		}
		m, err := storeGrid(ctx, client, order, g, note)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// chances gives, for each lead time, a field for each threshold. The note says what could not be learnt.
func (c chancing) chances(f frames, domain grid.Domain) (leads [][]*probability.Field, note string, err error) {
	minutes, cellM := c.Nowcast.leads(), domain.CellSizeM()
	past := func(fields []*grid.Field, minutes, leads []float64) (hindcast []*grid.Field, err error) {
		_, err = c.Nowcast.extrapolate(frames{fields, minutes}, cellM, leads, func(_ int, f *grid.Field) error {
			hindcast = append(hindcast, f)
			return nil
		})
		return hindcast, err
	}
	loss, err := probability.Learn(f.fields, f.minutes, past, cellM/1000, c.Probability)
	if err != nil {
		return nil, "", err
	}
	note, err = c.Nowcast.extrapolate(f, cellM, minutes, func(i int, f *grid.Field) error {
		at, err := probability.Exceedance(f, minutes[i], cellM/1000, loss, c.Probability)
		f.Release()
		leads = append(leads, at)
		return err
	})
	if err == nil && note == "" && len(f.fields) < probability.LeastFrames {
		note = "too few mosaics so far to learn how fast nowcasts of this weather lose their skill"
	}
	return leads, note, err
}
