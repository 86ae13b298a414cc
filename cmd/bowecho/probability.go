package main

import (
	"fmt"
	"os"

	"bowecho/internal/event"
	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/processors/motion"
	"bowecho/processors/nowcast"
	"bowecho/processors/probability"

	"github.com/spf13/cobra"
)

// probabilityFlags is what an offline probability is told.
type probabilityFlags struct {
	grids, leads, thresholds, out string
	at                            int
}

func probabilityCommand() *cobra.Command {
	var f probabilityFlags
	cmd := &cobra.Command{
		Use:     "probability",
		Short:   "Tell how likely a sequence of grids is to reach thresholds, at lead times after its last",
		Example: "  bowecho probability --grids sequence.nc --at 9 --leads 3,5,10 --thresholds 20,35,45 --out probability.nc",
		RunE:    func(*cobra.Command, []string) error { return f.run() },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.grids, "grids", "", "NetCDF file with DBZH(time,y,x)")
	flags.IntVar(&f.at, "at", -1, "index of the last frame that may be used; -1: the last of the file")
	flags.StringVar(&f.leads, "leads", "1,2,3", "lead times in steps of the sequence")
	flags.StringVar(&f.thresholds, "thresholds", "20,35,45", "thresholds in dBZ, rising, whole or half")
	flags.StringVar(&f.out, "out", "", "NetCDF file to write, in percent, with a variable like probability_35(lead,y,x) for each threshold")
	require(cmd, "grids", "out")
	return cmd
}

func (f *probabilityFlags) run() error {
	steps, err := numbers("leads", f.leads)
	if err != nil {
		return err
	}
	thresholds, err := numbers("thresholds", f.thresholds)
	if err != nil {
		return err
	}
	cfg := probability.Config{ThresholdsDBZ: thresholds}
	if err := cfg.Validate(); err != nil {
		return usageError{fmt.Errorf("--thresholds %q: %w", f.thresholds, err)}
	}
	file, err := readSequence(f.grids, f.at)
	if err != nil {
		return err
	}
	leads := make([]float64, len(steps))
	for i, step := range steps {
		leads[i] = step * file.StepMinutes
	}
	chances, note, err := chancesOf(file, leads, cfg)
	if err != nil {
		return fmt.Errorf("probability of %s: %w", f.grids, err)
	}
	if note != "" {
		fmt.Fprintf(os.Stderr, "%s: %s\n", f.grids, note)
	}
	return ncfile.Write(f.out, content(file, leads, thresholds, chances))
}

// chancesOf gives, for each lead time, a field for each threshold. The note says what could not be seen.
func chancesOf(file *ncfile.File, leads []float64, cfg probability.Config) (chances [][]*probability.Field, note string, err error) {
	var tracked bool
	var frames []*grid.Field
	var minutes []float64
	for _, frame := range file.Grid.Leads {
		frames, minutes = append(frames, frame.Field), append(minutes, frame.Minutes)
	}
	carried := func(frames []*grid.Field, minutes, leads []float64) ([]*grid.Field, error) {
		field, err := motion.Estimate(frames, minutes, file.CellSizeM, motion.DefaultConfig())
		if err != nil {
			return nil, err
		}
		tracked = field.Tracked()
		return nowcast.Extrapolate(frames, minutes, field, file.CellSizeM, leads, nowcast.Unspread())
	}
	fields, err := carried(frames, minutes, leads)
	if err != nil {
		return nil, "", err
	}
	switch {
	case !tracked:
		note = "no echo that could be followed: echoes stay where they are"
	case len(frames) < probability.LeastFrames:
		note = "too few frames to learn how fast nowcasts of this weather lose their skill"
	}
	cellKM := file.CellSizeM / 1000
	loss, err := probability.Learn(frames, minutes, carried, cellKM, cfg)
	if err != nil {
		return nil, "", err
	}
	for i, field := range fields {
		at, err := probability.Exceedance(field, leads[i], cellKM, loss, cfg)
		if err != nil {
			return nil, "", err
		}
		chances = append(chances, at)
	}
	return chances, note, nil
}

// content is the file of probabilities: a variable for each threshold.
func content(from *ncfile.File, leads, thresholds []float64, chances [][]*probability.Field) *ncfile.Content {
	d := from.Grid.Domain
	on := []string{"lead", "y", "x"}
	c := &ncfile.Content{
		Dimensions: []ncfile.Dimension{{Name: on[0], Length: len(leads)}, {Name: on[1], Length: d.Rows}, {Name: on[2], Length: d.Cols}},
		Attributes: []ncfile.Attribute{
			{Name: "Conventions", Value: "CF-1.10"}, {Name: "dx_km", Value: from.CellSizeM / 1000}, {Name: "dt_min", Value: from.StepMinutes},
		},
		Variables: []ncfile.Variable{{
			Name: "lead", Dimensions: on[:1], Values: leads,
			Attributes: []ncfile.Attribute{{Name: "units", Value: "minutes"}, {Name: "standard_name", Value: "forecast_period"}},
		}},
	}
	for i, threshold := range thresholds {
		c.Variables = append(c.Variables, ncfile.Variable{
			Name: event.ProbabilityProduct(threshold), Dimensions: on,
			Attributes: []ncfile.Attribute{
				{Name: "units", Value: "%"}, {Name: "threshold_dbz", Value: threshold},
				{Name: "long_name", Value: "probability of reaching the threshold; not a number = unknown"},
			},
			Values: func() (values []float32) {
				for _, lead := range chances {
					values = append(values, lead[i].Percent().Values...)
				}
				return values
			},
		})
	}
	return c
}
