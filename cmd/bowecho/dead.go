package main

import (
	"cmp"
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
	var box deadBox
	var asJSON bool
	cmd := &cobra.Command{Use: "dead", Short: "List, show and save what was set aside"}
	list := &cobra.Command{
		Use: "ls", Short: "List what was set aside, and why", Example: "  bowecho dead ls -c bowecho.yaml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return box.open(cmd.Context(), "", func(_ *stream.Client, letters []*event.Dead) error {
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
			return box.open(cmd.Context(), args[0], func(_ *stream.Client, letters []*event.Dead) error {
				return writeJSON("-", letters[0])
			})
		},
	}
	save := &cobra.Command{
		Use: "save ID FILE", Short: "Write what it held to a file", Args: cobra.ExactArgs(2), Example: "  bowecho dead save 3f2a broken.netcdf.gz",
		RunE: func(cmd *cobra.Command, args []string) error {
			return box.open(cmd.Context(), args[0], func(client *stream.Client, letters []*event.Dead) error {
				data, err := client.DeadBytes(cmd.Context(), letters[0])
				if err != nil {
					return err
				}
				return os.WriteFile(args[1], data, 0o644)
			})
		},
	}
	cmd.AddCommand(list, show, save)
	cmd.PersistentFlags().StringVarP(&box.config, "config", "c", "", "YAML file")
	cmd.PersistentFlags().StringVar(&box.data, "data", "", "data directory, of a running bowecho or a stopped one (default: the config's)")
	return cmd
}

// deadBox is where dead letters lie.
type deadBox struct{ config, data string }

// open hands the dead letters whose id begins so to a function: all of them without an id, exactly one with it.
func (b *deadBox) open(ctx context.Context, id string, use func(*stream.Client, []*event.Dead) error) error {
	cfg, err := loadConfig(b.config)
	if err != nil {
		return err
	}
	cfg.Data = cmp.Or(b.data, cfg.Data)
	c, err := openAny(ctx, cfg)
	if err != nil {
		return err
	}
	defer c.close()
	var letters []*event.Dead
	err = c.client.Each(ctx, stream.DeadBox, "", time.Time{}, func(m stream.Message) error {
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
	return use(c.client, letters)
}

func printDead(letters []*event.Dead) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tTIME\tSTAGE\tBYTES\tNAME\tREASON")
	for _, d := range letters {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\n", d.ID[:8], d.Time.Format(time.DateTime), d.Stage, d.Size, d.Name, d.Reason)
	}
	return w.Flush()
}
