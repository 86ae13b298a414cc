package main

import (
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"bowecho/ingest/cfradial"
	"bowecho/internal/config"
	"bowecho/internal/radar"
	"bowecho/processors/quality"

	"github.com/spf13/cobra"
)

func qualityCommand() *cobra.Command {
	var asJSON bool
	var asCfRadial, radars string
	cmd := &cobra.Command{
		Use:   "quality FILE|FOLDER [EARLIER...]",
		Short: "Tell which gates of a radar file are weather, and why the others are not",
		Long: "Tell which gates of a radar file are weather, and why the others are not. Earlier files of the same radar show\n" +
			"what stands still, as masts and wind turbines do.",
		Example: "  bowecho quality addison.tx-20170329-073831.netcdf.gz\n  bowecho quality --radars radars.yaml --cfradial marked.nc KFWS20190609_222523.bin",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			marked, err := markFiles(files, radars)
			switch {
			case err != nil:
				return err
			case asCfRadial != "":
				return cfradial.Write(asCfRadial, marked.WithCodes())
			case asJSON:
				return writeJSON("-", marked.Describe())
			default:
				return printQuality(marked.Describe())
			}
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.Flags().StringVar(&asCfRadial, "cfradial", "", "write the corrected scan, with the codes as moment QUALITY, to this file as CfRadial 1.4 instead")
	cmd.Flags().StringVar(&radars, "radars", "", "YAML file with radars, as in the mosaic's parameter quality")
	return cmd
}

// markFiles marks the first file. The others are earlier ones of the same radar.
func markFiles(files []string, radars string) (*quality.Marked, error) {
	cfg := quality.DefaultConfig()
	if radars != "" {
		if err := config.Load(radars, &cfg); err != nil {
			return nil, err
		}
		if err := cfg.Validate(); err != nil {
			return nil, fmt.Errorf("%s: %w", radars, err)
		}
	}
	scans := make([]*radar.Scan, len(files))
	for i, file := range files {
		var err error
		if scans[i], err = readScan(file); err != nil {
			return nil, err
		}
		if scans[i].Site.Name != scans[0].Site.Name {
			return nil, fmt.Errorf("%s is of %s and %s of %s; earlier files must be of the same radar", files[0], scans[0].Site.Name, file, scans[i].Site.Name)
		}
	}
	return quality.Mark(scans[0], cfg.ProfileFor(scans[0].Site.Name), scans[1:]...), nil
}

func printQuality(d quality.Description) error {
	fmt.Println(d.Radar)
	for _, note := range d.Notes {
		fmt.Println("note:", note)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	for i, s := range d.Sweeps {
		all := 0
		names := make([]string, 0, len(s.Gates))
		for name, n := range s.Gates {
			names, all = append(names, name), all+n
		}
		slices.SortFunc(names, func(a, b string) int { return s.Gates[b] - s.Gates[a] })
		fmt.Fprintf(w, "\nsweep %d: %.2f°\n", i, s.ElevationDeg)
		for _, name := range names {
			fmt.Fprintf(w, "%s\t%d\t%.2f %%\t\n", name, s.Gates[name], 100*float64(s.Gates[name])/float64(all))
		}
	}
	return w.Flush()
}
