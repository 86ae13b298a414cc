// Command bowecho runs a weather-radar operations system: radar files in, nowcasts, areas and alerts out.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"bowecho/internal/release"

	"github.com/spf13/cobra"
)

// Exit codes: what was asked for could not be done, or could not be understood.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := root().ExecuteContext(ctx)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "bowecho:", err)
	if isUsage(err) {
		os.Exit(exitUsage)
	}
	os.Exit(exitFailed)
}

// isUsage tells errors of the command line and the config. Some of cobra's have no type of their own.
func isUsage(err error) bool {
	var usage usageError
	return errors.As(err, &usage) || strings.HasPrefix(err.Error(), "required flag(s)") || strings.HasPrefix(err.Error(), "unknown command")
}

// usageError is one of the command line or the config rather than of the work.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "bowecho",
		Short:         "Weather-radar operations: radar files in, nowcasts, areas and alerts out",
		Version:       release.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cmd.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see `%s --help`", err, c.CommandPath())}
	})
	cmd.AddCommand(
		runCommand(), replayCommand(), simulateCommand(), topCommand(), budgetCommand(), explainCommand(),
		ingestCommand(), dispatchCommand(), workCommand(), alertsCommand(), portalCommand(),
		scanCommand(), warningsCommand(), qualityCommand(), mosaicCommand(), nowcastCommand(), probabilityCommand(), contourCommand(), pictureCommand(),
		soundingCommand(), fleetCommand(), deadCommand(), triggersCommand(), sendCommand(), decodeHDF5Command(),
	)
	for _, c := range cmd.Commands() {
		c.Args = usageArgs(c.Args)
	}
	return cmd
}

// usageArgs makes a wrong number of arguments an error of usage.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	if check == nil {
		check = cobra.NoArgs
	}
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usageError{fmt.Errorf("%w; see `%s --help`", err, c.CommandPath())}
		}
		return nil
	}
}

func newLogger(quiet bool) *slog.Logger {
	level := slog.LevelInfo
	if quiet {
		level = slog.LevelWarn
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
