package main

import (
	"os"

	"bowecho/internal/ncfile"
	"bowecho/internal/portal"
	"bowecho/processors/picture"

	"github.com/spf13/cobra"
)

func pictureCommand() *cobra.Command {
	var in, out string
	var frame int
	var onGrid bool
	cmd := &cobra.Command{
		Use:     "picture",
		Short:   "Paint a grid as PNG, in Web Mercator where it lies on the map",
		Example: "  bowecho picture --in nowcast.nc --frame 10 --out in-ten-minutes.png",
		RunE: func(*cobra.Command, []string) error {
			file, err := ncfile.Read(in, -1)
			if err != nil {
				return err
			}
			lead, err := leadOf(file, frame, in)
			if err != nil {
				return err
			}
			png, err := os.Create(out)
			if err != nil {
				return err
			}
			defer png.Close()
			if onGrid || !file.OnMap {
				return picture.EncodeGrid(png, lead.Field, picture.Reflectivity())
			}
			return picture.Encode(png, lead.Field, file.Grid.Domain, picture.Reflectivity())
		},
	}
	cmd.Flags().StringVar(&in, "in", "", "NetCDF file with DBZH")
	cmd.Flags().IntVar(&frame, "frame", 0, "frame or lead time, counted from 0")
	cmd.Flags().StringVar(&out, "out", "", "PNG file to write")
	cmd.Flags().BoolVar(&onGrid, "grid-coordinates", false, "a pixel a cell, not projected")
	require(cmd, "in", "out")
	return cmd
}

// legend gives the portal the colours that pictures are painted in.
func legend() []portal.LegendStep {
	steps, _ := picture.Reflectivity().Legend()
	out := make([]portal.LegendStep, len(steps))
	for i, s := range steps {
		out[i] = portal.LegendStep{DBZ: s.Value, Color: s.Colour}
	}
	return out
}
