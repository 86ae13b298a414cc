package main

import "github.com/spf13/cobra"

func fleetCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "fleet", Short: "Look at the workers, and try out how they are scaled"}
	cmd.AddCommand(fleetSimulateCommand())
	return cmd
}
