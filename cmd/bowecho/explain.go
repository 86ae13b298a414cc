package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/explain"

	"github.com/spf13/cobra"
)

func explainCommand() *cobra.Command {
	var look onlooker
	var kind string
	var since time.Duration
	var limit int
	cmd := &cobra.Command{
		Use: "explain [KIND [ID|SUBJECT|latest]]", Short: "Tell of a decision by which rule and from which values it was made, what led to it and what followed",
		Long: "Tell of a decision by which rule and from which values it was made, what led to it and what followed.\n" +
			"Without a kind the last decisions are listed.\n\n" +
			"KIND is one of " + strings.Join(explain.All(), ", ") + ".\n" +
			"ID is the beginning of a decision's id, or of its order's; SUBJECT, like a chain or a domain, stands for the last on it.",
		Example: "  bowecho explain                       the decisions of the last hour\n" +
			"  bowecho explain --kind order --since 5m\n" +
			"  bowecho explain order 3f2a91           from which files it came, and what became of it\n" +
			"  bowecho explain scaling mosaic         why the chain has as many workers as it has",
		Args: cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return look.open(cmd.Context(), func(ctx context.Context, v *view) error {
				if len(args) > 0 {
					return explainOne(ctx, v, args, look.asJSON)
				}
				list, err := get[[]*event.Decision](ctx, v, "/v1/decisions", url.Values{
					"kind": {kind}, "since": {time.Now().Add(-since).UTC().Format(time.RFC3339)}, "limit": {strconv.Itoa(limit)},
				})
				switch {
				case err != nil:
					return err
				case look.asJSON:
					return writeJSON("-", list)
				}
				return printDecisions(os.Stdout, list, since)
			})
		},
	}
	look.register(cmd)
	cmd.Flags().StringVar(&kind, "kind", "", "list only this kind (default: all but the most frequent)")
	cmd.Flags().DurationVar(&since, "since", time.Hour, "list those of so long")
	cmd.Flags().IntVar(&limit, "limit", 100, "list so many of them, the newest, 500 at most")
	return cmd
}

func explainOne(ctx context.Context, v *view, args []string, asJSON bool) error {
	query := url.Values{}
	if len(args) > 1 {
		query.Set("of", args[1])
	}
	x, err := get[explain.Explanation](ctx, v, "/v1/explain/"+url.PathEscape(args[0]), query)
	switch {
	case err != nil:
		return err
	case asJSON:
		return writeJSON("-", x)
	}
	_, err = fmt.Print(x.Text())
	return err
}

func printDecisions(out io.Writer, list []*event.Decision, since time.Duration) error {
	if len(list) == 0 {
		_, err := fmt.Fprintf(out, "nothing was decided in the last %v; --since 24h looks further back\n", since)
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "TIME\tKIND\tID\tSUBJECT\tDOMAIN\tDECIDED\tREASON")
	for _, d := range list {
		id, change := d.ID, d.Value
		if d.Kind == event.OrderMade {
			id, change = d.Value, "ordered"
		} else if d.Was != "" {
			change = d.Was + " → " + d.Value
		}
		fmt.Fprintf(w, "%s\t%s\t%.8s\t%s\t%s\t%s\t%s\n", d.Time.UTC().Format("01-02 15:04:05"), d.Kind, id, d.Subj, d.Domain, change, d.Reason)
	}
	return w.Flush()
}
