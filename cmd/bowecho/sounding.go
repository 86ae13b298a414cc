package main

import (
	"fmt"
	"math"
	"os"
	"time"

	"bowecho/ingest/sounding"

	"github.com/spf13/cobra"
)

// soundingReport is what is said of a profile. A height that it does not reach is left out.
type soundingReport struct {
	Station      string     `json:"station,omitempty"`
	Time         *time.Time `json:"time,omitempty"`
	Levels       int        `json:"levels"`
	FreezingM    *float64   `json:"freezingAboveSeaM,omitempty"`
	Minus20M     *float64   `json:"minus20AboveSeaM,omitempty"`
	WetBulbZeroM *float64   `json:"wetBulbZeroAboveSeaM,omitempty"`
}

func soundingCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "sounding FILE",
		Short:   "Tell how high up it freezes, from a radiosonde's profile",
		Example: "  bowecho sounding --json current_sounding.txt",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			p, err := sounding.Decode(args[0], data)
			if err != nil {
				return err
			}
			r := reportSounding(p)
			if asJSON {
				return writeJSON("-", r)
			}
			return printSounding(r)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func reportSounding(p *sounding.Profile) soundingReport {
	metres := func(v float64) *float64 {
		if math.IsNaN(v) {
			return nil
		}
		v = math.Round(v)
		return &v
	}
	h := p.Heights()
	r := soundingReport{
		Station: p.Station, Levels: len(p.Levels),
		FreezingM: metres(h.FreezingM), Minus20M: metres(h.Minus20M), WetBulbZeroM: metres(h.WetBulbZeroM),
	}
	if !p.Time.IsZero() {
		r.Time = &p.Time
	}
	return r
}

func printSounding(r soundingReport) error {
	if r.Station != "" || r.Time != nil {
		fmt.Println(r.Station, r.Time)
	}
	for _, line := range []struct {
		what   string
		metres *float64
	}{{"0 °C", r.FreezingM}, {"−20 °C", r.Minus20M}, {"wet-bulb 0 °C", r.WetBulbZeroM}} {
		if line.metres == nil {
			fmt.Printf("%-14s not reached in %d levels\n", line.what, r.Levels)
			continue
		}
		fmt.Printf("%-14s %5.0f m above sea level\n", line.what, *line.metres)
	}
	return nil
}
