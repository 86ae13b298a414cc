package main

import (
	"os"

	"bowecho/ingest"

	"github.com/spf13/cobra"
)

// decodeHDF5Command is what ingest starts for each HDF5 file, so that a crash of the library takes nothing else with it.
func decodeHDF5Command() *cobra.Command {
	return &cobra.Command{
		Use:     ingest.DecodeHDF5 + " NAME",
		Short:   "Decode the HDF5 file on stdin for another bowecho",
		Example: "  bowecho " + ingest.DecodeHDF5 + " pvol.h5 < pvol.h5 > scan",
		Hidden:  true,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return ingest.ServeHDF5(args[0], os.Stdin, os.Stdout)
		},
	}
}
