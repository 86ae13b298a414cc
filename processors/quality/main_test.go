package quality

import (
	"fmt"
	"os"
	"testing"

	"bowecho/ingest"
)

// TestMain is the decoder's process for HDF5 files when it is started as such.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == ingest.DecodeHDF5 {
		if err := ingest.ServeHDF5(os.Args[2], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}
