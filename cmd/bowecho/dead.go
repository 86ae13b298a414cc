package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/spf13/cobra"
)

func deadCommand() *cobra.Command {
	r := &role{}
	var asJSON bool
	cmd := &cobra.Command{Use: "dead", Short: "List, show and save what was set aside"}
	list := &cobra.Command{
		Use: "ls", Short: "List what was set aside, and why", Example: "  bowecho dead ls -c bowecho.yaml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return r.withDead(cmd.Context(), "", func(_ *stream.Client, letters []*event.Dead) error {
				if asJSON {
					return writeJSON("-", letters)
				}
				return printDead(letters)
			})
		},
	}
	list.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	show := &cobra.Command{
		Use: "show ID", Short: "Show one, whole", Args: cobra.ExactArgs(1), Example: "  bowecho dead show 3f2a -c bowecho.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			return r.withDead(cmd.Context(), args[0], func(_ *stream.Client, letters []*event.Dead) error {
				return writeJSON("-", letters[0])
			})
		},
	}
	save := &cobra.Command{
		Use: "save ID FILE", Short: "Write what it held to a file", Args: cobra.ExactArgs(2), Example: "  bowecho dead save 3f2a broken.netcdf.gz",
		RunE: func(cmd *cobra.Command, args []string) error {
			return r.withDead(cmd.Context(), args[0], func(client *stream.Client, letters []*event.Dead) error {
				data, err := client.DeadBytes(cmd.Context(), letters[0])
				if err != nil {
					return err
				}
				return os.WriteFile(args[1], data, 0o644)
			})
		},
	}
	cmd.AddCommand(list, show, save)
	cmd.PersistentFlags().StringVarP(&r.configFile, "config", "c", "", "YAML file; nats.url names the server, or the variable "+urlVariable)
	return cmd
}

// withDead hands the dead letters whose id begins so to a function: all of them without an id, exactly one with it.
func (r *role) withDead(ctx context.Context, id string, use func(*stream.Client, []*event.Dead) error) error {
	_, client, err := r.connect(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	var letters []*event.Dead
	err = client.Each(ctx, stream.DeadBox, "", time.Time{}, func(m stream.Message) error {
		d, err := event.Decode[event.Dead](m.Data)
		if err == nil && strings.HasPrefix(d.ID, id) {
			letters = append(letters, d)
		}
		return err
	})
	if err != nil {
		return err
	}
	if id != "" && len(letters) != 1 {
		return fmt.Errorf("%d dead letters have an id that begins with %q, want 1; `bowecho dead ls` lists them", len(letters), id)
	}
	return use(client, letters)
}

func printDead(letters []*event.Dead) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tTIME\tSTAGE\tBYTES\tNAME\tREASON")
	for _, d := range letters {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\n", d.ID[:8], d.Time.Format(time.DateTime), d.Stage, d.Size, d.Name, d.Reason)
	}
	return w.Flush()
}
