package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"bowecho/internal/event"
	"bowecho/internal/portal/board"

	"github.com/spf13/cobra"
)

func budgetCommand() *cobra.Command {
	var look onlooker
	cmd := &cobra.Command{
		Use: "budget", Short: "Tell what workers have cost in this period, what they will, and what remains",
		Long: "Tell what workers have cost in this period, what they will, and what remains, by chain and cloud.\n\n" +
			"The forecast is what is spent, and for the rest of the period what the workers of now cost for one hour more, and\n" +
			"after that the mean since the period before this one began.",
		Example: "  bowecho budget\n  bowecho budget --portal http://radar.example.org:8080 --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return look.open(cmd.Context(), func(ctx context.Context, v *view) error {
				state, err := get[board.State](ctx, v, "/v1/state", nil)
				switch {
				case err != nil:
					return err
				case state.Spending == nil:
					return errors.New("nothing has been counted yet: no dispatcher has run on this system")
				case look.asJSON:
					return writeJSON("-", state.Spending)
				}
				return printSpending(os.Stdout, *state.Spending)
			})
		},
	}
	look.register(cmd)
	return cmd
}

func printSpending(out io.Writer, s event.Spending) error {
	const minute = "2006-01-02 15:04Z"
	fmt.Fprintf(out, "This %s, from %s until %s, as of %s", s.Period, s.From.Format(minute), s.Until.Format(minute), s.Time.Format("15:04:05Z"))
	if s.Counted.After(s.From) {
		fmt.Fprintf(out, "; counted since %s", s.Counted.Format(minute))
	}
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "CHAIN\tCLOUD\tWORKERS\tWORKER-HOURS\tSPENT\tFORECAST\t")
	workers := 0
	for _, row := range s.Rows {
		fmt.Fprintf(w, "%s\t%s\t%d\t%.3f\t%.4f\t%.4f\t\n", row.Chain, row.Cloud, row.Workers, row.Seconds/3600, row.Spent, row.Forecast)
		workers += row.Workers
	}
	fmt.Fprintf(w, "all\t\t%d\t%.3f\t%.4f\t%.4f\t\n", workers, s.Seconds/3600, s.Spent, s.Forecast)
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nnow %.4f an hour, on average %.4f\n", s.PerHour, s.MeanPerHour)
	if s.Limit > 0 {
		fmt.Fprintf(out, "spent %.1f %% of %.4g; %.4f remain, and %.4f if the forecast comes true\n", 100*s.Spent/s.Limit, s.Limit, s.Remaining, s.Limit-s.Forecast)
	} else {
		fmt.Fprintln(out, "there is no limit; dispatcher.budget.limit of the config sets one")
	}
	for _, l := range s.Limits {
		fmt.Fprintf(out, "%s: spent %.1f %% of its own limit of %.4g\n", l.Chain, 100*l.Spent/l.Limit, l.Limit)
	}
	if len(s.Refused) > 0 {
		fmt.Fprintf(out, "BUDGET SPENT: nothing is ordered of %s until %s, or until the limit is raised\n", strings.Join(s.Refused, ", "), s.Until.Format(minute))
	}
	return nil
}
