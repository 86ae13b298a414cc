package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"bowecho/dispatcher/fleet"
	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/spf13/cobra"
)

func fleetClouds() *cobra.Command {
	var configFile, data string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "clouds", Short: "Show how each cloud stands, and what it has of each chain's workers",
		Example: "  bowecho fleet clouds -c bowecho.yaml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(configFile)
			if err != nil {
				return err
			}
			cfg.Data = cmp.Or(data, cfg.Data)
			c, err := openAny(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			defer c.close()
			clouds, err := cloudsNow(cmd.Context(), c.client)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON("-", clouds)
			}
			return printClouds(clouds)
		},
	}
	cmd.Flags().StringVarP(&configFile, "config", "c", "", "YAML file")
	cmd.Flags().StringVar(&data, "data", "", "data directory, of a running bowecho or a stopped one (default: the config's)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// cloudNow is how a cloud stands, as was last told.
type cloudNow struct {
	Cloud  string                 `json:"cloud"`
	State  string                 `json:"state"`
	Since  time.Time              `json:"since"`
	Reason string                 `json:"reason"`
	Chains map[string]fleet.Share `json:"chains"`
}

// cloudsNow reads what was last told of each cloud and of each chain's workers, sorted by cloud.
func cloudsNow(ctx context.Context, client *stream.Client) ([]*cloudNow, error) {
	found := map[string]*cloudNow{}
	of := func(name string) *cloudNow {
		if found[name] == nil {
			found[name] = &cloudNow{Cloud: name, Chains: map[string]fleet.Share{}}
		}
		return found[name]
	}
	read := func(kind string, use func(*event.Decision) error) error {
		return client.Each(ctx, stream.Events, "event."+kind+".>", time.Time{}, func(m stream.Message) error {
			d, err := event.Decode[event.Decision](m.Data)
			if err == nil {
				err = use(d)
			}
			return err
		})
	}
	err := read(event.CloudChange, func(d *event.Decision) error {
		c := of(d.Subj)
		c.State, c.Since, c.Reason = d.Value, d.Time, d.Reason
		return nil
	})
	if err == nil {
		err = read(event.FleetStatus, func(d *event.Decision) error {
			var shares map[string]fleet.Share
			text, err := json.Marshal(d.Inputs["clouds"])
			if err == nil {
				err = json.Unmarshal(text, &shares)
			}
			for name, share := range shares {
				of(name).Chains[d.Subj] = share
			}
			return err
		})
	}
	list := slices.SortedFunc(maps.Values(found), func(a, b *cloudNow) int { return cmp.Compare(a.Cloud, b.Cloud) })
	return list, err
}

func printClouds(clouds []*cloudNow) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "CLOUD\tSTATE\tSINCE\tCHAIN\tALIVE\tASKED\tREADY IN\tPRICE/H\tWHY")
	for _, c := range clouds {
		fmt.Fprintf(w, "%s\t%s\t%s\t\t\t\t\t\t%s\n", c.Cloud, c.State, c.Since.Local().Format(time.DateTime), c.Reason)
		for _, chain := range slices.Sorted(maps.Keys(c.Chains)) {
			s := c.Chains[chain]
			fmt.Fprintf(w, "\t\t\t%s\t%d\t%d\t%s\t%g\t%s\n", chain, s.Alive, s.Asked, orDash(fmt.Sprintf("%.1fs", s.ReadySeconds), s.ReadySeconds > 0), s.PricePerHour, s.Full)
		}
	}
	return w.Flush()
}
