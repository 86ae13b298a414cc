package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"bowecho/ingest"
	"bowecho/ingest/source"
	"bowecho/internal/event"
	"bowecho/internal/stream"

	"github.com/spf13/cobra"
)

func deadCommand() *cobra.Command {
	var box deadBox
	cmd := &cobra.Command{Use: "dead", Short: "List, show, save and replay what was set aside"}
	cmd.AddCommand(deadList(&box), deadShow(&box), deadSave(&box), deadReplay(&box))
	cmd.PersistentFlags().StringVarP(&box.config, "config", "c", "", "YAML file")
	cmd.PersistentFlags().StringVar(&box.data, "data", "", "data directory, of a running bowecho or a stopped one (default: the config's)")
	return cmd
}

func deadList(box *deadBox) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "ls", Short: "List what was set aside, and why", Example: "  bowecho dead ls -c bowecho.yaml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return box.open(cmd.Context(), "", func(_ *stream.Client, letters []letter) error {
				if asJSON {
					return writeJSON("-", letters)
				}
				return printDead(letters)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func deadShow(box *deadBox) *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show one, whole", Args: cobra.ExactArgs(1), Example: "  bowecho dead show 3f2a -c bowecho.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			return box.open(cmd.Context(), args[0], func(_ *stream.Client, letters []letter) error {
				return writeJSON("-", letters[0])
			})
		},
	}
}

func deadSave(box *deadBox) *cobra.Command {
	return &cobra.Command{
		Use: "save ID FILE", Short: "Write what it held to a file", Args: cobra.ExactArgs(2), Example: "  bowecho dead save 3f2a broken.netcdf.gz",
		RunE: func(cmd *cobra.Command, args []string) error {
			return box.open(cmd.Context(), args[0], func(client *stream.Client, letters []letter) error {
				data, err := client.DeadBytes(cmd.Context(), letters[0].Dead)
				if err != nil {
					return err
				}
				return os.WriteFile(args[1], data, 0o644)
			})
		},
	}
}

func deadReplay(box *deadBox) *cobra.Command {
	return &cobra.Command{
		Use: "replay ID", Short: "Try again what was set aside, and strike it off the list where it is taken", Args: cobra.ExactArgs(1),
		Long: "Try again what was set aside, for example after an update that reads it. A file is decoded here and announced;\n" +
			"a message goes back to where it came from. What still cannot be used stays on the list.",
		Example: "  bowecho dead replay 3f2a -c bowecho.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			return box.open(cmd.Context(), args[0], func(client *stream.Client, letters []letter) error {
				if err := replayLetter(cmd.Context(), client, letters[0]); err != nil {
					return err
				}
				return client.Unbury(cmd.Context(), letters[0].sequence)
			})
		},
	}
}

func replayLetter(ctx context.Context, client *stream.Client, l letter) error {
	if l.Key == "" {
		return client.Resend(ctx, l.Dead)
	}
	data, err := client.DeadBytes(ctx, l.Dead)
	if err != nil {
		return err
	}
	service, err := ingest.New(ctx, ingest.DefaultConfig(), client, newLogger(false))
	if err != nil {
		return err
	}
	return service.Take(ctx, source.File{Name: l.Name, Data: data, Seen: time.Now()})
}

// letter is a dead letter and where it lies on DEAD.
type letter struct {
	*event.Dead
	sequence uint64
}

// deadBox is where dead letters lie.
type deadBox struct{ config, data string }

// open hands the dead letters whose id begins so to a function: all of them without an id, exactly one with it.
func (b *deadBox) open(ctx context.Context, id string, use func(*stream.Client, []letter) error) error {
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
	letters := []letter{}
	err = c.client.Each(ctx, stream.DeadBox, "", time.Time{}, func(m stream.Message) error {
		d, err := event.Decode[event.Dead](m.Data)
		if err == nil && strings.HasPrefix(d.ID, id) {
			letters = append(letters, letter{d, m.Sequence})
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

func printDead(letters []letter) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tTIME\tSTAGE\tBYTES\tNAME\tREASON")
	for _, d := range letters {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\n", d.ID[:8], d.Time.Format(time.DateTime), d.Stage, d.Size, d.Name, d.Reason)
	}
	return w.Flush()
}
