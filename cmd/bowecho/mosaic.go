package main

import (
	"os"
	"slices"

	"bowecho/ingest"
	"bowecho/internal/grid"
	"bowecho/internal/ncfile"
	"bowecho/internal/radar"
	"bowecho/processors/mosaic"
	"bowecho/processors/quality"

	"github.com/spf13/cobra"
)

func mosaicCommand() *cobra.Command {
	var config, out string
	cmd := &cobra.Command{
		Use:     "mosaic FILE...",
		Short:   "Lay radar files on one grid: the highest value, of each radar and elevation the newest scan",
		Example: "  bowecho mosaic addison*.netcdf.gz denton*.netcdf.gz --out mosaic.nc",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			cfg, err := loadConfig(config)
			if err != nil {
				return err
			}
			return mosaicFiles(files, cfg.domains()[0], out)
		},
	}
	cmd.Flags().StringVarP(&config, "config", "c", "", "YAML file, of which the first domain is used")
	cmd.Flags().StringVar(&out, "out", "", "NetCDF file to write")
	require(cmd, "out")
	return cmd
}

func mosaicFiles(files []string, domain grid.Domain, out string) error {
	var scans []*radar.Scan
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		scan, err := ingest.Decode(name, data)
		if err != nil {
			return err
		}
		scans = append(scans, quality.Clean(scan, quality.ProfileFor(scan.Site.Name)))
	}
	latest := slices.MaxFunc(scans, func(a, b *radar.Scan) int { return a.Start.Compare(b.Start) }).Start
	m, err := mosaic.Make(scans, domain, latest, mosaic.DefaultConfig(), nil)
	if err != nil {
		return err
	}
	return ncfile.WriteGrid(out, &grid.Grid{
		Product: "mosaic", Quantity: radar.DBZH, Units: "dBZ", Domain: domain, IssueTime: latest,
		Radars: m.Names(), Leads: []grid.Lead{{Field: m.DBZ}},
	})
}
