package main

import (
	"fmt"
	"os"

	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/processors/contour"

	"github.com/spf13/cobra"
)

// contourFlags is what an offline contouring is told.
type contourFlags struct {
	in, levels, out string
	frame           int
	inCells         bool
	simplifyM       float64
}

func contourCommand() *cobra.Command {
	var f contourFlags
	cmd := &cobra.Command{
		Use:     "contour",
		Short:   "Turn a grid into areas at or above levels, as GeoJSON",
		Example: "  bowecho contour --in nowcast.nc --levels 30,45 --out areas.geojson --simplify-m 200",
		RunE:    func(*cobra.Command, []string) error { return f.run() },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.in, "in", "", "NetCDF file with DBZH, on latitude and longitude or on any other grid")
	flags.IntVar(&f.frame, "frame", -1, "only this frame or lead time, counted from 0; -1: all")
	flags.StringVar(&f.levels, "levels", "30,45", "levels in the grid's units")
	flags.StringVar(&f.out, "out", "", "GeoJSON file to write")
	flags.BoolVar(&f.inCells, "grid-coordinates", false, "vertices as column and row indices of cell centres instead of longitude and latitude")
	flags.Float64Var(&f.simplifyM, "simplify-m", 0, "how far an outline may move, in metres")
	require(cmd, "in", "out")
	return cmd
}

func (f *contourFlags) run() error {
	levels, err := numbers("levels", f.levels)
	if err != nil {
		return err
	}
	file, err := ncfile.Read(f.in, -1)
	if err != nil {
		return err
	}
	if !f.inCells && !file.OnMap {
		return fmt.Errorf("%s has no latitude and longitude; ask for --grid-coordinates", f.in)
	}
	g := file.Grid
	leads := g.Leads
	if f.frame >= 0 {
		one, err := leadOf(file, f.frame, f.in)
		if err != nil {
			return err
		}
		leads = []grid.Lead{one}
	}
	collection := contour.NewCollection(contour.Origin{
		Product: "reflectivity", Units: g.Units, Domain: g.Domain.Name, IssueTime: g.IssueTime, Radars: g.Radars, InCells: f.inCells,
	})
	for _, lead := range leads {
		for _, level := range levels {
			outline := contour.Simplify(contour.Polygons(lead.Field, level), f.simplifyM/file.CellSizeM, 0)
			if !f.inCells {
				outline = contour.OnMap(outline, g.Domain)
			}
			collection.Add(level, lead.Minutes, outline)
		}
	}
	return os.WriteFile(f.out, collection.JSON(), 0o644)
}
