package main

import (
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"bowecho/ingest"
	"bowecho/internal/radar"

	"github.com/spf13/cobra"
)

func scanCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "scan FILE|FOLDER",
		Short:   "Tell what is in a radar file, or in a folder with the parts of a volume",
		Example: "  bowecho scan --json addison.tx-20170329-071008.netcdf.gz",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			scan, err := readScan(args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON("-", radar.Describe(scan))
			}
			return printScan(radar.Describe(scan))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// readScan reads a file, or the parts of a volume that lie in a folder.
func readScan(path string) (*radar.Scan, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return ingest.DecodeFolder(path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ingest.Decode(path, data)
}

func printScan(d radar.Description) error {
	fmt.Printf("%s  %s  %s  %.5f, %.5f  %.0f m\n", d.Radar, d.Time.Format("2006-01-02 15:04:05Z"), d.Format, d.Latitude, d.Longitude, d.HeightM)
	for _, flaw := range d.Flaws {
		fmt.Println("flaw:", flaw)
	}
	for i, s := range d.Sweeps {
		fmt.Printf("\nsweep %d: %.2f°, %d rays × %d gates of %g m from %g m, Nyquist %g m/s\n",
			i, s.ElevationDeg, s.Rays, s.Gates, s.GateSpacingM, s.FirstGateM, s.NyquistMS)
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(w, "moment\tvalid\tmin\tmean\tmax\tunits\t")
		names := make([]string, 0, len(s.Moments))
		for name := range s.Moments {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			m := s.Moments[name]
			if m.Valid == 0 {
				fmt.Fprintf(w, "%s\t0\t–\t–\t–\t%s\t\n", name, m.Units)
				continue
			}
			fmt.Fprintf(w, "%s\t%d\t%.2f\t%.2f\t%.2f\t%s\t\n", name, m.Valid, *m.Min, *m.Mean, *m.Max, m.Units)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}
