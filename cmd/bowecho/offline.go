package main

import (
	"fmt"
	"strconv"
	"strings"

	"bowecho/internal/grid"
	"bowecho/internal/ncfile"

	"github.com/spf13/cobra"
)

// numbers reads a comma list like "30,45".
func numbers(flag, list string) ([]float64, error) {
	var out []float64
	for part := range strings.SplitSeq(list, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return nil, usageError{fmt.Errorf("--%s %q: %q is not a number; want a list like 30,45", flag, list, part)}
		}
		out = append(out, v)
	}
	return out, nil
}

// leadOf gives one frame or lead time of a file.
func leadOf(file *ncfile.File, frame int, name string) (grid.Lead, error) {
	if leads := file.Grid.Leads; frame >= 0 && frame < len(leads) {
		return leads[frame], nil
	}
	return grid.Lead{}, fmt.Errorf("%s: frame %d is asked for, and there are %d, counted from 0", name, frame, len(file.Grid.Leads))
}

// require marks flags without which a command means nothing.
func require(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // a flag that was never registered: a slip in this package
		}
	}
}
