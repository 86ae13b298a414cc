package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"bowecho/internal/config"

	"github.com/spf13/cobra"
)

func triggersCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "triggers",
		Short:   "Check, test and try out what the weather calls for",
		Example: "  bowecho triggers check -c bowecho.yaml\n  bowecho triggers test deploy/config/triggers_test.yaml\n  bowecho triggers replay recordings/2017-03-29 -c bowecho.yaml --against other.yaml",
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(triggersCheckCommand(), triggersTestCommand(), triggersReplayCommand())
	for _, c := range cmd.Commands() {
		c.Args = usageArgs(c.Args)
	}
	return cmd
}

// checked is what `triggers check` tells as JSON.
type checked struct {
	OK       bool               `json:"ok"`
	Faults   []fault            `json:"faults"`
	Triggers []describedTrigger `json:"triggers"`
}

type fault struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Text   string `json:"text"`
}

type describedTrigger struct {
	Name  string   `json:"name"`
	Needs []string `json:"needs"` // names of which it needs data
	Opens []string `json:"opens"`
}

func triggersCheckCommand() *cobra.Command {
	var file string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "check",
		Short:   "Tell all that is wrong with a config, with line and column, or what its triggers need and open",
		Example: "  bowecho triggers check -c bowecho.yaml",
		RunE: func(*cobra.Command, []string) error {
			cfg, err := loadConfig(file)
			if asJSON {
				if err := writeJSON("-", checkedConfig(cfg, err)); err != nil {
					return err
				}
				if faults := config.Faults(err); len(faults) > 0 {
					return usageError{fmt.Errorf("%d mistakes", len(faults))}
				}
				return nil
			}
			if err != nil {
				return err
			}
			return printTriggers(checkedConfig(cfg, nil))
		},
	}
	cmd.Flags().StringVarP(&file, "config", "c", "", "YAML file; without one the defaults are checked")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// checkedConfig gives what is wrong with a config, or its triggers.
func checkedConfig(cfg Config, err error) checked {
	c := checked{OK: err == nil, Faults: []fault{}, Triggers: []describedTrigger{}}
	var usage usageError
	if errors.As(err, &usage) {
		err = usage.error
	}
	for _, f := range config.Faults(err) {
		c.Faults = append(c.Faults, fault{f.File, f.Line, f.Column, f.Err.Error()})
	}
	if err != nil {
		return c
	}
	needs, _ := cfg.Dispatcher.Needs() // which has been checked
	for _, rule := range cfg.Dispatcher.Triggers {
		c.Triggers = append(c.Triggers, describedTrigger{rule.Name, needs[rule.Name], rule.Opens})
	}
	return c
}

func printTriggers(c checked) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "trigger\tneeds\topens")
	for _, t := range c.Triggers {
		fmt.Fprintf(w, "%s\t%s\t%s\n", t.Name, strings.Join(t.Needs, ", "), strings.Join(t.Opens, ", "))
	}
	return w.Flush()
}

// sortedKeys gives the keys of maps together, sorted.
func sortedKeys[V any](all ...map[string]V) (keys []string) {
	for _, m := range all {
		keys = slices.AppendSeq(keys, maps.Keys(m))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
