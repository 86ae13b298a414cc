package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"bowecho/internal/event"

	"github.com/spf13/cobra"
)

func fleetCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "fleet", Short: "Show what is processed, and by whom; try out how workers are scaled"}
	cmd.AddCommand(fleetChains(), fleetClouds(), fleetSimulateCommand())
	return cmd
}

func fleetChains() *cobra.Command {
	var configFile string
	var asJSON, asDOT bool
	cmd := &cobra.Command{
		Use: "chains", Short: "Show the chains as a graph: what each is ordered on, what it makes, and who goes on from there",
		Example: `  bowecho fleet chains -c bowecho.yaml
  bowecho fleet chains -c bowecho.yaml --dot | dot -Tsvg > chains.svg`,
		RunE: func(*cobra.Command, []string) error {
			if asJSON && asDOT {
				return usageError{errors.New("--json and --dot are both given, want one")}
			}
			cfg, err := loadConfig(configFile)
			if err != nil {
				return err
			}
			steps := cfg.Dispatcher.Steps()
			switch {
			case asJSON:
				return writeJSON("-", steps)
			case asDOT:
				return printDOT(os.Stdout, steps)
			}
			return printSteps(os.Stdout, steps)
		},
	}
	cmd.Flags().StringVarP(&configFile, "config", "c", "", "YAML file; without one the defaults")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.Flags().BoolVar(&asDOT, "dot", false, "in the language of Graphviz")
	return cmd
}

// printSteps prints chains as a tree, each below the one that makes what it is ordered on.
func printSteps(to io.Writer, steps []event.Step) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CHAIN\tWORKER\tON\tMAKES\tPRIORITY\tDEADLINE\tIN HAND\tESSENTIAL\tOPENED BY")
	var branch func(from, indent string)
	branch = func(from, indent string) {
		below := after(steps, from)
		for i, s := range below {
			sign, next := "├─ ", "│  "
			if i == len(below)-1 {
				sign, next = "└─ ", "   "
			}
			if from == "" {
				sign, next = "", ""
			}
			fmt.Fprintf(table, "%s%s%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", indent, sign, s.Chain, s.Worker, news(s), list(s.Makes, "nothing"),
				s.Priority, orDash(seconds(s.DeadlineSeconds), s.DeadlineSeconds > 0), inHand(s), map[bool]string{true: "yes", false: "no"}[s.Essential],
				list(s.Triggers, "no trigger"))
			branch(s.Chain, indent+next)
		}
	}
	branch("", "")
	return table.Flush()
}

// after gives the steps that are ordered on what a chain makes.
func after(steps []event.Step, chain string) (below []event.Step) {
	for _, s := range steps {
		if s.From == chain {
			below = append(below, s)
		}
	}
	return below
}

// news says on what a chain is ordered, and how often.
func news(s event.Step) string {
	switch {
	case s.EverySeconds > 0:
		return s.Takes + ", one each " + seconds(s.EverySeconds)
	case s.EveryN > 1:
		return fmt.Sprintf("%s, each %d.", s.Takes, s.EveryN)
	}
	return s.Takes
}

func inHand(s event.Step) string {
	return orDash(fmt.Sprintf("%d a %s", s.Most, cmp.Or(s.Per, "chain")), s.Most > 0)
}

func orDash(text string, known bool) string {
	if !known {
		return "-"
	}
	return text
}

func list(names []string, none string) string { return cmp.Or(strings.Join(names, ", "), none) }

// seconds writes a duration without what is nothing: 1m30s, and 1m for 1m0s.
func seconds(s float64) string {
	text := time.Duration(s * float64(time.Second)).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	return text
}

// printDOT prints chains in the language of Graphviz. What nobody goes on from ends in a product.
func printDOT(to io.Writer, steps []event.Step) error {
	var b strings.Builder
	b.WriteString("digraph chains {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n  \"scan\" [shape=ellipse];\n")
	fed := map[string]bool{}
	for _, s := range steps {
		fed[s.Takes] = true
	}
	for _, s := range steps {
		fmt.Fprintf(&b, "  %q [label=%q];\n", "chain "+s.Chain, fmt.Sprintf("%s\npriority %d", s.Chain, s.Priority))
		from := "scan"
		if s.From != "" {
			from = "chain " + s.From
		}
		fmt.Fprintf(&b, "  %q -> %q [label=%q];\n", from, "chain "+s.Chain, news(s))
		for _, kind := range s.Makes {
			if !fed[kind] {
				fmt.Fprintf(&b, "  %q [shape=ellipse];\n  %q -> %q;\n", kind, "chain "+s.Chain, kind)
			}
		}
	}
	b.WriteString("}\n")
	_, err := io.WriteString(to, b.String())
	return err
}
