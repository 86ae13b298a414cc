package main

import (
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"bowecho/ingest"
	"bowecho/ingest/warning"

	"github.com/spf13/cobra"
)

func warningsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "warnings FILE",
		Short:   "Tell what warnings are in a file: CAP 1.2, GeoJSON as of api.weather.gov, or text of the NWS",
		Example: "  bowecho warnings active.json\n  bowecho warnings --json KFWD.xml",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			b, err := ingest.DecodeWarnings(args[0], data)
			if err != nil {
				return err
			}
			for i := range b.Warnings {
				b.Warnings[i].File = filepath.Base(args[0])
			}
			if asJSON {
				return writeJSON("-", b)
			}
			return printWarnings(b)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func printWarnings(b *warning.Bulletin) error {
	kind := "messages"
	if b.List {
		kind = "a list of all that hold"
	}
	fmt.Printf("%s, %s: %d warnings\n", b.Format, kind, len(b.Warnings))
	for _, flaw := range b.Flaws {
		fmt.Println("flaw:", flaw)
	}
	const clock = "2006-01-02 15:04Z"
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "EVENT\tSTATUS\tSEVERITY\tFROM\tTO\tENDED\tAREA\tID")
	for _, m := range b.Warnings {
		ended, area := "–", "–"
		if !m.Ended.IsZero() {
			ended = m.Reason
		}
		if m.Area != nil {
			area = m.Area.Type
		} else if len(m.Codes) > 0 {
			area = fmt.Sprintf("%d codes", len(m.Codes))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", m.Event, m.Status, m.Severity, m.Onset.Format(clock), m.Expires.Format(clock), ended, area, m.ID)
	}
	return w.Flush()
}
