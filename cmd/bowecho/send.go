package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"bowecho/ingest/source"
	"bowecho/ingest/source/subject"

	"github.com/spf13/cobra"
)

func sendCommand() *cobra.Command {
	var configFile, data, to string
	cmd := &cobra.Command{
		Use: "send FILE...", Short: "Send files to a bowecho that reads a NATS subject", Args: cobra.MinimumNArgs(1),
		Example: "  bowecho send KFWS20190609_222523_V06 --to files.dfw -c bowecho.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := source.CheckSubject(to); err != nil {
				return usageError{err}
			}
			cfg, err := loadConfig(configFile)
			if err != nil {
				return err
			}
			cfg.Data = cmp.Or(data, cfg.Data)
			return send(cmd.Context(), cfg, to, args)
		},
	}
	cmd.Flags().StringVarP(&configFile, "config", "c", "", "YAML file; nats.url names the server")
	cmd.Flags().StringVar(&data, "data", "", "data directory, of a running bowecho or a stopped one (default: the config's)")
	cmd.Flags().StringVar(&to, "to", "", "the subject, like files.dfw")
	require(cmd, "to")
	return cmd
}

func send(ctx context.Context, cfg Config, to string, paths []string) error {
	c, err := openAny(ctx, cfg)
	if err != nil {
		return err
	}
	defer c.close()
	for _, path := range paths {
		content, err := readFile(path)
		if err != nil {
			return err
		}
		again, err := subject.Send(ctx, c.client, to, filepath.Base(path), content)
		if err != nil {
			return err
		}
		if again {
			fmt.Fprintf(os.Stderr, "%s was sent before\n", path)
		}
	}
	return nil
}

// readFile reads no more of a file than is taken.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, source.MaxBytes+1))
}
