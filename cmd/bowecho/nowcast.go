package main

import (
	"fmt"

	"bowecho/internal/ncfile"
	"bowecho/processors/motion"
	"bowecho/processors/nowcast"

	"github.com/spf13/cobra"
)

func nowcastCommand() *cobra.Command {
	var grids, leads, out string
	var at int
	cmd := &cobra.Command{
		Use:     "nowcast",
		Short:   "Move the last of a sequence of grids to lead times",
		Example: "  bowecho nowcast --grids sequence.nc --at 9 --leads 3,5,10 --out nowcast.nc",
		RunE: func(*cobra.Command, []string) error {
			steps, err := numbers("leads", leads)
			if err != nil {
				return err
			}
			return nowcastFile(grids, at, steps, out)
		},
	}
	cmd.Flags().StringVar(&grids, "grids", "", "NetCDF file with DBZH(time,y,x)")
	cmd.Flags().IntVar(&at, "at", -1, "index of the last frame that may be used; -1: the last of the file")
	cmd.Flags().StringVar(&leads, "leads", "1,2,3", "lead times in steps of the sequence")
	cmd.Flags().StringVar(&out, "out", "", "NetCDF file to write, with DBZH(lead,y,x)")
	require(cmd, "grids", "out")
	return cmd
}

func nowcastFile(grids string, at int, steps []float64, out string) error {
	seq, err := ncfile.ReadSequence(grids, at)
	if err != nil {
		return err
	}
	if len(seq.Frames) < 2 {
		return fmt.Errorf("%s: %d frame up to index %d; motion takes at least 2", grids, len(seq.Frames), at)
	}
	field, err := motion.Estimate(seq.Frames, seq.Minutes, motion.DefaultConfig())
	if err != nil {
		return fmt.Errorf("motion of %s: %w", grids, err)
	}
	minutes, leads := make([]float64, len(steps)), make([]int, len(steps))
	for i, step := range steps {
		leads[i] = int(step)
		minutes[i] = step * seq.StepMinutes()
	}
	fields, err := nowcast.Extrapolate(seq.Frames[len(seq.Frames)-1], field, minutes, nowcast.DefaultConfig())
	if err != nil {
		return fmt.Errorf("nowcast of %s: %w", grids, err)
	}
	return ncfile.WriteLeads(out, seq, leads, fields)
}

// require marks flags without which a command means nothing.
func require(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // a flag that was never registered: a slip in this package
		}
	}
}
