package main

import (
	"fmt"
	"os"
	"time"

	"bowecho/ingest/source/simulated"

	"github.com/spf13/cobra"
)

func simulateCommand() *cobra.Command {
	var out, start, format string
	var minutes int
	var seed uint64
	cmd := &cobra.Command{
		Use:     "simulate",
		Short:   "Write a simulated storm over three radars as files",
		Example: "  bowecho simulate --out storm --minutes 60",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg := simulated.DefaultConfig()
			cfg.Format, cfg.Seed, cfg.Duration = format, seed, time.Duration(minutes)*time.Minute
			cfg.Start = time.Now().UTC().Truncate(time.Minute)
			if start != "" {
				at, err := time.Parse(time.RFC3339, start)
				if err != nil {
					return usageError{fmt.Errorf("--start %q: want a time like 2026-05-01T18:00:00Z", start)}
				}
				cfg.Start = at.UTC()
			}
			n, err := simulated.Write(cmd.Context(), out, cfg)
			if err == nil {
				fmt.Fprintf(os.Stderr, "%d files in %s\n", n, out)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "directory to write to")
	cmd.Flags().StringVar(&start, "start", "", "time of the first scan (default: now)")
	cmd.Flags().StringVar(&format, "format", simulated.CASA, "casa (NetCDF), level2 (NEXRAD volumes), or parts (the same as they come in real time)")
	cmd.Flags().IntVar(&minutes, "minutes", 60, "how long")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "another seed is another storm")
	require(cmd, "out")
	return cmd
}
