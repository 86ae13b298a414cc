package main

import (
	"slices"
	"time"

	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/internal/radar"
	"bowecho/processors/mosaic"
)

// mosaicGrids are the fields of mosaics as they are written.
type mosaicGrids struct{ dBZ, age, looks *grid.Grid }

func newMosaicGrids(d grid.Domain, at time.Time) *mosaicGrids {
	of := func(quantity, units string) *grid.Grid {
		return &grid.Grid{Product: "mosaic", Quantity: quantity, Units: units, Domain: d, IssueTime: at}
	}
	return &mosaicGrids{of(radar.DBZH, "dBZ"), of("AGE", "s"), of("LOOKS", "1")}
}

// add copies a mosaic, so many minutes after the first.
func (g *mosaicGrids) add(m *mosaic.Mosaic, minutes float64) {
	dBZ := &grid.Field{Rows: m.DBZ.Rows, Cols: m.DBZ.Cols, Values: slices.Clone(m.DBZ.Values)}
	age, looks := grid.NewField(m.DBZ.Rows, m.DBZ.Cols), grid.NewField(m.DBZ.Rows, m.DBZ.Cols)
	seen := m.Seen()
	for i := range age.Values {
		ageS, by := seen.At(i)
		if looks.Values[i] = float32(len(by)); len(by) > 0 {
			age.Values[i] = float32(ageS)
		}
	}
	g.dBZ.Leads = append(g.dBZ.Leads, grid.Lead{Minutes: minutes, Field: dBZ})
	g.age.Leads = append(g.age.Leads, grid.Lead{Minutes: minutes, Field: age})
	g.looks.Leads = append(g.looks.Leads, grid.Lead{Minutes: minutes, Field: looks})
	for _, name := range m.Names() {
		if !slices.Contains(g.dBZ.Radars, name) {
			g.dBZ.Radars = append(g.dBZ.Radars, name)
		}
	}
	slices.Sort(g.dBZ.Radars)
}

func (g *mosaicGrids) write(path string) error { return ncfile.WriteGrid(path, g.dBZ, g.age, g.looks) }
