package portal

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/portal/board"
	"bowecho/internal/stream"

	"github.com/danielgtaylor/huma/v2"
)

// askedMosaic is the mosaic that was asked for last, decoded: who asks once asks again.
type askedMosaic struct {
	sync.Mutex
	key    string
	values *grid.Field
	seen   *grid.Seen
}

type cellAsked struct {
	Domain       string  `path:"domain" maxLength:"100"`
	LongitudeDeg float64 `query:"lon" required:"true" minimum:"-180" maximum:"180"`
	LatitudeDeg  float64 `query:"lat" required:"true" minimum:"-90" maximum:"90"`
}

// Cell is what a mosaic shows at a place.
type Cell struct {
	Domain    string    `json:"domain"`
	IssueTime time.Time `json:"issueTime"`
	State     string    `json:"state" enum:"echo,no echo,not seen"`
	DBZ       *float64  `json:"dBZ,omitempty" doc:"Of an echo"`
	AgeS      *int      `json:"ageS,omitempty" doc:"Seconds before the issue time at which it was seen, within 3 s; 1270 is that or more"`
	Radars    []string  `json:"radars" doc:"Those that see the place"`
	Note      string    `json:"note,omitempty" doc:"What is to be known of the mosaic: late and missing radars, quality"`
}

func (p *Portal) cell(ctx context.Context, in *cellAsked) (*answer[Cell], error) {
	m := look(p, func(b *board.Board) *event.Grid { return b.NewestMosaic(in.Domain) })
	if m == nil {
		return nil, huma.Error404NotFound(fmt.Sprintf("no mosaic of domain %q yet", in.Domain))
	}
	row, col := m.Domain.Cell(in.LatitudeDeg, in.LongitudeDeg)
	r, c := int(math.Round(row)), int(math.Round(col))
	if r < 0 || r >= m.Domain.Rows || c < 0 || c >= m.Domain.Cols {
		return nil, huma.Error404NotFound(fmt.Sprintf("the place is not in domain %q", in.Domain))
	}
	values, seen, err := p.asked.get(ctx, p.client, m)
	switch {
	case errors.Is(err, stream.ErrGone):
		return nil, huma.Error404NotFound("the newest mosaic is no longer kept")
	case err != nil:
		p.log.Error("read mosaic", "domain", in.Domain, "err", err)
		return nil, huma.Error503ServiceUnavailable("the mosaic could not be read; try again")
	}
	return fresh(cellOf(m, values.At(r, c), seen, r*m.Domain.Cols+c)), nil
}

// cellOf puts in words what a mosaic has of a cell.
func cellOf(m *event.Grid, value float32, seen *grid.Seen, cell int) Cell {
	out := Cell{Domain: m.Domain.Name, IssueTime: m.IssueTime, State: "echo", Radars: []string{}, Note: m.Note}
	switch {
	case value != value:
		out.State = "not seen"
	case value <= grid.NoEchoDBZ:
		out.State = "no echo"
	default:
		dBZ := math.Round(10*float64(value)) / 10
		out.DBZ = &dBZ
	}
	if seen != nil {
		if ageS, by := seen.At(cell); len(by) > 0 {
			out.AgeS, out.Radars = &ageS, by
		}
	}
	return out
}

// get gives a mosaic, from what was asked for last if that is it.
func (a *askedMosaic) get(ctx context.Context, client *stream.Client, m *event.Grid) (*grid.Field, *grid.Seen, error) {
	a.Lock()
	defer a.Unlock()
	if a.key == m.Key {
		return a.values, a.seen, nil
	}
	data, err := client.Get(ctx, m.Key)
	if err != nil {
		return nil, nil, err
	}
	g, err := grid.Decode(data)
	if err != nil {
		return nil, nil, err
	}
	if len(g.Leads) == 0 || g.Domain != m.Domain {
		return nil, nil, fmt.Errorf("what is stored is no mosaic of %q as announced", m.Domain.Name)
	}
	seen, err := grid.DecodeSeen(data)
	if err != nil {
		return nil, nil, err
	}
	a.key, a.values, a.seen = m.Key, g.Leads[0].Field, seen
	return a.values, a.seen, nil
}
