package main

import (
	"fmt"
	"os"

	"bowecho/internal/grid"
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

// readSequence reads the frames of a file up to one, and says what it does not tell.
func readSequence(path string, at int) (*ncfile.File, error) {
	file, err := ncfile.Read(path, at)
	if err == nil && file.SizeUnknown {
		fmt.Fprintf(os.Stderr, "%s: does not tell how wide cells are, by an attribute dx_km or by x in m or km: %g m is taken\n", path, file.CellSizeM)
	}
	return file, err
}

// lookBackMin is how much, in minutes, of a sequence is handed on; motion chooses from it.
const lookBackMin = 20

func nowcastFile(grids string, at int, steps []float64, out string) error {
	file, err := readSequence(grids, at)
	if err != nil {
		return err
	}
	all := file.Grid.Leads
	if len(all) < 2 {
		return fmt.Errorf("%s: %d frame up to index %d; motion takes at least 2", grids, len(all), at)
	}
	latest := all[len(all)-1]
	var frames []*grid.Field
	var times []float64
	for i, frame := range all {
		if latest.Minutes-frame.Minutes <= lookBackMin || i >= len(all)-2 {
			frames, times = append(frames, frame.Field), append(times, frame.Minutes)
		}
	}
	field, err := motion.Estimate(frames, times, file.CellSizeM, motion.DefaultConfig())
	if err != nil {
		return fmt.Errorf("motion of %s: %w", grids, err)
	}
	if !field.Tracked() {
		fmt.Fprintf(os.Stderr, "%s: no echo that could be followed: echoes stay where they are\n", grids)
	}
	minutes, leads := make([]float64, len(steps)), make([]int, len(steps))
	for i, step := range steps {
		leads[i] = int(step)
		minutes[i] = step * file.StepMinutes
	}
	fields, err := nowcast.Extrapolate(frames, times, field, file.CellSizeM, minutes, nowcast.DefaultConfig())
	if err != nil {
		return fmt.Errorf("nowcast of %s: %w", grids, err)
	}
	return ncfile.WriteLeads(out, file, leads, fields)
}
